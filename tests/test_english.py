"""English as a native engineer writes it: a turn of phrase that was met and replaced does not come back.

A rule is a pattern, what to write instead, one example it must find and one it must leave alone. The rules
of SENTENCES hold for what gettext is asked for (screens, emails, labels); those of PROSE for docstrings,
comments and READMEs too.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.extracted import EXTRACTED, extracted

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("academy", "courses", "enrollments", "home")


class Rule(NamedTuple):
    pattern: str
    instead: str
    found: str
    passed: str


SENTENCES = [
    Rule(r"\be-mails?\b", "email", "Your e-mail address", "Your email address"),
    Rule(r"\btelephon(e|es|ed|ing)\b", "phone", "We telephone you.", "We will phone you."),
    Rule(r"\blogins?\b|\blog(ged)? in\b", "sign in", "Your login has ended.", "You have been signed out."),
    Rule(
        r"\bsecond factors?\b", "two-step verification", "Lost second factor?", "Two-step verification lost"
    ),
    Rule(
        r"\bone (may|could|can|still)\b",
        "you can",
        "One could join until Friday.",
        "The last day to join was Friday.",
    ),
    Rule(
        r"\bwho waits?\b",
        "the next child on the waiting list",
        "It goes to the next who waits.",
        "It goes to the next child.",
    ),
    Rule(
        r"\bchild(ren)? waits?\b",
        "on the waiting list",
        "Full: 3 children wait",
        "Full: 3 children on the waiting list",
    ),
    Rule(r"\bnot (be )?held\b", "will not run", "This session is not held.", "This session will not run."),
    Rule(r"\bheld back\b", "reserved", "Held back by the team", "Reserved by the team"),
    Rule(
        r"\b(given|gives?|gave|giving) back\b|\bmoney back\b",
        "refund",
        "Half is given back.",
        "We will refund half.",
    ),
    Rule(
        r"\b(take|takes|taken|took) (it |the withdrawal )?back\b",
        "withdraw, undo, keep",
        "Take it back",
        "Keep the place",
    ),
    Rule(r"\btake[ns]? (a role |the role )?away\b", "remove", "Take a role away", "Remove a role"),
    Rule(
        r"\bfor good\b|\bgone for\b", "permanently", "Erase the file for good", "Permanently delete the file"
    ),
    Rule(r"\beras(e|es|ed|ing)\b", "delete", "Erase my account", "Delete my account"),
    Rule(r"\bat once\b", "now, straight away", "Call us at once.", "Call us now."),
    Rule(r"\bbeg(in|ins|an|un|inning)\b", "start", "The session has begun.", "The session has started."),
    Rule(
        r"\b(it|which|that|name|number|here|there|class|person|sessions?) stands?\b"
        r"|\bstands (in|on|here|there)\b",
        "is shown, is listed",
        "The number that stands here",
        "The number shown here",
    ),
    Rule(
        r"(^|[.:] )[Nn]oted\b",
        "We have saved",
        "Noted: Adam will not come.",
        "We have recorded that Adam will not come.",
    ),
    Rule(
        r"\b(is|are) told by letter\b|\bby letter\b",
        "by email",
        "The guardians are told by letter.",
        "We will email the guardians.",
    ),
    Rule(r"\bletters?\b(?!s?, )", "email, message", "Letters go to", "We send emails to"),
    Rule(r"\bclockwork\b|\bfurnish\b", "scheduled jobs; load the data", "The clockwork", "Scheduled jobs"),
    Rule(r"\b[Ee]mpty: ", "Leave empty to", "Empty: everywhere.", "Leave empty if it applies everywhere."),
    Rule(r"\bran out\b|\bis over\b", "expired, has ended", "This offer is over", "This offer has ended"),
    Rule(
        r"\b(your|take (back )?my) yes\b|\bmy yes\b",
        "consent, agree",
        "Take my yes back",
        "Withdraw my agreement",
    ),
    Rule(
        r"\ban own\b|\bin a house\b|\bin the house\b|\bdoors?\b",
        "their own; on site; the thing itself",
        "Brings an own laptop",
        "Brings their own laptop",
    ),
    Rule(
        r"\byou answer for\b|\banswers for\b",
        "is a guardian of",
        "You answer for one of them.",
        "You are a guardian on one of them.",
    ),
    Rule(
        r"\bsix figures\b|\bfour figures\b|\bfigures\b",
        "digits",
        "Write the six figures.",
        "Enter the 6 digits.",
    ),
    Rule(r"\bput together\b|\bone file of the two\b", "merge", "Two files put together", "Two files merged"),
    Rule(
        r"\b(is|are|lies?) behind\b",
        "out of date",
        "Translations that are behind",
        "Out-of-date translations",
    ),
    Rule(r"\btill\b", "payments, until", "Till", "Payments"),
    Rule(
        r"^(Say|Write) (who|whose|why|which|the|a|at|what)\b(?! new)",
        "Enter, Choose",
        "Say who signed.",
        "Enter who signed.",
    ),
    Rule(
        r"\bring(s|ing)? back\b|\brung back\b|\bwill ring\b",
        "call back",
        "Ring back the number.",
        "Call back the number.",
    ),
    Rule(
        r"\bidentity paper\b|\bpaper you have seen\b",
        "identity document",
        "Look at an identity paper.",
        "Check an identity document.",
    ),
    Rule(r"\bby itself\b", "automatically", "It follows by itself.", "It will update automatically."),
    Rule(
        r"message is with us\b|\ba word from us\b",
        "We have received",
        "Your message is with us.",
        "We have received your message.",
    ),
    Rule(r"\bdemonstration\b", "demo", "Letters of the demonstration", "Emails of the demo"),
    Rule(r"\bfits?\b", "suits, matches", "Show what fits", "Show matching courses"),
    Rule(r"n['’]t\b", "not (no contractions)", "You can't join.", "You cannot join."),
    Rule(
        r"\bdesk\b(?<!front desk)(?<!Instructors' desk)(?<!desk opening)",
        "front desk",
        "Come to the desk.",
        "Come to the front desk.",
    ),
]

PROSE = [
    Rule(r"\bonly writer of\b", "Sole writer of", "The only writer of Letter.", "Sole writer of Letter."),
    Rule(
        r"\bone may\b(?! not)",
        "who can, you can",
        "The sessions one may join.",
        "The sessions a child can join.",
    ),
    Rule(r"\bsaid twice\b", "Idempotent.", "Said twice, it is done once.", "Idempotent."),
    Rule(
        r"\bwho(ever)? waits?\b", "the waiting list", "The first who waits.", "The first on the waiting list."
    ),
    Rule(
        r"\b(our|the|this) house\b",
        "the academy, the project",
        "Every address of the house.",
        "Root URLconf.",
    ),
    Rule(
        r"\b(roof|ground floor|first floor|second floor|floors above)\b",
        "the name of the app",
        "What the ground floor tells.",
        "Signals sent by the home app.",
    ),
    Rule(
        r"\bstands? (already|there|here|on|in|beside|behind|first)\b",
        "is, is shown, exists",
        "What stands there already.",
        "What already exists.",
    ),
    Rule(r"\btelephon", "phone", "Any number of telephones.", "Any number of phones."),
    Rule(r"\be-mail", "email", "An e-mail address.", "An email address."),
    Rule(r"\blog ?ins?\b", "sign-in, session", "Asked at every login.", "Required at every sign-in."),
    Rule(
        r"\bgiv(e|es|en|ing) back\b|\bgave back\b", "refund, give up", "What is given back.", "Refund policy."
    ),
    Rule(r"\bt(a|oo)k(e|en|es)? (it )?back\b", "undo, withdraw", "To take it back.", "Undo a withdrawal."),
    Rule(r"\bfor good\b", "permanently, irrevocably", "Gone for good.", "Permanently deleted."),
    Rule(r"\banew\b", "again", "The row read anew.", "Reload the row."),
    Rule(r"\b(the|one|which|every|its) verbs?\b", "function", "Ask one verb.", "Call one function."),
    Rule(r"\bheld back\b", "reserved", "Places held back.", "Reserved places."),
    Rule(r"\bgets a place\b", "enroll", "Who gets a place.", "Enroll children in sessions."),
    Rule(r"\bputs? together\b", "merge", "Two files put together.", "Merge two files."),
    Rule(r"\btakes? (a role |it )?away\b|\btaken away\b", "remove", "Take a role away.", "Remove a role."),
    Rule(
        r"\bclockwork\b(?<!\.clockwork)(?<!/clockwork)",
        "scheduled jobs",
        "The clockwork sends it.",
        "A scheduled job sends it.",
    ),
    Rule(r"\bthe demonstration\b(?!'s)", "the demo", "Only in the demonstration.", "Only in the demo."),
    Rule(r"\bwhoever\b", "anyone who, the noun", "Whoever has the code.", "Anyone with the code."),
    Rule(r"\bletters? of the login\b", "account message", "A letter of the login.", "An account message."),
    Rule(r"\bmeanwhile\b", "in the meantime, since", "Taken meanwhile.", "Taken in the meantime."),
    Rule(r"\brings? back\b|\brung\b", "call back", "Rung back.", "Called back."),
    Rule(
        r"\bat the press\b|\b(one|the) press of\b",
        "when the button is pressed",
        "Decided by the press of the button.",
        "Decided when the button is pressed.",
    ),
    Rule(
        r"\bsays? the truth\b|\bis the truth\b",
        "is consistent, is authoritative",
        "Whether the places say the truth.",
        "Consistency check of places.",
    ),
    Rule(r"^Whether\b", "Return whether", "Whether it is open.", "Return whether it is open."),
    Rule(r"^Who\b", "Name the thing", "Who looked at what of a child.", "Access log for children's data."),
]


def sentences() -> Iterator[tuple[str, str]]:
    """Every English sentence that gettext is asked for, with the first file that asks."""
    for message in extracted():
        for text in [message.id] if isinstance(message.id, str) else message.id:
            if text:
                yield message.locations[0][0], re.sub(r"%\(\w+\)s", "…", text)


def prose() -> Iterator[tuple[str, str]]:
    """Every docstring and comment of the apps, and every line of the Markdown files at the root,
    with its file.
    """
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        text, where = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield where, " ".join((ast.get_docstring(node) or "").split())
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield where, token.string
    for path in sorted(ROOT.glob("*.md")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.name, line


def found(texts: Iterator[tuple[str, str]], rules: list[Rule]) -> list[str]:
    """One line for each turn of phrase that a rule forbids, with what to write instead."""
    patterns = [(re.compile(rule.pattern, re.I), rule.instead) for rule in rules]
    return [
        f"{where}: {text!r}: write “{instead}”"
        for where, text in texts
        for pattern, instead in patterns
        if pattern.search(text)
    ]


@pytest.mark.parametrize("rule", SENTENCES + PROSE, ids=lambda rule: rule.instead)
def test_each_rule_finds_its_example_and_leaves_the_better_one_alone(rule):
    assert re.search(rule.pattern, rule.found, re.I) and not re.search(rule.pattern, rule.passed, re.I)


@EXTRACTED
def test_screens_and_emails_are_free_of_the_turns_that_were_replaced():
    assert found(sentences(), SENTENCES) == []


def test_docstrings_comments_and_readmes_are_free_of_the_turns_that_were_replaced():
    assert found(prose(), PROSE) == []


@EXTRACTED
def test_every_sentence_of_the_code_is_extracted():
    """Babel leaves out a string in parentheses of its own, without a word (findings/)."""
    calls = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
    modules = [
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    ]
    asked = {
        node.args[0].value: path.relative_to(ROOT).as_posix()
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in calls
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }
    template = extracted()
    assert {text: where for text, where in asked.items() if text not in template} == {}
    assert len(asked) > 1000, "the search sees the sentences there are"
