"""What is wrong with a page before it is published.

A problem is known by its code. Its sentence is made when it is read, in the reader's language, so that a
problem kept in the evening can be shown in Arabic in the morning. The applications above add their checks
with a receiver of `problems_wanted` and their sentences with `say`.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, cast

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from home.language.dates import date_words
from home.language.isolates import apart
from home.signals import problems_wanted


class Severity(StrEnum):
    """How much a problem weighs."""

    STOPS = "stops"  # the page is not published
    ASKS = "asks"  # published once a reason was given (home.cms.gate.reasons)
    WARNS = "warns"  # shown, no more


LABELS: dict[str, Promise] = {
    Severity.STOPS.value: _("stops publication"),
    Severity.ASKS.value: _("asks for a reason"),
    Severity.WARNS.value: _("to look at"),
}
ORDER = {severity: place for place, severity in enumerate(Severity)}
FORM = "form"  # a fault of the page's form: its sentence is the form's own
A_FIELD = _("This field is empty or wrong.")
WORDS: dict[str, Promise] = {}


def say(words: Mapping[str, Promise]) -> None:
    """Add the sentences of problems, by code. Raises ValueError for a code that has one already."""
    if twice := set(words) & set(WORDS):
        raise ValueError(f"said twice: {sorted(twice)}")
    WORDS.update(words)


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a page.

    field   where it is corrected, as the way to a field of the page's form: "lead", or "body.<id of a
            block>"; empty for a problem of the whole page
    values  what its sentence names; `words` are the words of the page that it is about
    """

    code: str
    severity: Severity
    field: str = ""
    values: dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)

    @property
    def sentence(self) -> str:
        """Return what is wrong and what to do, in the active language."""
        if self.code == FORM:
            return str(self.values.get(f"fault_{get_language()}") or self.values.get("fault") or A_FIELD)
        return str(WORDS[self.code]) % {name: _shown(name, value) for name, value in self.values.items()}

    @property
    def label(self) -> str:
        """Return how much it weighs, in the active language."""
        return str(LABELS[self.severity])

    @property
    def anchor(self) -> str:
        """Return the end of an address that leads to the field in Wagtail's form; empty without a field."""
        return f"#:w:contentpath={self.field}" if self.field else ""

    @property
    def key(self) -> str:
        """Return what a reason is given for: the kind of problem and the words, not their place."""
        return f"{self.code}:{' '.join(str(self.values.get('words', '')).split()).casefold()}"


def _shown(name: str, value: Any) -> str:
    """Return a value as it is read: days in words, what people typed isolated from the sentence around it."""
    if name.endswith("day"):
        return date_words(date.fromisoformat(value))
    return apart(str(value)) if name in {"words", "picture", "page"} else str(value)


def checks(page: Page) -> list[Problem]:
    """Return what the checks find in this version of a page, the gravest first.

    Without the faults of its form, which home.cms.publishing adds. Writes nothing.
    """
    found: list[Problem] = []
    for _receiver, problems in problems_wanted.send(type(page), page=page):
        found += cast(list[Problem], problems)
    return in_order(found)


def in_order(found: list[Problem]) -> list[Problem]:
    """Return the same problems, the gravest first and each once."""
    once = {(problem.code, problem.field, problem.key): problem for problem in found}
    return sorted(once.values(), key=lambda problem: ORDER[problem.severity])
