"""Past classes of the demo: registers taken and closed on their day, so that the instructors' desk has a
history.
"""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import QuerySet

from academy.demo.season import sessions_by_key
from academy.models import User
from courses.models import Meeting, Session
from enrollments.classes import progress, register, roster
from enrollments.classes.diary import write_diary
from enrollments.models import Child, Presence

SHOWN = 3  # the latest classes of each session
EARLY = 5  # lessons in which most children still need help
IN_FULL = "past-print-b"  # the ended session whose every class has a register: certificates tell of it


def write_classes(now: datetime, say) -> None:
    """Write the latest classes of the demo instructor's sessions and all of an ended one, with marks: one
    family announced an absence, one child was late.
    """
    if Presence.objects.exists():
        return
    say("Registers")
    teacher, dice = User.objects.get(email="instructor@example.org"), Random("classes")  # noqa: S311 - the same each time
    for session in teacher.sessions_taught.filter(cancelled_at=None):
        for meeting in _held(session, now)[:SHOWN]:
            _hold(meeting, teacher, dice)
    ended = sessions_by_key()[IN_FULL]
    if colleague := ended.instructors.first():
        for meeting in _held(ended, now):
            _hold(meeting, colleague, dice)


def _held(session: Session, now: datetime) -> QuerySet[Meeting]:
    """Return the session's past classes, the latest first."""
    past = Meeting.objects.filter(session=session, cancelled_at=None, ends_at__lt=now)
    return past.order_by("-starts_at").select_related("session", "lesson")


def _hold(meeting: Meeting, teacher: User, dice: Random) -> None:
    children = [line.child for line in roster.lines(meeting)]
    if len(children) < 3:
        return
    away, late = dice.sample(children, 2)
    at = meeting.starts_at
    if guardian := away.guardians.first():
        register.announce(away, meeting, what="absent", by=guardian, at=at - timedelta(hours=3))
    register.all_present(
        meeting, key=UUID(int=dice.getrandbits(128)), by=teacher, at=at + timedelta(minutes=4)
    )
    row = Presence.objects.get(meeting=meeting, child=late)
    if row.mark == Presence.Mark.PRESENT:
        key = UUID(int=dice.getrandbits(128))
        register.mark(
            meeting,
            late.pk,
            mark="late",
            minutes=12,
            seen=row.version,
            key=key,
            by=teacher,
            at=at + timedelta(minutes=12),
        )
    if guardian:
        register.close(meeting, by=teacher, at=meeting.ends_at)
    seen = [child for child in children[:6] if child != away]
    if meeting.lesson:
        _observe(meeting, seen, teacher, dice)
    write_diary(
        meeting,
        by=teacher,
        at=meeting.ends_at,
        stopped_at="Fin de l’activité principale.",
        handover="",
        worked="",
        kit_missing="",
    )


def _observe(meeting: Meeting, children: list[Child], teacher: User, dice: Random) -> None:
    """Record levels as at the desk: one for all, then two exceptions. They rise during a course."""
    if (lesson := meeting.lesson) is None:
        return
    is_early = lesson.number <= EARLY
    for skill in lesson.skills.all()[:2]:
        level = 2 if is_early else 3
        progress.observe_all(children, skill, meeting, level=level, by=teacher, at=meeting.ends_at)
        for child in dice.sample(children, 2) if is_early or lesson.showcase else ():
            other = 1 if is_early else 4
            progress.observe(child, skill, meeting, level=other, by=teacher, at=meeting.ends_at)
