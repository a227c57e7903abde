"""Forms to close a day, and to shift the hours of a period."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Venue
from home.language.typed_dates import DayField


class VenueForm(forms.Form):
    venue = forms.ModelChoiceField(
        label=_("Only at"), queryset=Venue.objects.all(), required=False, empty_label=_("Everywhere")
    )

    def clean(self):
        told = super().clean()
        told["venue_id"] = told["venue"].pk if told.get("venue") else None
        return told


class CloseForm(VenueForm):
    """`cleaned_data`: day, last (None: that day only), venue_id (None: everywhere), name (shown to
    families).
    """

    day = DayField(label=_("Day"))
    last = DayField(label=_("To (included)"), required=False, help_text=_("For a feast of several days."))
    name = forms.CharField(label=_("Why"), max_length=100, help_text=_("Families will read this."))
    field_order = ["day", "last", "venue", "name"]

    def clean_day(self):
        if self.cleaned_data["day"] < timezone.localdate():
            raise forms.ValidationError(_("This day is in the past."))
        return self.cleaned_data["day"]

    def clean(self):
        told = super().clean()
        if told.get("day") and told.get("last") and told["last"] < told["day"]:
            self.add_error("last", _("The first day must be before the last."))
        return told


class ShiftForm(VenueForm):
    """`cleaned_data`: first, last, venue_id, minutes (negative: earlier), name."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To (included)"))
    minutes = forms.TypedChoiceField(
        label=_("Shift"),
        coerce=int,
        choices=[(minutes, f"{minutes:+d} min") for minutes in (-120, -90, -60, -30, 30, 60, 90, 120)],
        initial=-60,
    )
    name = forms.CharField(label=_("Why"), max_length=100, help_text=_("Families will read this."))
    field_order = ["first", "last", "minutes", "venue", "name"]
