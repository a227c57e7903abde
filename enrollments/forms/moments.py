"""A day, and a day with its hour, in the browser's own fields; typed by hand where there are none."""

from django import forms


class DayField(forms.DateField):
    """A day in the browser's own field; typed by hand where there is none: 2027-01-31 or 31/01/2027."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d", "%d/%m/%Y"], **kwargs)


class MomentField(forms.DateTimeField):
    """A day and an hour of Morocco, in the browser's own field; typed by hand where there is none: 2027-01-31 18:00."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"], **kwargs)
