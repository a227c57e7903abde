"""Notify guardians of moved or cancelled classes: one message per guardian, however many classes and children
are affected.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from courses.models import Meeting, Room
from courses.timetable.bulk_changes import Change
from courses.timetable.scheduling import Slot
from enrollments.classes import makeups, pickup_passes, register, team_notices
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship
from enrollments.models.attendance import attendees
from home.account import User


@dataclass(frozen=True)
class ChangedClass:
    """One class of one child, as the letter says it."""

    child: Child
    change: Change
    announced: str = ""  # an absence or lateness announced for the old day: asked again
    passes: tuple[str, ...] = ()  # names on one-day passes that have ended with the old day


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
    for row in rows.select_related("child").order_by("child__first_name", "pk"):
        offered[row.session_id].append(row.child)
    here = {
        key: [attendee.child for attendee in some]
        for key, some in attendees(change.meeting for change in changes).items()
    }
    ties: dict[int, list[User]] = defaultdict(list)
    children = {child.pk for some in (*here.values(), *offered.values()) for child in some}
    for tie in Guardianship.objects.filter(child__in=children).select_related("guardian").order_by("pk"):
        ties[tie.child_id].append(tie.guardian)
    found: dict[User, list[ChangedClass]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: (change.before.on, change.before.starts)):
        for child in (*here[change.meeting.pk], *offered[change.meeting.session_id]):
            for guardian in ties[child.pk]:
                found[guardian].append(ChangedClass(child, change))
    return dict(found)


@transaction.atomic
def tell(changes: Iterable[Change], *, reason: Promise | str, at: datetime) -> int:
    """Write the messages in the transaction of the change; return how many families are written to.

    The instructors of the classes are told too. A lazy `reason` is translated for each recipient.
    """
    changes = list(changes)
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
