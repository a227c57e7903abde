"""After-class messages: a summary for families of children who attended, a catch-up for absentees.

Sending can be undone for 30 seconds.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from courses.models import Meeting
from enrollments.classes import roster
from enrollments.classes.diary import diary_of, note_told
from enrollments.letters import outbox
from enrollments.models import ClassNote, Guardianship, Letter, Presence
from home.account import User
from home.refusals import CodedRefusal

UNDO = timedelta(seconds=30)
KINDS = ("in_class", "catch_up")
AWAY = (Presence.Mark.ABSENT, Presence.Mark.EXCUSED)


class Reason(StrEnum):
    NOT_OVER = "not_over"  # the class has not begun
    TOLD = "told"  # once is enough
    NOBODY = "nobody"  # nobody would read it


class Refused(CodedRefusal[Reason]):
    """Nothing was sent."""


def readers(meeting: Meeting) -> dict[str, list[roster.RosterLine]]:
    """Return, by kind of message, the register lines whose families get it;
    a child without a mark gets none.
    """
    rows = roster.lines(meeting)
    return {
        "in_class": [line for line in rows if line.presence.came],
        "catch_up": [line for line in rows if line.presence.mark in AWAY],
    }


@transaction.atomic
def tell(meeting: Meeting, *, by: User, at: datetime) -> int:
    """Write the messages, to be sent after 30 seconds; return how many. Raises Refused."""
    diary = diary_of(meeting, lock=True)
    if diary.told_at:
        raise Refused(Reason.TOLD)
    if at < meeting.starts_at:
        raise Refused(Reason.NOT_OVER)
    found = readers(meeting)
    children = [line.child.pk for lines in found.values() for line in lines]
    notes = {note.child_id: note for note in ClassNote.objects.filter(meeting=meeting, child__in=children)}
    ties: dict[int, list[User]] = {}
    for tie in Guardianship.objects.filter(child__in=children).select_related("guardian").order_by("pk"):
        ties.setdefault(tie.child_id, []).append(tie.guardian)
    words = {"meeting": meeting, "session": meeting.session, "name": by.get_full_name()}
    count = 0
    for kind, lines in found.items():
        for line in lines:
            for guardian in ties.get(line.child.pk, ()):
                outbox.write(
                    kind,
                    to=guardian,
                    child=line.child,
                    at=at,
                    hold=UNDO,
                    note=notes.get(line.child.pk),
                    **words,
                )
                count += 1
    if not count:
        raise Refused(Reason.NOBODY)
    note_told(diary, at)
    return count


@transaction.atomic
def call_back(meeting: Meeting, *, at: datetime) -> bool:
    """Cancel the messages within 30 seconds, so that they can be written again; False if too late."""
    diary = diary_of(meeting, lock=True)
    if diary.told_at is None or at >= diary.told_at + UNDO:
        return False
    told = Letter.objects.filter(meeting=meeting, kind__in=KINDS, state=Letter.State.QUEUED)
    told.update(state=Letter.State.WITHHELD)
    note_told(diary, None)
    return True
