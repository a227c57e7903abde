"""Tell the people who teach: a class or session of theirs was moved, cancelled, given to them or to somebody
else. One message per person, however many classes are affected.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.functional import Promise

from courses.models import Meeting, Session
from courses.timetable.bulk_changes import Change
from enrollments.letters import outbox
from enrollments.models.attendance import attendees
from home.account import User


@dataclass(frozen=True)
class TaughtClass:
    """One changed class, as the letter to an instructor says it."""

    change: Change
    children: int


@transaction.atomic
def tell_changes(changes: Iterable[Change], *, reason: Promise | str, at: datetime) -> int:
    """Write to everybody who teaches these classes, in the transaction of the change; return how many
    messages.
    """
    changes = sorted(changes, key=lambda change: (change.before.on, change.before.starts))
    meetings = [change.meeting for change in changes]
    prefetch_related_objects(meetings, "instructors", "session__instructors")
    here = attendees(meetings)
    found: dict[User, list[TaughtClass]] = defaultdict(list)
    for change in changes:
        for person in change.meeting.teachers:
            found[person].append(TaughtClass(change, len(here[change.meeting.pk])))
    for person, lines in found.items():
        outbox.write("team_classes_changed", to=person, at=at, lines=lines, reason=reason)
    return len(found)


def tell_session_ended(sender: type[Session], *, session: Session, at: datetime, **_more: Any) -> None:
    """Tell everybody who would have taught a class of the session that it will not be held."""
    coming = Meeting.objects.filter(session=session, cancelled_at=None, starts_at__gt=at)
    for person in sorted(_teachers(session, coming), key=lambda person: person.pk):
        outbox.write("team_session_ended", to=person, at=at, session=session)


def _teachers(session: Session, meetings: Iterable[Meeting]) -> set[User]:
    found = set(session.instructors.all())
    for meeting in meetings.prefetch_related("instructors"):  # type: ignore[attr-defined]  # a queryset
        found |= set(meeting.instructors.all())
    return {person for person in found if person.is_active}


def tell_assigned(
    sender: type[Meeting],
    *,
    meetings: Collection[Meeting],
    added: Iterable[User],
    removed: Iterable[User],
    at: datetime,
    **_more: Any,
) -> None:
    """Tell those who now teach these future classes, and those who no longer do (courses.signals)."""
    rows = sorted(meetings, key=lambda meeting: meeting.starts_at)
    prefetch_related_objects(rows, "session__course", "room__venue", "lesson")
    for people, is_theirs in ((added, True), (removed, False)):
        for person in sorted((one for one in people if one.is_active), key=lambda person: person.pk):
            outbox.write("team_assigned", to=person, at=at, meetings=rows, is_theirs=is_theirs)
