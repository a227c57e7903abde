"""Read days and times that people type, in one way for the CMS, the office and the desk.

Day before month, as in Morocco: 05/02/2027 is 5 February. ISO is read too, and the digits of any script.
What cannot be read is refused; nothing is guessed.
"""

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from home.language.dates import clock_words, day_words
from home.language.invisible import visible

DAY_FORMAT = "%d/%m/%Y"  # how a day is shown in a box
MOMENT_FORMAT = "%d/%m/%Y %H:%M"

_SEPARATOR = r"\s*[/.\-\s]\s*"
_LOCAL_DAY = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,6}})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2})\s*(?::\s*(\d{2})(?::\d{2})?|[hH]\s*(\d{2})?)")
_MOMENT = re.compile(r"(?P<day>\S.*?)(?:\s*,\s*|\s*[tT]\s*|\s+(?:à\s+)?)(?P<time>\d{1,2}\s*[:hH].*)")


def _typed(text: str) -> str:
    """Return the text in Latin digits, without invisible marks; empty if it is too long to be a date."""
    text = " ".join(visible(text[:80]).split())
    if len(text) > 40:
        return ""
    return "".join(str(int(mark)) if mark.isdecimal() else mark for mark in text)


def read_day(text: str) -> date:
    """Read 05/02/2027, 5.2.2027 or 2027-02-05. ValidationError: invalid, short_year, no_such_day."""
    typed = _typed(text)
    if iso := _ISO_DAY.fullmatch(typed):
        year, month, day = iso.groups()
    elif local := _LOCAL_DAY.fullmatch(typed):
        day, month, year = local.groups()
    else:
        raise ValidationError(_("Enter a date like 05/02/2027: day, month, year."), code="invalid")
    if len(year) < 4:
        raise ValidationError(_("Enter the year with 4 digits."), code="short_year")
    try:
        if not 1900 <= int(year) <= 2200:
            raise ValueError(year)
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValidationError(
            _("%(day)s/%(month)s/%(year)s is not a real date.") % {"day": day, "month": month, "year": year},
            code="no_such_day",
        ) from None


def read_time(text: str) -> time:
    """Read 18:00, 18h, 18h30 or 18:00:59 (seconds are dropped). ValidationError: invalid."""
    said = _TIME.fullmatch(_typed(text))
    try:
        if not said:
            raise ValueError(text)
        return time(int(said[1]), int(said[2] or said[3] or 0))
    except ValueError:
        raise ValidationError(
            _("Enter a time between 00:00 and 23:59, for example 18:00."), code="invalid"
        ) from None


def read_moment(text: str) -> datetime:
    """Read a day followed by a time: naive, or aware if an ISO offset was given.

    ValidationError: no_time for a day alone, and those of read_day and read_time.
    """
    typed = _typed(text)
    if re.match(r"\d{4}-\d{2}-\d{2}[Tt ]", typed):
        try:
            iso = parse_datetime(typed)
        except ValueError:
            iso = None
        if iso and iso.tzinfo:
            read_day(f"{iso:%d/%m/}{iso.year:04}")  # refuses what lies outside the calendar we use
            return iso
    if said := _MOMENT.fullmatch(typed):
        return datetime.combine(read_day(said["day"]), read_time(said["time"]))
    read_day(typed)
    raise ValidationError(_("Enter the time too, for example 05/02/2027 18:00."), code="no_time")


def moment_words(moment: datetime) -> str:
    """Return "vendredi 5 février 2027 à 18:00"."""
    return _("%(day)s at %(time)s") % {"day": day_words(moment), "time": clock_words(moment)}


class DayField(forms.DateField):
    """Day, read by read_day. In a form of its own, with the browser's picker."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-typed": "day"}

    def strptime(self, value: str, format: str) -> date:
        return read_day(value)


class MomentField(forms.DateTimeField):
    """Day and time (Morocco), read by read_moment. In a form of its own, with the browser's picker."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-typed": "moment"}

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str) and value.strip():
            moment = read_moment(value)
            return moment if moment.tzinfo else forms.utils.from_current_timezone(moment)
        return super().to_python(value)


class ClockField(forms.TimeField):
    """Time of day, read by read_time."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-typed": "time"}

    def strptime(self, value: str, format: str) -> time:
        return read_time(value)
