"""Schedule, move and cancel class meetings. Sole writer of Meeting and of a session's first and last day.

Local (wall-clock) time is authoritative: a meeting stores a local date, start and end. Its UTC times are
derived and can be recomputed when time-zone rules change. Weekly dates are counted on the calendar, never in
UTC hours. Lock order: rooms by primary key, then the session, then the meeting.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Closure, Meeting, Room, Session
from courses.models.timetable import instant
from courses.signals import meeting_changed, places_changed, teachers_changed
from home.account import User
from home.language.dates import day_words, hours_words, spelled_words
from home.language.lists import listed_apart
from home.refusals import CodedRefusal

JOIN_UNTIL_MEETING = 3  # by default, one can join until the third class


class Reason(StrEnum):
    """Why the timetable stays as it is; `str(refusal)` says it in a sentence."""

    HOURS = "hours"  # a meeting would end before it starts, or after midnight
    PERIOD = "period"  # no days or no minutes to shift
    CLOSED = "closed"  # closures leave no room
    CLASH = "clash"  # the room is taken
    TEACHER = "teacher"  # its instructor teaches elsewhere at that hour
    CANCELLED = "cancelled"
    BEGUN = "begun"  # what is past stays as it was
    PAST = "past"  # the new time is past
    ENROLLED = "enrolled"  # children have a place, or wait
    TOO_LATE = "too_late"  # it would open after the last moment to join
    TOO_FEW = "too_few"  # fewer places than are taken or reserved
    CHANGED = "changed"  # the plan that was seen is another one by now
    QUEUE = "queue"  # it would end other waiting entries than those shown
    SAME_TERM = "same_term"
    NOT_COPIED = "not_copied"  # a session of the other term does not fit into this one


class Refused(CodedRefusal[Reason]):
    """Raised with nothing written; `str()` is a sentence for the user."""


@dataclass(frozen=True)
class Slot:
    """A proposed class: local day and times."""

    on: date
    starts: time
    ends: time

    @property
    def hours(self) -> str:
        return hours_words(self.starts, self.ends)

    @property
    def spelled(self) -> str:
        return spelled_words(self.on, self.starts, self.ends)


@dataclass(frozen=True)
class Plan:
    """What scheduling would write: the slots, the skipped days with their closure,
    and conflicting classes.
    """

    slots: list[Slot]
    skipped: list[tuple[date, Closure]]
    clashes: list[Meeting]


def weekly(
    first_on: date, count: int, closures: Iterable[Closure], venue_id: int, weekday: int | None = None
) -> tuple[list[date], list[tuple[date, Closure]]]:
    """Return the days of `count` weekly classes from the first date on, and the (day, closure) pairs skipped.

    `weekday` (0 is Monday) moves the start to the first such day on or after `first_on`. Stops after 80
    weeks.
    """
    closures = list(closures)
    day = first_on if weekday is None else first_on + timedelta(days=(weekday - first_on.weekday()) % 7)
    days: list[date] = []
    skipped: list[tuple[date, Closure]] = []
    for _week in range(80):
        if len(days) == count:
            break
        closed = next((closure for closure in closures if closure.covers(day, venue_id)), None)
        if closed:
            skipped.append((day, closed))
        else:
            days.append(day)
        day += timedelta(days=7)
    return days, skipped


def holding(rooms: Iterable[int]) -> QuerySet[Meeting]:
    """Return the classes that use one of these rooms (primary keys)."""
    return Meeting.objects.filter(room__in=rooms, cancelled_at=None, session__cancelled_at=None)


def in_the_way(room: Room, slots: list[Slot], *, besides: Session | None = None) -> list[Meeting]:
    """Return the classes that already use this room at one of these times; those of cancelled sessions do not
    count.
    """
    if not slots:
        return []
    overlap = Q()
    for slot in slots:
        overlap |= Q(on=slot.on, starts__lt=slot.ends, ends__gt=slot.starts)
    meetings = holding([room.pk]).filter(overlap)
    if besides is not None and besides.pk:
        meetings = meetings.exclude(session=besides)
    return list(meetings.select_related("session__course"))


def plan(
    session: Session,
    *,
    first_on: date,
    starts: time,
    ends: time,
    count: int | None = None,
    weekday: int | None = None,
) -> Plan:
    """Return what `lay_out` would write for this session, without writing it."""
    if starts >= ends:
        raise Refused(Reason.HOURS, _("A class must start before it ends."))
    count = count or session.course.meetings_count
    closures = Closure.objects.filter(ends_on__gte=first_on)
    days, skipped = weekly(first_on, count, closures, session.room.venue_id, weekday)
    if len(days) < count:
        raise Refused(Reason.CLOSED, _("There are too many closures for that many classes."))
    slots = [Slot(day, starts, ends) for day in days]
    return Plan(slots, skipped, in_the_way(session.room, slots, besides=session))


@transaction.atomic
def lay_out(
    session: Session,
    *,
    first_on: date,
    starts: time,
    ends: time,
    at: datetime,
    count: int | None = None,
    weekday: int | None = None,
    room: Room | None = None,
) -> Plan:
    """Write the weekly classes of a session, skipping closures, each with its lesson; in another room if
    given.

    Raises Refused, writing nothing, if the session is cancelled, the room is taken, a child has a place or is
    on the waiting list, or a class has started.
    """
    room = Room.objects.select_for_update().get(pk=room.pk if room else session.room_id)
    locked = Session.objects.select_for_update().get(pk=session.pk)
    if locked.cancelled_at:
        raise Refused(Reason.CANCELLED, _("This session has been cancelled, so it cannot have dates."))
    if locked.seats_taken or locked.waiting_count:
        raise Refused(
            Reason.ENROLLED,
            _("Children are enrolled. Move the classes one by one, so that every family is told."),
        )
    if session.meetings.filter(starts_at__lte=at).exists():
        raise Refused(Reason.BEGUN, _("A class has already started. Past classes stay as they were."))
    before, session.room = session.room, room
    made = plan(session, first_on=first_on, starts=starts, ends=ends, count=count, weekday=weekday)
    if made.clashes:
        session.room = before
        raise Refused(Reason.CLASH, clash_words(made.clashes))
    Meeting.objects.filter(session=session).delete()
    lessons = {lesson.number: lesson for lesson in session.course.lessons.filter(is_retired=False)}
    Meeting.objects.bulk_create(
        Meeting(
            session=session, number=number, room=room,
            lesson=lessons.get(number), lesson_number=number if number in lessons else None,
            on=slot.on, starts=slot.starts, ends=slot.ends,
        ).derive_instants()
        for number, slot in enumerate(made.slots, start=1)
    )  # fmt: skip
    session.starts, session.ends, session.weekday = starts, ends, made.slots[0].on.weekday()
    session.save(update_fields=["starts", "ends", "weekday", "room"])
    keep_in_step(session)
    return made


def clash_words(clashes: list[Meeting]) -> str:
    """Return "The room is already booked: Saturday 5 December 2026 14:00–15:30 (CODE-B)", listing at most
    three.
    """
    lines = [
        f"{day_words(meeting.on)} {meeting.hours} ({meeting.session.course.code})" for meeting in clashes[:3]
    ]
    more = len(clashes) - len(lines)
    if more:
        lines.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
    return _("The room is already booked: %(when)s.") % {"when": listed_apart(lines)}


IN_STEP = ("first_on", "last_on", "third_on", "first_at", "over_at", "meetings_count")


def third_day(held: list[Meeting]) -> date | None:
    """Return the day until which one can join by default: that of the third class, or of the last if fewer
    are held.
    """
    return held[min(JOIN_UNTIL_MEETING, len(held)) - 1].on if held else None


def keep_in_step(session: Session) -> None:
    """Update a session's summary of its classes not cancelled: days, times and count."""
    held = list(Meeting.objects.filter(session=session, cancelled_at=None).order_by("starts_at", "pk"))
    first, last = (held[0], held[-1]) if held else (None, None)
    session.first_on, session.first_at = (first.on, first.starts_at) if first else (None, None)
    session.last_on, session.over_at = (last.on, last.ends_at) if last else (None, None)
    session.third_on = third_day(held)
    session.meetings_count = len(held)
    Session.objects.filter(pk=session.pk).update(**{name: getattr(session, name) for name in IN_STEP})


