"""Days on which a session would have a class, were the academy not closed."""

from collections.abc import Iterable
from datetime import date, timedelta

from courses.models import Closure
from home.database.compiled import Compiled

CLOSURES = Compiled(lambda first, last: Closure.objects.filter(ends_on__gte=first, starts_on__lte=last))


def closures_during(days: Iterable[date]) -> list[Closure]:
    """Return the closures between the first and the last of these days. One query, none without days."""
    days = list(days)
    return CLOSURES(first=min(days), last=max(days)) if days else []


def gaps(days: Iterable[date]) -> list[date]:
    """Return the days between the first and the last class that fall on a weekday of the classes, without a
    class. `days`: those of the classes.
    """
    taught = set(days)
    if not taught:
        return []
    first, weekdays = min(taught), {day.weekday() for day in taught}
    between = (first + timedelta(days=number) for number in range((max(taught) - first).days))
    return [day for day in between if day not in taught and day.weekday() in weekdays]


def pauses(days: Iterable[date], venue_id: int, closures: Iterable[Closure]) -> list[tuple[date, Closure]]:
    """Return each closed day among the gaps, with its closure: why a week seems to be missing. `days`: those
    of the classes.
    """
    closures, found = list(closures), []
    for day in gaps(days) if closures else ():
        if closed := next((row for row in closures if row.covers(day, venue_id)), None):
            found.append((day, closed))
    return found
