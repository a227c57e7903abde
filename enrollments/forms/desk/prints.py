"""Forms of the 3D print queue: the plan of a print, a refusal, a printer, a spool."""

import math
from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Room
from enrollments.models import Printer, PrintJob, Spool, SpoolChange
from enrollments.portfolio.print_queue import MOST_GRAMS, MOST_MINUTES
from home.language.typed_dates import MomentField

BEFORE, AFTER = timedelta(days=1), timedelta(days=90)  # when a print may be planned, around now
CHOOSE = gettext_lazy("Choose")  # the first of a list, in the place of Django's dashes


class SpoolChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Spool) -> str:
        return _("%(spool)s, %(grams)s g left") % {"spool": obj, "grams": obj.grams_left}


class PrintPlanForm(forms.Form):
    """What the slicer says, and where and when it prints. `at`: now (UTC)."""

    printer = forms.ModelChoiceField(
        label=gettext_lazy("Printer"),
        queryset=Printer.objects.filter(is_in_service=True),
        empty_label=CHOOSE,
    )
    spool = SpoolChoice(
        label=gettext_lazy("Filament"), queryset=Spool.objects.filter(is_in_use=True), empty_label=CHOOSE
    )
    grams = forms.IntegerField(
        label=gettext_lazy("Grams"),
        min_value=1,
        max_value=MOST_GRAMS,
        help_text=gettext_lazy("As the slicer says, with supports."),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        min_value=1,
        max_value=MOST_MINUTES,
        help_text=gettext_lazy("As the slicer says: 2 hours 30 are 150."),
    )
    starts_at = MomentField(label=gettext_lazy("Starts"))

    def __init__(self, *args, job: PrintJob, at, **kwargs):
        printers = Printer.objects.filter(is_in_service=True)
        size, grams = job.file.facts.get("size_mm"), job.file.facts.get("grams")
        fitting = [printer.pk for printer in printers if printer.takes(size)]
        initial = {
            "printer": job.printer_id or next(iter(fitting), None),
            "spool": job.spool_id,
            "grams": job.grams or (math.ceil(grams) if grams else None),
            "minutes": job.minutes,
            "starts_at": job.starts_at if job.state == PrintJob.State.APPROVED else at,
        }
        super().__init__(*args, **kwargs | {"initial": initial})
        self.at = at

    def clean_starts_at(self) -> datetime:
        starts_at: datetime = self.cleaned_data["starts_at"]
        if not self.at - BEFORE <= starts_at <= self.at + AFTER:
            raise forms.ValidationError(_("Choose a time between yesterday and 90 days from now."))
        return starts_at


class PrintRefusalForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=PrintJob.Why.choices, widget=forms.RadioSelect
    )


class PrinterForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=40, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    room: forms.Field = forms.ModelChoiceField(
        label=gettext_lazy("Room"), queryset=Room.objects.select_related("venue"), empty_label=CHOOSE
    )
    width_mm = forms.IntegerField(label=gettext_lazy("Width of the plate (mm)"), min_value=1, max_value=2000)
    depth_mm = forms.IntegerField(label=gettext_lazy("Depth of the plate (mm)"), min_value=1, max_value=2000)
    height_mm = forms.IntegerField(label=gettext_lazy("Greatest height (mm)"), min_value=1, max_value=2000)
    is_in_service = forms.BooleanField(label=gettext_lazy("In service"), required=False, initial=True)


class SpoolForm(forms.Form):
    material = forms.ChoiceField(label=gettext_lazy("Material"), choices=Spool.Material.choices)
    colour = forms.CharField(
        label=gettext_lazy("Colour"), max_length=40, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    grams = forms.IntegerField(
        label=gettext_lazy("Grams on it"), min_value=1, max_value=MOST_GRAMS, initial=1000
    )


class SpoolCorrectionForm(forms.Form):
    grams_left = forms.IntegerField(
        label=gettext_lazy("Grams left"),
        min_value=0,
        max_value=MOST_GRAMS,
        help_text=gettext_lazy("Without the empty spool itself."),
    )
    why = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[choice for choice in SpoolChange.Why.choices if choice[0] in {"weighed", "wasted"}],
    )
    is_in_use = forms.BooleanField(label=gettext_lazy("In use"), required=False)
