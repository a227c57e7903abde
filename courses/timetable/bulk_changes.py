"""Bulk timetable changes (domain §2): close days, clear days that are closed already, or shift hours.

Plan first, then apply atomically.

Written through courses.timetable.scheduling, class by class, under the locks of all rooms and sessions
concerned, in primary-key order.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Closure, Meeting, Room, Session, Venue
from courses.timetable import scheduling, teaching
from courses.timetable.clashes import ClashKind
from courses.timetable.closing import closed_without
from courses.timetable.scheduling import Slot
from courses.timetable.teaching import Assignment
from home.confirmation import mark_of

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


def standing(
    first: date, last: date, venue_id: int | None, at: datetime, more: Q | None = None
) -> list[Meeting]:
    """Return the classes of these days that are scheduled and not started, of sessions that will run.

    `more`: a further condition.
    """
    rows = Meeting.objects.filter(
        more or Q(), on__gte=first, on__lte=last, starts_at__gt=at, cancelled_at=None,
        session__cancelled_at=None,
    )  # fmt: skip
    if venue_id is not None:
        rows = rows.filter(room__venue=venue_id)
    return list(
        rows.select_related("session__course", "session__term", "room__venue", "lesson").order_by(
            "starts_at", "room", "pk"
        )
    )


def on_closures(closures: Iterable[Closure], at: datetime) -> list[tuple[Closure, Meeting]]:
    """Return the classes still planned on days of these closures, each with the first that covers it, the
    soonest first. One query.
    """
    closures = list(closures)
    if not closures:
        return []
    days = Q()
    for closure in closures:
        days |= Q(on__gte=closure.starts_on, on__lte=closure.ends_on)
    first, last = min(row.starts_on for row in closures), max(row.ends_on for row in closures)
    found = []
    for meeting in standing(first, last, None, at, days):
        covering = [row for row in closures if row.covers(meeting.on, meeting.room.venue_id)]
        if covering:
            found.append((covering[0], meeting))
    return found


def known_closures(at: datetime) -> list[Closure]:
    """Return the closures that are not over, in order."""
    return list(Closure.objects.filter(ends_on__gte=timezone.localdate(at)).order_by("starts_on", "pk"))


def count_on_closures(at: datetime) -> int:
    """Return how many classes are planned on closed days, of all closures. Two queries."""
    return len(on_closures(known_closures(at), at))


def plan_moves(meetings: Iterable[Meeting], at: datetime, also_closed: Closure | None = None) -> list[Change]:
    """Plan to move each of these classes after its session's last class: same weekday, hours and room, in
    the first week in which the room and the instructors are free; None where no week is.

    `also_closed`: a closure that is not saved yet.
    """
    meetings = list(meetings)
    if not meetings:
        return []
    prefetch_related_objects(meetings, "instructors", "session__instructors")
    last = _last_days({meeting.session_id for meeting in meetings})
    closures = list(Closure.objects.filter(ends_on__gte=meetings[0].on))
    if also_closed is not None:
        closures.append(also_closed)
    days = _Days.after(min(last.values()), meetings, closures, at)
    changes = []
    for meeting in meetings:
        slot = _make_up(meeting, last[meeting.session_id], days, at)
        if slot:
            days.take(_proposed(meeting, slot))
            last[meeting.session_id] = slot.on
        changes.append(Change(meeting, Slot(meeting.on, meeting.starts, meeting.ends), slot))
    return changes


def plan_closing(
    first: date, venue_id: int | None, at: datetime, *, last: date | None = None
) -> list[Change]:
    """Plan to move each class of the day, or of all days until `last`, as plan_moves does. Raises Refused for
    too many days.
    """
    last = last or first
    if first > last or (last - first).days > MOST_DAYS:
        raise scheduling.Refused(scheduling.Reason.PERIOD, _("Enter a period of at most two months."))
    closed = Closure(starts_on=first, ends_on=last, venue_id=venue_id)
    return plan_moves(standing(first, last, venue_id, at), at, closed)


def _last_days(sessions: set[int]) -> dict[int, date]:
    rows = (
        Meeting.objects.filter(session__in=sessions, cancelled_at=None)
        .order_by("on")
        .values_list("session_id", "on")
    )
    return dict(rows)


def _proposed(meeting: Meeting, slot: Slot) -> Assignment:
    """Return the class as it would be at that time, in its room, with its instructors."""
    (there,) = teaching.classes_at(meeting.room, [slot])
    return Assignment(there, meeting.teachers, meeting.session.course.code)


@dataclass
class _Days:
    """The days to come: their closures, the classes in the rooms concerned, and those of the
    instructors concerned, both by day. Read once for the whole plan, however many classes it moves.
    """

    closures: list[Closure]
    in_rooms: dict[date, list[Meeting]]
    taught: dict[date, list[Assignment]]

    @classmethod
    def after(cls, day: date, moved: list[Meeting], closures: list[Closure], at: datetime) -> "_Days":
        """Read the days after this one, for these classes: four queries."""
        later, in_rooms, taught = Q(on__gt=day), defaultdict(list), defaultdict(list)
        for meeting in scheduling.holding({meeting.room_id for meeting in moved}).filter(later):
            in_rooms[meeting.on].append(meeting)
        people = {person.pk: person for meeting in moved for person in meeting.teachers}
        gone = [meeting.pk for meeting in moved]
        for one in teaching.taught_by(people.values(), at=at, days=later, without=gone):
            taught[one.meeting.on].append(one)
        return cls(closures, in_rooms, taught)

    def are_free(self, there: Meeting) -> bool:
        """Return whether the place is open on the day of this proposed class, and its room free."""
        slot = Slot(there.on, there.starts, there.ends)
        return not any(
            closure.covers(there.on, there.room.venue_id) for closure in self.closures
        ) and not any(
            other.room_id == there.room_id and overlap(Slot(other.on, other.starts, other.ends), slot)
            for other in self.in_rooms.get(there.on, ())
        )

    def take(self, proposed: Assignment) -> None:
        """Count a proposed class as if it were saved."""
        self.in_rooms[proposed.meeting.on].append(proposed.meeting)
        self.taught[proposed.meeting.on].append(proposed)


def _make_up(meeting: Meeting, last: date, days: _Days, at: datetime) -> Slot | None:
    behind = last + timedelta(days=(meeting.on.weekday() - last.weekday()) % 7 or 7)
    second_best = None  # the room is free; an instructor has to hurry
    for week in range(WEEKS):
        slot = Slot(behind + timedelta(weeks=week), meeting.starts, meeting.ends)
        there = _proposed(meeting, slot)
        if not days.are_free(there.meeting):
            continue
        clashing = teaching.clashes_among([there], days.taught.get(slot.on, ()), at=at)
        kinds = {clash.kind for clash in clashing}
        if not kinds:
            return slot
        if ClashKind.ELSEWHERE not in kinds:
            second_best = second_best or slot
    return second_best


def overlap(one: Slot, other: Slot) -> bool:
    return one.on == other.on and one.starts < other.ends and other.starts < one.ends


def cautions_about(changes: Iterable[Change], at: datetime) -> list[str]:
    """Return the warnings about the instructors of the classes at their new times.

    Raises Refused if one would have to be at two venues at the same hour.
    """
    changes = list(changes)
    prefetch_related_objects([change.meeting for change in changes], "instructors", "session__instructors")
    asked = [_proposed(change.meeting, change.after) for change in changes if change.after]
    found = teaching.clashes_of(asked, at=at, instead=[change.meeting for change in changes])
    if impossible := [clash for clash in found if clash.kind is ClashKind.ELSEWHERE]:
        raise scheduling.Refused(scheduling.Reason.TEACHER, " ".join(teaching.clash_words(impossible)))
    return teaching.clash_words(found)


@transaction.atomic
def close(
    first: date, venue_id: int | None, *, name: str, at: datetime, plan: str, last: date | None = None
) -> list[Change]:
    """Do it: the day, or all days until `last`, are a closure from now on; their classes move or are
    cancelled, as it was shown (`plan`: see `check_plan`).

    Raises scheduling.Refused.
    """
    last = last or first
    _lock(standing(first, last, venue_id, at))
    changes = plan_closing(first, venue_id, at, last=last)
    check_plan(changes, plan, at)
    venue = Venue.objects.get(pk=venue_id) if venue_id is not None else None
    Closure.objects.get_or_create(name=name, starts_on=first, ends_on=last, venue=venue)
    for change in changes:
        _apply(change, at=at, reason=name)
    return changes


@transaction.atomic
def clear(chosen: Iterable[int], *, at: datetime, plan: str) -> list[Change]:
    """Move or cancel these classes, all planned on closed days, as it was shown.

    `plan`: see `check_plan`. Raises scheduling.Refused when the plan is another one by now, and
    Reason.TEACHER as cautions_about.
    """
    wanted = set(chosen)
    _lock([meeting for _closure, meeting in on_closures(known_closures(at), at) if meeting.pk in wanted])
    closed = {meeting.pk: closure for closure, meeting in on_closures(known_closures(at), at)}
    changes = plan_clearing(wanted, at)
    check_plan(changes, plan, at)
    for change in changes:
        _apply(change, at=at, reason=closed[change.meeting.pk].name)
    return changes


def plan_clearing(chosen: Iterable[int], at: datetime) -> list[Change]:
    """Plan new days for those of these classes that are planned on closed days."""
    wanted = set(chosen)
    found = on_closures(known_closures(at), at)
    return plan_moves([meeting for _closure, meeting in found if meeting.pk in wanted], at)


def mark_of_plan(changes: Iterable[Change], at: datetime) -> str:
    """Return a mark that differs when the plan does, or the queues that it ends."""
    changes = list(changes)
    ended = closed_without((change.meeting for change in changes if change.after is None), at)
    rows = [(change.meeting.pk, change.meeting.room_id, change.before, change.after) for change in changes]
    return mark_of([*rows, *ended])


def check_plan(changes: Iterable[Change], plan: str, at: datetime) -> None:
    """Raise Refused(CHANGED) unless this is the plan that was seen (`plan`: its mark, see `mark_of_plan`).

    Call under the locks of the change.
    """
    if mark_of_plan(changes, at) != plan:
        raise scheduling.Refused(
            scheduling.Reason.CHANGED, _("The timetable has changed meanwhile. Please read the plan again.")
        )


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
    first: date, last: date, venue_id: int | None, minutes: int, *, reason: str, at: datetime, plan: str
) -> list[Change]:
    """Apply the plan as it was shown (`plan`: see `check_plan`), all or nothing.

    When hours get later, the last class of a day moves first, so that none blocks another.
    """
    _lock(standing(first, last, venue_id, at))
    changes = plan_shift(first, last, venue_id, minutes, at)
    check_plan(changes, plan, at)
    for change in reversed(changes) if minutes > 0 else changes:
        _apply(change, at=at, reason=reason)
    return changes


def _apply(change: Change, *, at: datetime, reason: str) -> None:
    after, meeting = change.after, change.meeting
    if after is None:
        scheduling.cancel(meeting, at=at, reason=reason, is_told=True)
    else:
        scheduling.move(
            meeting, on=after.on, starts=after.starts, ends=after.ends, at=at, reason=reason, is_told=True
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
