"""The three questions when a course ends."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.models import SurveyAnswer


class SurveyForm(forms.Form):
    """Two choices and a sentence."""

    liked = forms.TypedChoiceField(
        label=_("Did your child like coming?"),
        choices=SurveyAnswer.Liked.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one answer.")},
    )
    again = forms.TypedChoiceField(
        label=_("Would you choose us again?"),
        choices=SurveyAnswer.Again.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one answer.")},
    )
    words = forms.CharField(
        label=_("In one sentence: what should we keep, or change?"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        help_text=_("Please write no name: nobody will know that it was you."),
    )
