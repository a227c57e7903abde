"""Warnings that are read and ticked before something unusual is done.

The tick carries a hash of the warnings and of what they are about, so that changed warnings ask again, and so
does the same number of other children.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import forms
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    Base = forms.BaseForm
else:
    Base = object


class Caution(str):
    """A warning that shows less than it means, such as a number of children, with a mark of whom it means.

    about  differs when the sentence would hit others; never shown
    """

    about: str

    def __new__(cls, words: str, about: str) -> "Caution":
        caution = super().__new__(cls, words)
        caution.about = about
        return caution

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # copy and pickle need both
        return str(self), self.about


def mark_of(lines: Iterable[object]) -> str:
    """Return what the tick beside these lines sends."""
    words = "\n".join(f"{line}{getattr(line, 'about', '')}" for line in lines)
    return salted_hmac("home.confirmation", words, algorithm="sha256").hexdigest()[:16]


def unread(cautions: Iterable[str], seen: str | None) -> str:
    """Return why the tick that was sent does not agree to these warnings, in a sentence; "" if it does."""
    cautions = list(cautions)
    if not cautions or seen == mark_of(cautions):
        return ""
    if seen:
        return _("The warnings have changed meanwhile. Please read them again, then tick “I have seen this”.")
    return _("Please read the warnings, then tick “I have seen this”.")


class AsksTwice(Base):
    """Form that refuses once with `cautions`, until their tick, the value `seen`, is sent."""

    cautions: list[str] = []

    @property
    def cautions_mark(self) -> str:
        return mark_of(self.cautions)

    def ask_twice(self, said: list[str]) -> None:
        """Refuse once, with these warnings, unless their tick was sent."""
        self.cautions = said
        if fault := unread(said, self.data.get("seen")):
            self.add_error(None, fault)
