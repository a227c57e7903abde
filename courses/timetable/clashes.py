"""Clashes: classes that one person, child or instructor, cannot both attend (domain §4)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from courses.models import Meeting

TRAVEL = timedelta(minutes=60)  # between two venues of one city


class ClashKind(StrEnum):
    """How two classes get in each other's way."""

    ELSEWHERE = "elsewhere"  # at the same hour, at two venues
    ROOMS = "rooms"  # at the same hour, at one venue
    TRAVEL = "travel"  # too little time to get from one venue of a city to the other
    CITY = "city"  # on the same day, in two cities


def between(one: Meeting, other: Meeting) -> ClashKind | None:
    """Return how one person is kept from attending both, including travel between venues; None if nothing
    does.
    """
    here, there = one.room.venue, other.room.venue
    if one.starts_at < other.ends_at and other.starts_at < one.ends_at:
        return ClashKind.ROOMS if here.pk == there.pk else ClashKind.ELSEWHERE
    if here.city_fr != there.city_fr:  # type: ignore[attr-defined]  # modeltranslation adds a column for each language
        return ClashKind.CITY if one.on == other.on else None
    if here.pk == there.pk:
        return None
    is_near = one.starts_at < other.ends_at + TRAVEL and other.starts_at < one.ends_at + TRAVEL
    return ClashKind.TRAVEL if is_near else None


def overlap(one: Meeting, other: Meeting) -> bool:
    """Return whether one person cannot attend both, including travel between venues."""
    return between(one, other) is not None


def overlapping(session_id: int, others: Iterable[int], at: datetime) -> set[int]:
    """Return which of the other sessions a child could not attend together with this one."""
    meetings: dict[int, list[Meeting]] = {}
    wanted = {session_id, *others}
    rows = Meeting.objects.filter(session__in=wanted, cancelled_at=None, ends_at__gt=at).select_related(
        "room__venue"
    )
    for meeting in rows if len(wanted) > 1 else ():
        meetings.setdefault(meeting.session_id, []).append(meeting)
    mine = meetings.pop(session_id, [])
    return {
        pk
        for pk, theirs in meetings.items()
        if any(overlap(here, there) for here in mine for there in theirs)
    }
