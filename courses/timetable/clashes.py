"""Clashes: classes that one child cannot both attend."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from courses.models import Meeting

TRAVEL = timedelta(minutes=60)  # between two venues of one city


def overlap(one: Meeting, other: Meeting) -> bool:
    """Return whether one child cannot attend both, including travel between venues."""
    here, there = one.room.venue, other.room.venue
    if here.city_fr != there.city_fr:  # type: ignore[attr-defined]  # modeltranslation adds a column for each language
        return one.on == other.on
    margin = timedelta() if here.pk == there.pk else TRAVEL
    return one.starts_at < other.ends_at + margin and other.starts_at < one.ends_at + margin


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
