"""Reschedule or cancel a class and notify every family; assign substitute instructors.

Written through courses.timetable.scheduling; enrollments.classes.change_notices writes the messages.
"""

from datetime import date, datetime, time, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Closure, Meeting, OpeningHours
from courses.timetable import bulk_changes, clashes, scheduling
from courses.timetable.bulk_changes import Change
from courses.timetable.scheduling import Slot
from enrollments.classes import change_notices
from enrollments.models import Enrollment
from enrollments.models.attendance import children_in, classes_of
from enrollments.permissions import INSTRUCTOR, MANAGER, has_role
from home.account import User
from home.language.dates import one_line

AHEAD, MOST = 28, 6  # days to search, times to suggest
HOURS = (time(10), time(14), time(16, 15))  # besides the class's usual time
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

    Never a day on which the group already has a class; the usual time first on each day; at most six. Local
    time in Morocco.
    """
    length = meeting.ends_at - meeting.starts_at
    today = max(meeting.on, at.date())
    days = [today + timedelta(days=number) for number in range(1, AHEAD + 1)]
    closures = list(Closure.objects.filter(ends_on__gte=days[0], starts_on__lte=days[-1]))
    open_hours = _open_hours(meeting.room.venue_id)
    ours, theirs = _busy(meeting, days[0], days[-1])
    own = set(
        meeting.session.meetings.filter(cancelled_at=None).exclude(pk=meeting.pk).values_list("on", flat=True)
    )
    found = []
    for day in days:
        if day in own or any(closure.covers(day, meeting.room.venue_id) for closure in closures):
            continue
        for starts in dict.fromkeys((meeting.starts, *HOURS)):
            ends = (datetime.combine(day, starts) + length).time()
            slot = Slot(day, starts, ends)
            if starts >= ends or not _is_open(slot, open_hours) or not _is_free(meeting, slot, ours, theirs):
                continue
            found.append(slot)
            break  # one time a day
    fitting = sorted(found, key=lambda slot: (slot.on.weekday() != meeting.on.weekday(), slot.on))[:MOST]
    return sorted(fitting, key=lambda slot: slot.on)


def _open_hours(venue_id: int) -> dict[int, list[tuple[time, time]]] | None:
    rows = list(OpeningHours.objects.filter(venue=venue_id))
    found: dict[int, list[tuple[time, time]]] = {}
    for row in rows:
        found.setdefault(row.weekday, []).append((row.opens, row.closes))
    return found or None


def _is_open(slot: Slot, hours: dict[int, list[tuple[time, time]]] | None) -> bool:
    return hours is None or any(
        opens <= slot.starts and slot.ends <= closes for opens, closes in hours.get(slot.on.weekday(), ())
    )


def _busy(meeting: Meeting, first: date, last: date) -> tuple[list[Meeting], list[Meeting]]:
    """Return the classes that use the room or an instructor, and the children's classes, on these days."""
    people = {person.pk for person in meeting.teachers}
    children = children_in(meeting)
    offered = Enrollment.objects.filter(child__in=children, state=Enrollment.State.OFFERED).values("session")
    rows = Meeting.objects.filter(
        on__gte=first, on__lte=last, cancelled_at=None, session__cancelled_at=None
    ).exclude(pk=meeting.pk)
    rows = rows.select_related("room__venue")
    ours = rows.filter(
        Q(room=meeting.room_id)
        | Q(instructors__in=people)
        | Q(instructors=None, session__instructors__in=people)
    )
    return list(ours.distinct()), list(rows.filter(classes_of(children) | Q(session__in=offered)))


def _is_free(meeting: Meeting, slot: Slot, ours: list[Meeting], theirs: list[Meeting]) -> bool:
    """Return whether nothing conflicts at that time, including the children's travel between venues."""
    if any(bulk_changes.overlap(slot, Slot(row.on, row.starts, row.ends)) for row in ours):
        return False
    there = Meeting(
        session=meeting.session, room=meeting.room, on=slot.on, starts=slot.starts, ends=slot.ends
    ).derive_instants()
    return not any(clashes.overlap(there, row) for row in theirs)


def change_of(meeting: Meeting, slot: Slot | None) -> Change:
    return Change(meeting, Slot(meeting.on, meeting.starts, meeting.ends), slot)


def reason_of(code: str, typed: str) -> Promise | str:
    """Return the predefined reason, whatever its language; otherwise the typed text."""
    return REASONS.get(code) or one_line(typed, 200)


@transaction.atomic
def reschedule(meeting: Meeting, slot: Slot | None, *, reason: Promise | str, at: datetime) -> int:
    """Move the class to that time, or cancel it (None), and write to every guardian; how many letters.

    Raises scheduling.Refused.
    """
    change = change_of(meeting, slot)
    if slot is None:
        scheduling.cancel(meeting, at=at, reason=str(reason), is_told=True)
    else:
        scheduling.move(
            meeting, on=slot.on, starts=slot.starts, ends=slot.ends, at=at, reason=str(reason), is_told=True
        )
    return change_notices.tell([change], reason=reason, at=at)


def who_could_teach(meeting: Meeting) -> list[tuple[User, bool]]:
    """Return every instructor with whether another class conflicts, free ones first."""
    slot = Slot(meeting.on, meeting.starts, meeting.ends)
    same_day = Meeting.objects.filter(on=meeting.on, cancelled_at=None, session__cancelled_at=None).exclude(
        pk=meeting.pk
    )
    held = set()
    for row in same_day.prefetch_related("instructors", "session__instructors"):
        if bulk_changes.overlap(slot, Slot(row.on, row.starts, row.ends)):
            held |= {person.pk for person in row.teachers}
    people = get_user_model().objects.filter(groups__name=INSTRUCTOR, is_active=True).order_by("name", "pk")
    return sorted(((person, person.pk in held) for person in people), key=lambda pair: pair[1])
