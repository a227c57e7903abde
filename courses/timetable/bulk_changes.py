"""Bulk timetable changes (domain §2): close a day or shift hours across sessions.

Plan first, then apply atomically.

Written through courses.timetable.scheduling, class by class, under the locks of all rooms and sessions
concerned, in primary-key order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import Closure, Meeting, Room, Session
from courses.timetable import scheduling
from courses.timetable.scheduling import Slot

WEEKS = 8  # how far after the last class to look for a make-up day
MOST_DAYS = 62  # of a shifted period
MIDNIGHT = 24 * 60


@dataclass(frozen=True)
class Change:
    """A planned change of one class: its old and new time (None: cancelled), and the room it leaves."""

    meeting: Meeting
    before: Slot
    after: Slot | None
    left: Room | None = None

    @property
    def is_of_room_only(self) -> bool:
        """Return whether day and hours stay."""
        return self.left is not None and self.before == self.after

    @property
    def left_words(self) -> str:
        """Return the room it leaves, with the venue if that changes too."""
        return self._room_words(self.left)

    @property
    def room_words(self) -> str:
        """Return the room it is in now, with the venue if that changes too."""
        return self._room_words(self.meeting.room)

    def _room_words(self, room: Room | None) -> str:
        if room is None:
            return ""
        is_same_venue = self.left is None or self.left.venue_id == self.meeting.room.venue_id
        return str(room.name) if is_same_venue else str(room)


def standing(first: date, last: date, venue_id: int | None, at: datetime) -> list[Meeting]:
    """Return the classes of these days that are scheduled and not started, of sessions that will run."""
    rows = Meeting.objects.filter(
        on__gte=first, on__lte=last, starts_at__gt=at, cancelled_at=None, session__cancelled_at=None
    )
    if venue_id is not None:
        rows = rows.filter(room__venue=venue_id)
    return list(
        rows.select_related("session__course", "session__term", "room__venue", "lesson").order_by(
            "starts_at", "room", "pk"
        )
    )


def plan_closing(day: date, venue_id: int | None, at: datetime) -> list[Change]:
    """Plan to move each class of the day after its session's last class: same weekday, hours and room, in the
    first free week.
    """
    meetings = standing(day, day, venue_id, at)
    last = _last_days({meeting.session_id for meeting in meetings})
    closures = list(Closure.objects.filter(ends_on__gte=day))
    taken: list[tuple[int, Slot]] = []
    changes = []
    for meeting in meetings:
        slot = _make_up(meeting, last[meeting.session_id], closures, taken)
        if slot:
            taken.append((meeting.room_id, slot))
            last[meeting.session_id] = slot.on
        changes.append(Change(meeting, Slot(meeting.on, meeting.starts, meeting.ends), slot))
    return changes


def _last_days(sessions: set[int]) -> dict[int, date]:
    rows = (
        Meeting.objects.filter(session__in=sessions, cancelled_at=None)
        .order_by("on")
        .values_list("session_id", "on")
    )
    return dict(rows)


def _make_up(
    meeting: Meeting, last: date, closures: Iterable[Closure], taken: list[tuple[int, Slot]]
) -> Slot | None:
    behind = last + timedelta(days=(meeting.on.weekday() - last.weekday()) % 7 or 7)
    for week in range(WEEKS):
        slot = Slot(behind + timedelta(weeks=week), meeting.starts, meeting.ends)
        if any(closure.covers(slot.on, meeting.room.venue_id) for closure in closures):
            continue
        if any(room == meeting.room_id and overlap(slot, other) for room, other in taken):
            continue
        if not scheduling.in_the_way(meeting.room, [slot]):
            return slot
    return None


def overlap(one: Slot, other: Slot) -> bool:
    return one.on == other.on and one.starts < other.ends and other.starts < one.ends


@transaction.atomic
def close(day: date, venue_id: int | None, *, name: str, at: datetime) -> list[Change]:
    """Do it: the day is a closure from now on, its classes move or are cancelled.

    Raises scheduling.Refused.
    """
    _lock(standing(day, day, venue_id, at))
    Closure.objects.create(name=name, starts_on=day, ends_on=day, venue_id=venue_id)
    changes = plan_closing(day, venue_id, at)
    for change in changes:
        if change.after is None:
            scheduling.cancel(change.meeting, at=at, reason=name, is_told=True)
        else:
            _move(change, at=at, reason=name)
    return changes


def plan_shift(first: date, last: date, venue_id: int | None, minutes: int, at: datetime) -> list[Change]:
    """Plan to shift each class of the period by that many minutes (negative: earlier), on the same day.

    Raises Refused past midnight or for a zero shift.
    """
    if not minutes or first > last or (last - first).days > MOST_DAYS:
        raise scheduling.Refused(
            scheduling.Reason.PERIOD, _("Enter a period of at most two months, and a time shift.")
        )
    changes = []
    for meeting in standing(first, last, venue_id, at):
        after = Slot(meeting.on, shifted(meeting.starts, minutes), shifted(meeting.ends, minutes))
        changes.append(Change(meeting, Slot(meeting.on, meeting.starts, meeting.ends), after))
    return changes


def shifted(moment: time, minutes: int) -> time:
    """The time so many minutes later, the same day. Raises scheduling.Refused."""
    total = moment.hour * 60 + moment.minute + minutes
    if not 0 <= total < MIDNIGHT:
        raise scheduling.Refused(scheduling.Reason.HOURS, _("A class would run past midnight."))
    return time(total // 60, total % 60)


@transaction.atomic
def shift(
    first: date, last: date, venue_id: int | None, minutes: int, *, reason: str, at: datetime
) -> list[Change]:
    """Apply the plan, all or nothing.

    When hours get later, the last class of a day moves first, so that none blocks another.
    """
    _lock(standing(first, last, venue_id, at))
    changes = plan_shift(first, last, venue_id, minutes, at)
    for change in reversed(changes) if minutes > 0 else changes:
        _move(change, at=at, reason=reason)
    return changes


def _move(change: Change, *, at: datetime, reason: str) -> None:
    after = cast(Slot, change.after)  # what is cancelled is not moved
    scheduling.move(
        change.meeting, on=after.on, starts=after.starts, ends=after.ends, at=at, reason=reason, is_told=True
    )


def _lock(meetings: list[Meeting]) -> None:
    """Lock every room, then every session, in primary-key order, so that later changes take no lock out of
    order.
    """
    list(
        Room.objects.select_for_update()
        .filter(pk__in={meeting.room_id for meeting in meetings})
        .order_by("pk")
    )
    list(
        Session.objects.select_for_update()
        .filter(pk__in={meeting.session_id for meeting in meetings})
        .order_by("pk")
    )
