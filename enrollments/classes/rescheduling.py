"""Reschedule or cancel a class and notify every family; assign substitute instructors.

Written through courses.timetable.scheduling; enrollments.classes.change_notices writes the messages.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import Closure, Meeting, OpeningHours
from courses.timetable import bulk_changes, clashes, scheduling, teaching
from courses.timetable.bulk_changes import Change
from courses.timetable.cautions import outside_opening_hours
from courses.timetable.closing import check_agreed
from courses.timetable.scheduling import Slot
from courses.timetable.teaching import Assignment, Verdict
from enrollments.classes import change_notices
from enrollments.models import Enrollment
from enrollments.models.attendance import children_in, classes_of
from enrollments.permissions import INSTRUCTOR, MANAGER, has_role
from home.account import User
from home.language.alphabet import in_alphabet
from home.language.dates import one_line

AHEAD, MOST = 28, 6  # days to search, times to suggest
STEP = 30  # minutes between the hours tried
DAY_BEGINS, DAY_ENDS = time(9), time(19)  # where a venue has no opening hours on file
USUAL_SPAN = timedelta(days=91)  # classes this far before and after tell on which weekdays we teach
REASONS: dict[str, Promise] = {
    "ill": _("the instructor is ill"),
    "room": _("the room cannot be used"),
    "weather": _("the weather"),
    "power": _("no electricity"),
    "event": _("an event at the venue"),
}


def may_move(user: User, meeting: Meeting, at: datetime) -> bool:
    """Return whether this user may move the class: managers any future class, instructors their own (domain
    §6).
    """
    if meeting.cancelled_at or meeting.starts_at <= at:
        return False
    return has_role(user, MANAGER) or (has_role(user, INSTRUCTOR) and user in meeting.teachers)


def free_slots(meeting: Meeting, at: datetime) -> list[Slot]:
    """Return times of the same length in the next weeks when the venue is open and the room, the instructors
    and the children are free.

    Only weekdays on which we teach at this venue, and never a day on which the group already has a class; one
    time a day, the usual one if it is free, otherwise the nearest; at most six. Local time in Morocco.
    """
    today = max(meeting.on, timezone.localdate(at))
    days = [today + timedelta(days=number) for number in range(1, AHEAD + 1)]
    closures = list(Closure.objects.filter(ends_on__gte=days[0], starts_on__lte=days[-1]))
    open_hours = _open_hours(meeting.room.venue_id)
    weekdays = _teaching_days(meeting, open_hours)
    in_room, ours, theirs = _busy(meeting, days[0], days[-1])
    own = set(
        meeting.session.meetings.filter(cancelled_at=None).exclude(pk=meeting.pk).values_list("on", flat=True)
    )
    found: list[Slot] = []
    for day in days:
        if day.weekday() not in weekdays or day in own:
            continue
        if any(closure.covers(day, meeting.room.venue_id) for closure in closures):
            continue
        for slot in _hours_tried(meeting, day, open_hours):
            if _is_free(meeting, slot, in_room, [*ours, *theirs]):
                found.append(slot)
                break  # one time a day
        if len(found) == MOST:
            break
    return found


def slot_at(meeting: Meeting, day: date, starts: time) -> Slot | None:
    """Return the time of a class as long as this one; None if it would run past midnight."""
    ends = datetime.combine(day, starts) + (meeting.ends_at - meeting.starts_at)
    return Slot(day, starts, ends.time()) if ends.date() == day else None


def _teaching_days(meeting: Meeting, hours: dict[int, list[tuple[time, time]]] | None) -> set[int]:
    """Return the weekdays (0 is Monday) on which other sessions have classes at this venue in these months,
    or else anywhere, and this session's own; without other sessions, the days on which the venue is open.

    The desk is open on days without classes, so opening hours alone do not tell.
    """
    rows = Meeting.objects.filter(
        on__gte=meeting.on - USUAL_SPAN,
        on__lte=meeting.on + USUAL_SPAN,
        cancelled_at=None,
        moved_from=None,
        session__cancelled_at=None,
    ).exclude(session=meeting.session_id)
    taught = [(day.weekday(), venue) for day, venue in rows.values_list("on", "room__venue")]
    here = {weekday for weekday, venue in taught if venue == meeting.room.venue_id}
    if found := here or {weekday for weekday, _venue in taught}:
        return found | {meeting.on.weekday()}
    return set(hours) if hours else set(range(7))


def _hours_tried(meeting: Meeting, day: date, hours: dict[int, list[tuple[time, time]]] | None) -> list[Slot]:
    """Return the times of a day while the venue is open: the usual one, then those nearest to it."""
    spans = hours.get(day.weekday(), []) if hours else [(DAY_BEGINS, DAY_ENDS)]
    usual = _minutes(meeting.starts)
    starts = {usual} | {
        minute for opens, closes in spans for minute in range(_minutes(opens), _minutes(closes), STEP)
    }
    slots = [
        slot_at(meeting, day, time(*divmod(minute, 60)))
        for minute in sorted(starts, key=lambda minute: (abs(minute - usual), minute))
    ]
    spans = spans if hours else [(time.min, time.max)]
    return [
        slot
        for slot in slots
        if slot and any(opens <= slot.starts and slot.ends <= closes for opens, closes in spans)
    ]


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _open_hours(venue_id: int) -> dict[int, list[tuple[time, time]]] | None:
    rows = list(OpeningHours.objects.filter(venue=venue_id))
    found: dict[int, list[tuple[time, time]]] = {}
    for row in rows:
        found.setdefault(row.weekday, []).append((row.opens, row.closes))
    return found or None


def _busy(meeting: Meeting, first: date, last: date) -> tuple[list[Meeting], list[Meeting], list[Meeting]]:
    """Return the classes in this room, those of its instructors, and those of its children on these days."""
    children = children_in(meeting)
    offered = Enrollment.objects.filter(child__in=children, state=Enrollment.State.OFFERED).values("session")
    rows = Meeting.objects.filter(
        on__gte=first, on__lte=last, cancelled_at=None, session__cancelled_at=None
    ).exclude(pk=meeting.pk)
    rows = rows.select_related("room__venue")
    ours = rows.filter(teaching.teaching(meeting.teachers)).distinct()
    theirs = rows.filter(classes_of(children) | Q(session__in=offered))
    return list(rows.filter(room=meeting.room_id)), list(ours), list(theirs)


def _is_free(meeting: Meeting, slot: Slot, in_room: list[Meeting], people: list[Meeting]) -> bool:
    """Return whether nothing conflicts at that time, including the travel of children and instructors
    between venues.
    """
    if any(bulk_changes.overlap(slot, Slot(row.on, row.starts, row.ends)) for row in in_room):
        return False
    (there,) = teaching.classes_at(meeting.room, [slot])
    return not any(clashes.overlap(there, row) for row in people)


def cautions_about(meeting: Meeting, slot: Slot, at: datetime) -> list[str]:
    """Return what is unusual about moving the class to that time, for the reader to confirm.

    Raises scheduling.Refused if the class cannot be then, or an instructor of it teaches at another venue.
    """
    scheduling.check_move(meeting, slot, meeting.room, at=at)
    change = change_of(meeting, slot)
    said = outside_opening_hours(meeting.room.venue, [slot])
    if meeting.session.meetings.filter(on=slot.on, cancelled_at=None).exclude(pk=meeting.pk).exists():
        said.append(gettext("The session already has a class on that day."))
    said += bulk_changes.cautions_about([change], at)
    return said + change_notices.clash_cautions([change])


def change_of(meeting: Meeting, slot: Slot | None) -> Change:
    return Change(meeting, Slot(meeting.on, meeting.starts, meeting.ends), slot)


def reason_of(code: str, typed: str) -> Promise | str:
    """Return the predefined reason, whatever its language; otherwise the typed text."""
    return REASONS.get(code) or one_line(typed, 200)


@transaction.atomic
def reschedule(
    meeting: Meeting, slot: Slot | None, *, reason: Promise | str, at: datetime, seen: str = ""
) -> int:
    """Move the class to that time, or cancel it (None), and write to every guardian; how many letters.

    `seen`: the tick beside the warnings about a queue that ends with it. Raises scheduling.Refused.
    """
    change = change_of(meeting, slot)
    if slot is None:
        check_agreed([meeting], seen, at)
        scheduling.cancel(meeting, at=at, reason=str(reason), is_told=True)
    else:
        scheduling.move(
            meeting, on=slot.on, starts=slot.starts, ends=slot.ends, at=at, reason=str(reason), is_told=True
        )
    return change_notices.tell([change], reason=reason, at=at)


def who_could_teach(meeting: Meeting, at: datetime) -> list[tuple[User, Verdict]]:
    """Return every instructor with what speaks against this class, those against whom nothing does first."""
    people = in_alphabet(teaching.instructors(), "name")
    found = teaching.clashes_of([Assignment(meeting, people)], at=at)
    rows = [(person, teaching.verdict_on([Assignment(meeting, [person])], found)) for person in people]
    return sorted(rows, key=lambda row: (bool(row[1].errors), bool(row[1].cautions)))
