"""The lessons of a running session. It keeps those it began with, and their order, whatever becomes of the
course; a manager brings it up to date, seeing the differences first. Sole writer of a class's lesson after
scheduling has laid it out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from courses.models import Lesson, Meeting, Session
from home.confirmation import mark_of
from home.refusals import CodedRefusal


class Reason(StrEnum):
    CHANGED = "changed"  # since the differences were shown
    CANCELLED = "cancelled"


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


@dataclass(frozen=True)
class LessonChange:
    """One future class: its lesson and number now, and what the course says."""

    meeting: Meeting
    before: Lesson | None
    after: Lesson | None

    @property
    def old_number(self) -> int | None:
        return self.meeting.shown_lesson_number

    @property
    def is_renumbered(self) -> bool:
        """Return whether only the number changes."""
        return self.before is not None and self.before == self.after


def differences(session: Session, at: datetime) -> list[LessonChange]:
    """Return the future classes whose lesson, or its number, is not what the course says now, in their order.

    Classes that have started keep theirs. The next ones take the lessons of the course that come after the
    last one given, and those this session has still to give, wherever the course has them now, without those
    given before; classes left over have none.
    """
    meetings = list(
        session.meetings.filter(cancelled_at=None).select_related("lesson", "session").order_by("starts_at")
    )
    given = [meeting.lesson for meeting in meetings if meeting.starts_at <= at and meeting.lesson]
    coming = [meeting for meeting in meetings if meeting.starts_at > at]
    lessons = list(session.course.lessons.filter(is_retired=False).order_by("number"))
    last = max((place for place, lesson in enumerate(lessons) if lesson in given), default=-1)
    foreseen = {meeting.lesson for meeting in coming}
    left = [
        lesson
        for place, lesson in enumerate(lessons)
        if lesson not in given and (place > last or lesson in foreseen)
    ]
    planned = [*left, *[None] * len(coming)][: len(coming)]
    return [
        LessonChange(meeting, meeting.lesson, lesson)
        for meeting, lesson in zip(coming, planned, strict=True)
        if meeting.lesson != lesson or (lesson and meeting.shown_lesson_number != lesson.number)
    ]


def left_out(session: Session, changes: list[LessonChange]) -> list[Lesson]:
    """Return the lessons that these changes take out of the session."""
    kept = {change.after for change in changes}
    return [change.before for change in changes if change.before and change.before not in kept]


def mark(changes: list[LessonChange]) -> str:
    """Return the mark of what was shown, which `update_lessons` asks for."""
    return mark_of(
        f"{change.meeting.pk}:{change.before and change.before.pk}:{change.after and change.after.pk}:"
        f"{change.after and change.after.number}"
        for change in changes
    )


@transaction.atomic
def update_lessons(session: Session, *, seen: str, at: datetime) -> list[LessonChange]:
    """Give the future classes of a session the lessons of its course as they are now; return what changed.

    Raises Refused: CHANGED if the differences are not those that were shown; CANCELLED.
    """
    session = Session.objects.select_for_update(of=("self",)).select_related("course").get(pk=session.pk)
    if session.cancelled_at:
        raise Refused(Reason.CANCELLED)
    changes = differences(session, at)
    if mark(changes) != seen:
        raise Refused(Reason.CHANGED)
    for change in changes:
        meeting = change.meeting
        meeting.lesson = change.after
        meeting.lesson_number = change.after.number if change.after else None
        meeting.revision += 1  # calendar files name the lesson
        meeting.save(update_fields=["lesson", "lesson_number", "revision"])
    return changes