def _future(meeting: Meeting, at: datetime) -> Meeting:
    """Return the class under lock, after its session.

    Raises Refused if it has started, or if it or its session is cancelled.
    """
    if Session.objects.select_for_update().get(pk=meeting.session_id).cancelled_at:
        raise Refused(Reason.CANCELLED, _("This session has been cancelled."))
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("session__course", "room")
        .get(pk=meeting.pk)
    )
    if meeting.starts_at <= at:
        raise Refused(Reason.BEGUN, _("This class has already started. Past classes stay as they were."))
    if meeting.cancelled_at:
        raise Refused(Reason.CANCELLED, _("This class has already been cancelled."))
    return meeting


def check_move(meeting: Meeting, slot: Slot, room: Room, *, at: datetime) -> None:
    """Raise Refused if this class cannot be at that time in that room: in the past, closed, room taken."""
    if slot.starts >= slot.ends:
        raise Refused(Reason.HOURS, _("A class must start before it ends."))
    closures = Closure.objects.filter(starts_on__lte=slot.on, ends_on__gte=slot.on)
    closed = next((row for row in closures if row.covers(slot.on, room.venue_id)), None)
    if closed:
        raise Refused(
            Reason.CLOSED,
            _("Closed on %(day)s: %(closure)s.") % {"day": day_words(slot.on), "closure": closed.name},
        )
    taken = [other for other in in_the_way(room, [slot]) if other.pk != meeting.pk]
    if taken:
        raise Refused(Reason.CLASH, clash_words(taken))
    if instant(slot.on, slot.starts) <= at:
        raise Refused(
            Reason.PAST,
            _("%(day)s %(hours)s is in the past.") % {"day": day_words(slot.on), "hours": slot.hours},
        )


