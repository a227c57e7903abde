"""Decisions about one place: removed, moved up the waiting list, a rule waived."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.forms.office.reasons import PRIORITY, REMOVAL, WAIVER, reason_field, words_field
from enrollments.models import Waiver


class RemovalForm(forms.Form):
    """Form to end a place, for one of these `reasons`."""

    reason = reason_field(REMOVAL)
    words = words_field()

    def __init__(self, *args: Any, reasons: Iterable[str] = REMOVAL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = reason_field({code: REMOVAL[code] for code in reasons})


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(
        label=_("Before the others"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[(0, _("in the order of arrival")), (1, _("before the others")), (2, _("first in line"))],
    )
    reason = reason_field(PRIORITY)


class WaiverForm(forms.Form):
    """Form to waive one obstacle for one child."""

    code = forms.ChoiceField(label=_("What you waive"), choices=Waiver.Code.choices)
    reason = reason_field(WAIVER)
