"""When a venue's front desk is open. Local wall time; closures count."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from courses.models import Closure, OpeningHours, Venue
from courses.models.timetable import instant

LOOK_AHEAD = 60  # days: longer than any holiday


def openings(venue: Venue, since: date, days: int = LOOK_AHEAD) -> Iterator[tuple[datetime, datetime]]:
    """Return (opens, closes) of each opening from that day on, as aware datetimes; none without opening
    hours.
    """
    hours: dict[int, list[OpeningHours]] = {}
    for row in OpeningHours.objects.filter(venue=venue).order_by("opens"):
        hours.setdefault(row.weekday, []).append(row)
    if not hours:
        return
    closures = list(Closure.objects.filter(ends_on__gte=since, starts_on__lte=since + timedelta(days=days)))
    for offset in range(days):
        day = since + timedelta(days=offset)
        if any(closure.covers(day, venue.pk) for closure in closures):
            continue
        for row in hours.get(day.weekday(), []):
            yield instant(day, row.opens), instant(day, row.closes)


def next_opening(venue: Venue, at: datetime) -> tuple[datetime, datetime] | None:
    """Return the current or next opening of the desk; None without opening hours."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return next(((opens, closes) for opens, closes in openings(venue, today) if closes > at), None)
