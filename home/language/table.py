"""The three languages, one row each: everything the code needs to know of a language that settings.LANGUAGES
does not say.

A fourth language is a row here, a line in settings.LANGUAGES, a catalogue and a column of each translated
fact.
"""

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Language:
    """One language of the site."""

    code: str
    direction: Literal["ltr", "rtl"]
    locale: str  # CLDR's, for dates and month names
    taught_in: Promise  # "in French": the language spoken in class
    script: tuple[str, str] | None = (
        None  # ISO 15924 and OpenType tags to shape text with, where a font needs them
    )
    font: str = "latin"  # the half of the web font this language is read in

    @property
    def is_rtl(self) -> bool:
        """Return whether it reads from right to left."""
        return self.direction == "rtl"

    @property
    def attrs(self) -> dict[str, str]:
        """`lang` and `dir` of an HTML element that holds text of this language."""
        return {"lang": self.code, "dir": self.direction}


LANGUAGES = {
    language.code: language
    for language in (
        Language("fr", "ltr", "fr", _("in French")),
        Language("ar", "rtl", "ar_MA", _("in Arabic"), ("arab", "ARA"), "arabic"),
        Language("en", "ltr", "en_GB", _("in English")),
    )
}
DEFAULT = LANGUAGES["fr"]


def language(code: str | None) -> Language:
    """The row of a code; French for one that is unknown or None."""
    return LANGUAGES.get(code or "", DEFAULT)


def active() -> Language:
    """The row of the language that is active in this thread."""
    return language(get_language())
