"""Children to phone about: not accounted for in a class, or absent twice in a row.

Read-only; enrollments.classes.register records the call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard, cast

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import ngettext

from courses.models import Meeting
from enrollments.classes.register import TAKE_BACK
from enrollments.models import Enrollment, Presence
from enrollments.models.attendance import attendees, by_name
from enrollments.permissions import FRONT_DESK, MANAGER

Mark = Presence.Mark
SOUGHT_FOR = timedelta(hours=36)  # until the next evening
HOUR = timedelta(hours=1)
MISSED_AFTER = timedelta(minutes=10)  # after the start: a child without a mark is unaccounted for (domain §7)


@dataclass(frozen=True)
class MissingFrom:
    """The children not accounted for in one class, those who travel alone first.

    `is_taken`: the register has marks. Without any, nobody has taken it, and the instructor is called first.
    """

    meeting: Meeting
    rows: list[Presence]
    is_taken: bool
    since: timedelta  # since the start, in steps: ten minutes, then hours

    @property
    def began(self) -> str:
        """Return the sentence that says for how long the class has been on."""
        if hours := self.since // HOUR:
            words = ngettext(
                "The class started at least %(count)s hour ago.",
                "The class started at least %(count)s hours ago.",
                hours,
            )
            return words % {"count": hours}
        minutes = self.since // timedelta(minutes=1)
        words = ngettext(
            "The class started at least %(count)s minute ago.",
            "The class started at least %(count)s minutes ago.",
            minutes,
        )
        return words % {"count": minutes}

    @property
    def speakers(self) -> list[tuple[str, str]]:
        """Return with whom staff may have spoken about the whole class."""
        return [(value, str(words)) for value, words in Presence.SpokenWith.choices]

    @property
    def travels_alone(self) -> bool:
        return any(row.child.may_go_alone for row in self.rows)


@dataclass(frozen=True)
class Answered:
    """An answer about children of one class that can be undone; `said_by`: with whom staff spoke."""

    meeting: Meeting
    at: datetime
    said_by: str
    count: int


def answered(at: datetime) -> list[Answered]:
    """Return the answers that can still be undone, newest first."""
    rows = Presence.objects.filter(
        spoken_at__gte=at - TAKE_BACK,
        spoken_at__lte=at,
        meeting__starts_at__gt=at - SOUGHT_FOR - TAKE_BACK,  # the index that keeps the call list short
    )
    rows = rows.select_related("meeting__session__course", "meeting__room__venue")
    groups: dict[tuple[datetime, int], list[Presence]] = {}
    for row in rows.order_by("-spoken_at", "meeting", "pk"):
        groups.setdefault((cast(datetime, row.spoken_at), row.meeting_id), []).append(row)
    return [
        Answered(found[0].meeting, said_at, found[0].get_spoken_with_display(), len(found))
        for (said_at, _key), found in groups.items()
    ]


def looked_for(at: datetime) -> list[Presence]:
    """Return children unaccounted for ten minutes after the start: no mark and no announced absence, or
    marked absent although they travel alone.

    Children who travel alone come first (domain §7). A child stays listed until staff have talked with an
    adult. A child whom the desk seats after the start stands before it, and is not missing. Rows may be
    unsaved.
    """
    begun = Meeting.objects.filter(
        starts_at__lte=at - MISSED_AFTER,
        starts_at__gt=at - SOUGHT_FOR,
        cancelled_at=None,
        session__cancelled_at=None,
        session__published_at__isnull=False,
    ).select_related("session__course", "room__venue")
    begun = begun.prefetch_related("instructors", "session__instructors")  # whom to call about the register
    meetings = {meeting.pk: meeting for meeting in begun}
    known = {(row.meeting_id, row.child_id): row for row in Presence.objects.filter(meeting__in=meetings)}
    expected = attendees(meetings.values())
    walk_ins = _given_by_the_office(
        attendee.seat
        for meeting in meetings.values()
        for attendee in expected[meeting.pk]
        if _came_after_the_start(attendee.seat, meeting)
    )
    found = []
    for meeting in meetings.values():
        for attendee in expected[meeting.pk]:
            child = attendee.child
            if _came_after_the_start(attendee.seat, meeting) and attendee.seat.pk in walk_ins:
                continue
            row = known.get((meeting.pk, child.pk)) or Presence(meeting=meeting, child=child)
            row.meeting, row.child = meeting, child
            is_lost = row.mark == "" or (row.mark == Mark.ABSENT and child.may_go_alone)
            if is_lost and row.spoken_at is None and row.announced != Presence.Announced.ABSENT:
                found.append(row)
    return sorted(
        found, key=lambda row: (not row.child.may_go_alone, row.meeting.starts_at, by_name(row.child))
    )


def _came_after_the_start(seat: Enrollment | None, meeting: Meeting) -> TypeGuard[Enrollment]:
    return seat is not None and seat.seated_at is not None and seat.seated_at > meeting.starts_at


def _given_by_the_office(seats: Iterable[Enrollment | None]) -> set[int]:
    """Return which of these seats the front desk or a manager gave, to a child that stood before them. One
    query, for any number of seats; none without.
    """
    keys = [seat.pk for seat in seats if seat is not None]
    is_office = Q(enrolled_by__is_superuser=True) | Q(enrolled_by__groups__name__in=(FRONT_DESK, MANAGER))
    rows = Enrollment.objects.filter(is_office, pk__in=keys, enrolled_by__is_active=True)
    return set(rows.values_list("pk", flat=True)) if keys else set()


def absent_twice(at: datetime) -> list[Presence]:
    """Return children absent from the last two classes whose family nobody has contacted since,
    newest first.
    """
    last = Presence.objects.filter(
        mark=Mark.ABSENT,
        spoken_at=None,
        meeting__starts_at__gt=at - timedelta(days=14),
        meeting__starts_at__lte=at,
    ).select_related("meeting__session__course", "meeting__room__venue", "child")
    later = Presence.objects.filter(
        child=OuterRef("child"),
        meeting__session=OuterRef("meeting__session"),
        meeting__starts_at__gt=OuterRef("meeting__starts_at"),
    ).exclude(mark="")
    before = Meeting.objects.filter(
        session=OuterRef(OuterRef("meeting__session")),
        cancelled_at=None,
        starts_at__lt=OuterRef(OuterRef("meeting__starts_at")),
    ).order_by("-starts_at")
    earlier = Presence.objects.filter(
        child=OuterRef("child"), mark=Mark.ABSENT, meeting=before.values("pk")[:1]
    )
    return list(last.filter(~Exists(later), Exists(earlier)).order_by("-meeting__starts_at", "pk"))


def _in_steps(since: timedelta) -> timedelta:
    return since - since % (HOUR if since >= HOUR else MISSED_AFTER)


def missing_by_class(at: datetime) -> list[MissingFrom]:
    """Return the children not accounted for, by class: taken registers first, in which a child who travels
    alone is missing before the others; then by start.
    """
    groups: dict[int, list[Presence]] = {}
    for row in looked_for(at):
        groups.setdefault(row.meeting_id, []).append(row)
    taken = set(
        Presence.objects.filter(meeting__in=groups).exclude(mark="").values_list("meeting", flat=True)
    )
    found = [
        MissingFrom(rows[0].meeting, rows, key in taken, _in_steps(at - rows[0].meeting.starts_at))
        for key, rows in groups.items()
    ]
    return sorted(
        found,
        key=lambda one: (not one.is_taken, not one.travels_alone, one.meeting.starts_at, one.meeting.pk),
    )
