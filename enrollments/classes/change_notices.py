"""Notify guardians of moved or cancelled classes: one message per guardian, however many classes and children
are affected.
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from courses.models import Meeting, Room
from courses.timetable.bulk_changes import Change
from courses.timetable.clashes import overlap
from courses.timetable.scheduling import Slot
from enrollments.classes import makeups, pickup_passes, register, team_notices
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship
from enrollments.models.attendance import attendees, by_name
from home.account import User
from home.language.typed_words import for_each_reader


@dataclass(frozen=True)
class ChangedClass:
    """One class of one child, as the letter says it."""

    child: Child
    change: Change
    announced: str = ""  # an absence or lateness announced for the old day: asked again
    passes: tuple[str, ...] = ()  # names on one-day passes that have ended with the old day
    meets: Meeting | None = None  # another class of the child in the way of the new time


def concerned(changes: Iterable[Change]) -> dict[User, list[ChangedClass]]:
    """Return the lines of each guardian's message in chronological order.

    Includes all guardians, whatever their rights, of the children of these classes, and of those who are
    being offered a place in them.
    """
    changes = list(changes)
    offered: dict[int, list[Child]] = defaultdict(list)
    rows = Enrollment.objects.filter(
        session__in={change.meeting.session_id for change in changes}, state=Enrollment.State.OFFERED
    )
    for row in sorted(rows.select_related("child"), key=lambda row: by_name(row.child)):
        offered[row.session_id].append(row.child)
    here = {
        key: [attendee.child for attendee in some]
        for key, some in attendees(change.meeting for change in changes).items()
    }
    ties: dict[int, list[User]] = defaultdict(list)
    children = {child.pk for some in (*here.values(), *offered.values()) for child in some}
    for tie in Guardianship.objects.filter(child__in=children).select_related("guardian").order_by("pk"):
        ties[tie.child_id].append(tie.guardian)
    in_the_way = child_clashes(changes)
    found: dict[User, list[ChangedClass]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: (change.before.on, change.before.starts)):
        for child in (*here[change.meeting.pk], *offered[change.meeting.session_id]):
            for guardian in ties[child.pk]:
                meets = in_the_way.get((change.meeting.pk, child.pk))
                found[guardian].append(ChangedClass(child, change, meets=meets))
    return dict(found)


def child_clashes(changes: Iterable[Change]) -> dict[tuple[int, int], Meeting]:
    """Return another class of the same child that is in the way of a new time, by class and child (their
    primary keys). One query for the classes of these days, two for their children, two for those moved.
    """
    changes = list(changes)
    moved = {change.meeting.pk: _as_moved(change) for change in changes if change.after}
    rows = Meeting.objects.filter(
        on__in={meeting.on for meeting in moved.values()}, cancelled_at=None, session__cancelled_at=None
    ).exclude(pk__in=[change.meeting.pk for change in changes])
    there = list(rows.select_related("session__course", "room__venue").order_by("starts_at", "pk"))
    here = {
        key: {attendee.child.pk for attendee in some}
        for key, some in attendees([*there, *(change.meeting for change in changes)]).items()
    }
    found: dict[tuple[int, int], Meeting] = {}
    for key, meeting in moved.items():
        for other in (*there, *moved.values()):
            if other.pk == key or not (both := here[key] & here[other.pk]) or not overlap(meeting, other):
                continue
            for child in both:
                found.setdefault((key, child), other)
    return found


def _as_moved(change: Change) -> Meeting:
    """Return a copy of the class at its new time."""
    meeting, after = copy.copy(change.meeting), cast(Slot, change.after)
    meeting.on, meeting.starts, meeting.ends = after.on, after.starts, after.ends
    return meeting.derive_instants()


def clash_cautions(changes: Iterable[Change]) -> list[str]:
    """Return one sentence for each child that has another class at a new time (domain §6)."""
    found = child_clashes(changes)
    names = dict(
        Child.objects.filter(pk__in={child for _key, child in found}).values_list("pk", "first_name")
    )
    said = [
        _("%(child)s has another class then: %(course)s, %(when)s.")
        % {"child": names[child], "course": other.session.course.title, "when": other.spelled}
        for (_key, child), other in found.items()
    ]
    return sorted(said)


def preview(changes: Iterable[Change], *, reason: Promise | str, at: datetime) -> dict[str, Any]:
    """Return how many guardians would read it (`readers`), and the message to the first of them in each
    language (`letters`).
    """
    found = concerned(changes)
    if not found:
        return {"readers": 0, "letters": []}
    guardian = next(iter(found))
    lines = found[guardian]
    only = {line.child for line in lines}
    child = lines[0].child if len(only) == 1 else None
    words = {"lines": lines, "reason": for_each_reader(reason), "child": child, "reader": guardian}
    return {"readers": len(found), "letters": outbox.previews("classes_changed", at=at, **words)}


@transaction.atomic
def tell(changes: Iterable[Change], *, reason: Promise | str, at: datetime) -> int:
    """Write the messages in the transaction of the change; return how many families are written to.

    The instructors of the classes are told too. A lazy `reason` is translated for each recipient, a typed one
    is quoted to those who read another language.
    """
    changes, reason = list(changes), for_each_reader(reason)
    completed = _ask_again(changes, at)
    found = {guardian: [completed(line) for line in lines] for guardian, lines in concerned(changes).items()}
    meeting = changes[0].meeting if len(changes) == 1 else None
    for guardian, lines in found.items():
        only = {line.child for line in lines}
        child = next(iter(only)) if len(only) == 1 else None
        outbox.write(
            "classes_changed", to=guardian, at=at, child=child, lines=lines, reason=reason, meeting=meeting
        )
    team_notices.tell_changes(changes, reason=reason, at=at)
    return len(found)


def _ask_again(changes: list[Change], at: datetime) -> Callable[[ChangedClass], ChangedClass]:
    """Forget what was said for a day on which the class is no longer held: announced absences, one-day
    passes, and make-up classes booked for them. Return what adds it to a line of the letter.
    """
    said: dict[tuple[int, int], str] = {}
    passes: dict[tuple[date, int], list[str]] = {}
    for change in changes:
        day = change.before.on
        if change.after is not None and change.after.on == day:
            continue
        here = [attendee.child.pk for attendee in attendees([change.meeting])[change.meeting.pk]]
        passes |= {
            (day, child): names for child, names in pickup_passes.end_without_class(here, day, at=at).items()
        }
        if change.after is not None:
            told = register.start_over(change.meeting)
            said |= {(change.meeting.pk, child): what for child, what in told.items()}
            makeups.end_unjustified(told, at=at, why=makeups.Ended.MOVED)
    return lambda line: replace(
        line,
        announced=said.get((line.change.meeting.pk, line.child.pk), ""),
        passes=tuple(passes.get((line.change.before.on, line.child.pk), ())),
    )


def tell_one(
    sender: type[Meeting],
    *,
    meeting: Meeting,
    before: Slot,
    at: datetime,
    left: Room | None = None,
    **_more: Any,
) -> None:
    """Notify families of one class moved or cancelled on the timetable's own screen (courses.signals)."""
    after = None if meeting.cancelled_at else Slot(meeting.on, meeting.starts, meeting.ends)
    tell([Change(meeting, before, after, left)], reason=meeting.reason, at=at)
