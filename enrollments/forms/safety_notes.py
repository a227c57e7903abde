"""The four parts of a safety note."""

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from enrollments.families.safety_notes import PARTS


class NoteForm(forms.Form):
    """Form for the safety note in four parts; all empty deletes it."""

    may_happen = forms.CharField(
        label=_("What may happen"), help_text=_("For example, what it looks like and how often it happens.")
    )
    what_to_do = forms.CharField(
        label=_("What to do"), help_text=_("Step by step, as you would explain it to a neighbour.")
    )
    medicine = forms.CharField(label=_("What the child carries, and where"))
    whom_to_call = forms.CharField(label=_("Whom to call, and when"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in PARTS:
            self.fields[name].required = False
            self.fields[name].max_length = 1000
            self.fields[name].validators.append(MaxLengthValidator(1000))
            self.fields[name].widget = forms.Textarea(attrs={"rows": 3, "dir": "auto", "autocomplete": "off"})
