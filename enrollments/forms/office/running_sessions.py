"""Forms for decisions on a session: capacity, enrollment dates, access, cancellation and merge."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.forms.office.reasons import CANCEL, OPENING, SEATS, reason_field
from home.language.typed_dates import MomentField


class SeatsForm(forms.Form):
    """Form for the capacity and the reserved places."""

    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=200)
    held_back = forms.IntegerField(label=_("Reserved by the team"), min_value=0, max_value=200)
    reason = reason_field(SEATS)


class OpeningForm(forms.Form):
    """Form for when enrollment opens and closes."""

    opens_at = MomentField(
        label=_("Enrollment opens"),
        required=False,
        help_text=_("Leave empty to open as soon as it is published."),
    )
    closes_at = MomentField(
        label=_("Enrollment closes"),
        required=False,
        help_text=_("Leave empty to close on the last day to join."),
    )
    reason = reason_field(OPENING)

    def clean(self):
        told = super().clean()
        if told.get("opens_at") and told.get("closes_at") and told["opens_at"] >= told["closes_at"]:
            self.add_error("closes_at", _("Enrollment must open before it closes."))
        return told


class AccessForm(forms.Form):
    """Form for access: everybody, or invited families with a code."""

    access = forms.ChoiceField(choices=[("private", ""), ("open", "")])


class CancelForm(forms.Form):
    reason = reason_field(CANCEL)


class UniteForm(forms.Form):
    answer_by = MomentField(label=_("Families can answer until"))
    reason = reason_field(CANCEL)