@transaction.atomic
def move(
    meeting: Meeting,
    *,
    on: date,
    starts: time,
    ends: time,
    at: datetime,
    room: Room | None = None,
    reason: str = "",
    is_told: bool = False,
) -> Meeting:
    """Move one future class to another day, time or room; no other class moves.

    With `is_told`, the caller notifies the families.

    Raises Refused if it has started, if the new time is in the past or closed, or if the room is taken.
    """
    room = Room.objects.select_for_update().get(pk=room.pk if room else meeting.room_id)
    meeting = _future(meeting, at)
    check_move(meeting, Slot(on, starts, ends), room, at=at)
    before = Slot(meeting.on, meeting.starts, meeting.ends)
    left = meeting.room if meeting.room_id != room.pk else None
    meeting.moved_from = meeting.moved_from or meeting.on
    meeting.on, meeting.starts, meeting.ends, meeting.room, meeting.reason = on, starts, ends, room, reason
    meeting.revision += 1
    meeting.derive_instants()
    meeting.save()
    keep_in_step(meeting.session)
    places_changed.send(Session, session=meeting.session, at=at)
    if not is_told:
        meeting_changed.send(Meeting, meeting=meeting, before=before, left=left, at=at)
    return meeting


@transaction.atomic
def cancel(meeting: Meeting, *, at: datetime, reason: str, is_told: bool = False) -> Meeting:
    """Cancel one future class; it stays visible, crossed out, with its reason.

    With `is_told`, the caller notifies the families.
    """
    meeting = _future(meeting, at)
    meeting.cancelled_at, meeting.reason = at, reason
    meeting.revision += 1
    meeting.save(update_fields=["cancelled_at", "reason", "revision"])
    keep_in_step(meeting.session)
    places_changed.send(Session, session=meeting.session, at=at)
    if not is_told:
        meeting_changed.send(
            Meeting, meeting=meeting, before=Slot(meeting.on, meeting.starts, meeting.ends), at=at
        )
    return meeting


@transaction.atomic
def assign(meeting: Meeting, instructors: Iterable[User], *, at: datetime) -> None:
    """Assign the instructors of one class; an empty list means the session's instructors.

    Raises Refused once it is over.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("session").get(pk=meeting.pk)
    if meeting.ends_at <= at:
        raise Refused(Reason.BEGUN, _("This class has already started. Past classes stay as they were."))
    before = set(meeting.teachers)
    meeting.instructors.set(instructors)
    _tell_teachers([meeting], before, set(meeting.teachers), at)


@transaction.atomic
def assign_session(session: Session, instructors: Iterable[User], *, at: datetime) -> None:
    """Assign the instructors of a session: they teach its classes that name nobody else."""
    before, after = set(session.instructors.all()), set(instructors)
    session.instructors.set(after)
    coming = session.meetings.filter(starts_at__gt=at, cancelled_at=None, instructors=None)
    _tell_teachers(list(coming.order_by("starts_at")), before, after, at)


def _tell_teachers(meetings: list[Meeting], before: set[User], after: set[User], at: datetime) -> None:
    """Send the signal if people or classes are concerned; a draft session tells nobody."""
    told = [one for one in meetings if one.session.published_at and not one.session.cancelled_at]
    if told and before != after:
        teachers_changed.send(Meeting, meetings=told, added=after - before, removed=before - after, at=at)


@transaction.atomic
def replace_instructor(
    leaving: User, sessions: Iterable[tuple[Session, User | None]], *, at: datetime
) -> None:
    """Take this instructor out of these sessions from now on, each with a successor or with nobody yet.

    Classes that are over keep those who taught them. Classes with instructors of their own: see `assign`.
    """
    wanted = {session.pk: successor for session, successor in sessions}
    for session in Session.objects.select_for_update().filter(pk__in=wanted).order_by("pk"):
        taught_by = list(session.instructors.all())
        for meeting in Meeting.objects.filter(session=session, ends_at__lte=at, instructors=None):
            meeting.instructors.set(taught_by)
        successor = wanted[session.pk]
        assign_session(session, {*taught_by} - {leaving} | ({successor} if successor else set()), at=at)


@transaction.atomic
def derive_again(since: datetime) -> int:
    """Recompute the UTC times of classes from that time on; return how many changed.

    Past ones stay unchanged.
    """
    changed, sessions = [], {}
    for meeting in Meeting.objects.filter(starts_at__gte=since).select_related("session").iterator():
        before = (meeting.starts_at, meeting.ends_at)
        meeting.derive_instants()
        if (meeting.starts_at, meeting.ends_at) != before:
            meeting.revision += 1  # calendar files state instants: those already read must follow
            changed.append(meeting)
            sessions[meeting.session_id] = meeting.session
    Meeting.objects.bulk_update(changed, ["starts_at", "ends_at", "revision"], batch_size=500)
    for session in sessions.values():
        keep_in_step(session)
    return len(changed)
