"""Staff messages to families: to a whole session or to one child's guardians, never between families, never
to a child.

Written as emails and held for 30 seconds so that sending can be undone. Sole writer of Message.
"""

from datetime import datetime, timedelta

from django.db import transaction

from courses.models import Meeting, Session
from enrollments.classes import roster
from enrollments.classes.schedule import open_rosters
from enrollments.letters import outbox
from enrollments.models import Child, Guardianship, Letter, Message
from enrollments.models.attendance import attendees, attendees_of, by_name
from enrollments.permissions import INSTRUCTOR, MANAGER, has_role
from home.account import User
from home.language.alphabet import in_alphabet
from home.refusals import Refusal

UNDO = timedelta(seconds=30)


class NobodyToRead(Refusal):
    """Raised with nothing written, because there are no recipients."""


def may_write(user: User, session: Session, at: datetime) -> bool:
    """Return whether this user may write: managers always, the session's instructors while its roster is open
    to them (domain §6).
    """
    if has_role(user, MANAGER):
        return True
    return has_role(user, INSTRUCTOR) and session.pk in set(open_rosters(user, at))


def children_of(session: Session, meeting: Meeting | None = None, *, at: datetime) -> list[Child]:
    """Return whose families a message reaches, by first name: the children of that class, else those seated
    in the session and the guests of its coming classes.
    """
    if meeting is not None:
        return [attendee.child for attendee in attendees_of(meeting)]
    children = {row.child_id: row.child for row in roster.seated(session)}
    coming = Meeting.objects.filter(session=session, cancelled_at=None, ends_at__gt=at)
    for some in attendees(coming).values():
        children |= {attendee.child.pk: attendee.child for attendee in some}
    return sorted(children.values(), key=by_name)


def readers(
    session: Session, child: Child | None = None, meeting: Meeting | None = None, *, at: datetime
) -> dict[User, list[Child]]:
    """Return each guardian's children whom a message about this session, or class, concerns; with a child,
    only that child's.
    """
    children = {
        one.pk: one for one in children_of(session, meeting, at=at) if child is None or one.pk == child.pk
    }
    found: dict[User, list[Child]] = {}
    ties = Guardianship.objects.filter(child__in=list(children)).select_related("guardian")
    for tie in in_alphabet(ties, "guardian__name"):
        found.setdefault(tie.guardian, []).append(children[tie.child_id])
    return found


@transaction.atomic
def write(
    session: Session,
    *,
    texts: dict[str, str],
    by: User,
    at: datetime,
    child: Child | None = None,
    meeting: Meeting | None = None,
) -> Message:
    """One letter to each guardian, in their language where the words exist in it; sent half a minute later.

    Raises NobodyToRead.
    """
    found = readers(session, child, meeting, at=at)
    if not found:
        raise NobodyToRead
    message = Message.objects.create(
        session=session,
        child=child,
        meeting=meeting,
        by_ref=by.pk,
        by_name=by.get_full_name(),
        written_at=at,
        **{f"text_{code}": words.strip() for code, words in texts.items()},
    )
    for guardian, children in found.items():
        text, language = message.text_in(guardian.language)
        only = children[0] if len(children) == 1 else None
        words = {
            "session": session,
            "meeting": meeting,
            "text": text,
            "is_other": language != guardian.language,
            "name": message.by_name,
        }
        outbox.write(
            "message",
            to=guardian,
            at=at,
            child=only,
            team_message=message,
            hold=UNDO,
            children=children,
            **words,
        )
    return message


def undo_until(message: Message) -> datetime:
    return message.written_at + UNDO


@transaction.atomic
def undo(message: Message, *, at: datetime) -> bool:
    """Undo sending within 30 seconds; False if too late, or already undone."""
    if at >= undo_until(message) or not Message.objects.filter(pk=message.pk, undone_at=None).update(
        undone_at=at
    ):
        return False
    Letter.objects.filter(team_message=message, state=Letter.State.QUEUED).update(state=Letter.State.WITHHELD)
    return True


def delivery(message: Message) -> list[Letter]:
    """Return each recipient's message; undelivered ones (no address, refused) first, with `whatsapp`: a link
    with the text prepared.
    """
    rows = Letter.objects.filter(team_message=message).select_related("recipient")
    return outbox.delivery(in_alphabet(rows, "recipient__name"), lambda row: message.text_in(row.language)[0])
