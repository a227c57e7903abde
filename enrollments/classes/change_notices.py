"""Notify guardians of moved or cancelled classes: one message per guardian, however many classes and children
are affected.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from courses.models import Meeting
from courses.timetable.bulk_changes import Change
from courses.timetable.scheduling import Slot
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship, MakeUp
from home.account import User


@dataclass(frozen=True)
class ChangedClass:
    """One class of one child, as the letter says it."""

    child: Child
    change: Change


def concerned(changes: Iterable[Change]) -> dict[User, list[ChangedClass]]:
    """Return the lines of each guardian's message in chronological order.

    Includes all guardians of seated children and guests, whatever their rights.
    """
    changes = list(changes)
    seated: dict[int, list[Child]] = defaultdict(list)
    rows = Enrollment.objects.filter(
        session__in={change.meeting.session_id for change in changes}, state=Enrollment.State.SEATED
    )
    for row in rows.select_related("child").order_by("child__first_name", "pk"):
        seated[row.session_id].append(row.child)
    guests: dict[int, list[Child]] = defaultdict(list)
    for guest in MakeUp.objects.filter(
        host__in=[change.meeting for change in changes], cancelled_at=None
    ).select_related("child"):
        guests[guest.host_id].append(guest.child)
    ties: dict[int, list[User]] = defaultdict(list)
    children = {child.pk for some in (*seated.values(), *guests.values()) for child in some}
    for tie in Guardianship.objects.filter(child__in=children).select_related("guardian").order_by("pk"):
        ties[tie.child_id].append(tie.guardian)
    found: dict[User, list[ChangedClass]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: (change.before.on, change.before.starts)):
        for child in (*seated[change.meeting.session_id], *guests[change.meeting.pk]):
            for guardian in ties[child.pk]:
                found[guardian].append(ChangedClass(child, change))
    return dict(found)


@transaction.atomic
def tell(changes: Iterable[Change], *, reason: Promise | str, at: datetime) -> int:
    """Write the messages in the transaction of the change; return how many.

    A lazy `reason` is translated for each recipient.
    """
    changes = list(changes)
    found = concerned(changes)
    meeting = changes[0].meeting if len(changes) == 1 else None
    for guardian, lines in found.items():
        only = {line.child for line in lines}
        child = next(iter(only)) if len(only) == 1 else None
        outbox.write(
            "classes_changed", to=guardian, at=at, child=child, lines=lines, reason=reason, meeting=meeting
        )
    return len(found)


def tell_one(sender: type[Meeting], *, meeting: Meeting, before: Slot, at: datetime, **_more: Any) -> None:
    """Notify families of one class moved or cancelled on the timetable's own screen (courses.signals)."""
    after = None if meeting.cancelled_at else Slot(meeting.on, meeting.starts, meeting.ends)
    tell([Change(meeting, before, after)], reason=meeting.reason, at=at)
