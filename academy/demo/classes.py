"""Past classes of the demo: registers taken and closed on their day, so that the instructors' desk has a
history.
"""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from academy.models import User
from courses.models import Meeting
from enrollments.classes import progress, register, roster
from enrollments.classes.diary import write_diary
from enrollments.models import Presence

SHOWN = 3  # the latest classes of each session


def write_classes(now: datetime, say) -> None:
    """Write the latest classes of the demo instructor's sessions, with marks: one family announced an
    absence, one child was late.
    """
    if Presence.objects.exists():
        return
    say("Registers")
    teacher, dice = User.objects.get(email="instructor@example.org"), Random("classes")  # noqa: S311 - the same each time
    for session in teacher.sessions_taught.filter(cancelled_at=None):
        held = Meeting.objects.filter(session=session, cancelled_at=None, ends_at__lt=now).order_by(
            "-starts_at"
        )[:SHOWN]
        for meeting in held.select_related("session", "lesson"):
            _hold(meeting, teacher, dice)


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
    for skill in meeting.lesson.skills.all()[:2] if meeting.lesson else ():
        for child in children[:6]:
            if child != away:
                progress.observe(
                    child,
                    skill,
                    meeting,
                    level=dice.choice((1, 2, 2, 3, 3, 4)),
                    by=teacher,
                    at=meeting.ends_at,
                )
    write_diary(
        meeting,
        by=teacher,
        at=meeting.ends_at,
        stopped_at="Fin de l’activité principale.",
        handover="",
        worked="",
        kit_missing="",
    )
