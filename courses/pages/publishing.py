"""What keeps a page about a course from being published."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.models import Page

from home.cms.publishing import NotPublishable, judge

WANTED = ("title", "lead")  # what families look for first


@dataclass(frozen=True)
class PageProblem:
    """One thing that is wrong with a page. `field` is empty for a problem of the whole page."""

    field: str
    sentence: str

    @property
    def anchor(self) -> str:
        """Return the end of an address that leads to the field in Wagtail's form; empty without a field."""
        return f"#:w:contentpath={self.field}" if self.field else ""


def problems(page: Page) -> list[PageProblem]:
    """Return what keeps this version of a page from being published; empty if nothing does.

    What every door asks (home.cms.publishing), and the texts without which families cannot choose. Sentences
    are in the active language.
    """
    found: dict[str, list[str]] = {}
    try:
        judge(page)
    except NotPublishable as refusal:
        for name, faults in refusal.error_dict.items():
            own = "" if name == NON_FIELD_ERRORS or not _is_field(page, name) else name
            found.setdefault(own, []).extend(words for fault in faults for words in fault.messages)
    for name in WANTED:
        if not getattr(page, name, name).strip() and name not in found:
            found[name] = [_("This text is missing.")]
    return [PageProblem(name, _said(page, name, words)) for name, faults in found.items() for words in faults]


def _said(page: Page, name: str, words: str) -> str:
    """Return what is wrong, after the name of the field as its form shows it."""
    if not name:
        return words
    label = capfirst(str(getattr(page._meta.get_field(name), "verbose_name", name)))
    return _("%(field)s: %(fault)s") % {"field": label, "fault": words}


def _is_field(page: Any, name: str) -> bool:
    return any(column.name == name for column in page._meta.get_fields())
