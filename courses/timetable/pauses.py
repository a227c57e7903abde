"""Days on which a session would have a class, were the academy not closed."""

from collections.abc import Iterable
from datetime import date, timedelta

from courses.models import Closure


def closures_during(days: Iterable[date]) -> list[Closure]:
    """Return the closures between the first and the last of these days. One query, none without days."""
    days = list(days)
    return list(Closure.objects.filter(ends_on__gte=min(days), starts_on__lte=max(days))) if days else []


def pauses(days: Iterable[date], venue_id: int, closures: Iterable[Closure]) -> list[tuple[date, Closure]]:
    """Return each closed day between the first and the last class on a weekday of the classes, with its
    closure: why a week seems to be missing. `days`: those of the classes.
    """
    taught, closures = set(days), list(closures)
    if not taught or not closures:
        return []
    first, weekdays = min(taught), {day.weekday() for day in taught}
    between = (first + timedelta(days=number) for number in range((max(taught) - first).days))
    found = []
    for day in between:
        if day in taught or day.weekday() not in weekdays:
            continue
        if closed := next((row for row in closures if row.covers(day, venue_id)), None):
            found.append((day, closed))
    return found
