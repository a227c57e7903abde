"""Reasons for what looks wrong and stays: kept in the page's history with who, when, and which words.

A reason holds for these words on this page, wherever they are moved on it. Other words ask again.
"""

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter, log
from wagtail.models import Page, PageLogEntry

from home.cms.gate.problems import Problem, Severity

GIVEN = "home.reason_given"
LONGEST = 300  # characters


def given(page: Page) -> dict[str, str]:
    """Return the reasons given on a page, by what each is for; an alias has those of its source."""
    keys = [key for key in (page.pk, page.alias_of_id) if key]
    if not keys:
        return {}
    entries = PageLogEntry.objects.filter(page_id__in=keys, action=GIVEN).order_by("timestamp", "pk")
    return {data["key"]: data["reason"] for data in entries.values_list("data", flat=True)}


def unanswered(page: Page, found: list[Problem]) -> list[Problem]:
    """Return the same problems without those that a reason was given for."""
    if not any(problem.severity is Severity.ASKS for problem in found):
        return found
    known = given(page)
    return [problem for problem in found if problem.severity is not Severity.ASKS or problem.key not in known]


def give(page: Page, reasons: dict[Problem, str], *, by: Any) -> None:
    """Keep a reason for each of these problems of the page, in its history."""
    revision = page.get_latest_revision()
    for problem, reason in reasons.items():
        log(
            instance=page,
            action=GIVEN,
            user=by,
            revision=revision,
            data={
                "key": problem.key,
                "code": problem.code,
                "words": str(problem.values.get("words", "")),
                "reason": reason,
            },
        )


def box_of(problem: Problem) -> str:
    """Return the name of the box for its reason: of the words, not of the place, which changes while the form
    is open.
    """
    return f"reason_{hashlib.sha256(problem.key.encode()).hexdigest()[:12]}"


class ReasonsForm(forms.Form):
    """A reason for each kind of words that asks for one; the same words once, wherever they are."""

    def __init__(self, found: list[Problem], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = {problem.key: problem for problem in found if problem.severity is Severity.ASKS}
        for problem in self.asked.values():
            self.fields[box_of(problem)] = forms.CharField(
                label=problem.sentence,
                max_length=LONGEST,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, words in list(cleaned.items()):
            if words and not any(letter.isalpha() for letter in words):
                self.add_error(name, _("Enter a reason in words."))
        known = {box_of(problem) for problem in self.asked.values()}
        if any(name.startswith("reason_") and name not in known and self.data[name] for name in self.data):
            self.add_error(None, _("The text has changed meanwhile. Look at what is asked now."))
        if not self.errors and not any(cleaned.values()):
            self.add_error(None, _("Enter at least one reason, or correct the text."))
        return cleaned

    def reasons(self) -> dict[Problem, str]:
        """Return the reasons that were written."""
        said = self.cleaned_data
        return {one: said[box_of(one)] for one in self.asked.values() if said[box_of(one)]}


class ReasonFormatter(LogFormatter):
    """Says in the history which words stay, and why."""

    label = gettext_lazy("Reason given")

    def format_message(self, log_entry: PageLogEntry) -> str:
        return _("“%(words)s” stays: %(reason)s") % {
            "words": log_entry.data.get("words", ""),
            "reason": log_entry.data.get("reason", ""),
        }
