"""Form to choose what the journal shows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.privacy import journal
from home.language.typed_dates import DayField


class JournalForm(forms.Form):
    """`cleaned_data`: kind (empty: all), day (None: every day)."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Everything")), *((code, kind.words) for code, kind in journal.KINDS.items())],
        required=False,
    )
    day = DayField(label=_("Day"), required=False)
