"""Staff messages to families: to a whole session or to one child's guardians, never between families, never
to a child.

Written as emails and held for 30 seconds so that sending can be undone. Sole writer of Message.
"""

from datetime import datetime, timedelta

from django.db import transaction

from courses.models import Meeting, Session
from enrollments.classes.schedule import open_rosters
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship, Letter, Message
from enrollments.permissions import INSTRUCTOR, MANAGER, has_role
from home.account import User
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


def readers(session: Session, child: Child | None = None) -> dict[User, list[Child]]:
    """Return each guardian's seated children in this session; with a child, only that child's."""
    rows = Enrollment.objects.filter(session=session, state=Enrollment.State.SEATED).select_related("child")
    children = {row.child_id: row.child for row in (rows.filter(child=child) if child else rows)}
    found: dict[User, list[Child]] = {}
    for tie in (
        Guardianship.objects.filter(child__in=list(children))
        .select_related("guardian")
        .order_by("guardian__name", "pk")
    ):
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
    found = readers(session, child)
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
    rows = (
        Letter.objects.filter(team_message=message)
        .select_related("recipient")
        .order_by("recipient__name", "pk")
    )
    return outbox.delivery(rows, lambda row: message.text_in(row.language)[0])
