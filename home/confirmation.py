"""Warnings that are read and ticked before something unusual is done.

The tick carries a hash of the warnings, so that changed warnings ask again.
"""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    Base = forms.BaseForm
else:
    Base = object


def mark_of(lines: Iterable[object]) -> str:
    """Return what the tick beside these lines sends."""
    return hashlib.sha256("\n".join(str(line) for line in lines).encode()).hexdigest()[:16]


class AsksTwice(Base):
    """Form that refuses once with `cautions`, until their tick, the value `seen`, is sent."""

    cautions: list[str] = []

    @property
    def cautions_mark(self) -> str:
        return mark_of(self.cautions)

    def ask_twice(self, said: list[str]) -> None:
        """Refuse once, with these warnings, unless their tick was sent."""
        self.cautions = said
        if said and self.data.get("seen") != self.cautions_mark:
            self.add_error(
                None, _("Please read the warnings above the fields, then tick “I have seen this”.")
            )
