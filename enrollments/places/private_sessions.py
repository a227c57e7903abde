"""Private sessions, for example for a school or a partner.

Anyone with the access code can see the session and enroll.

Sole writer of SessionGuest and of a session's code.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from courses.models import Session
from courses.models.timetable import SessionQuerySet
from enrollments.models import Enrollment, SessionGuest
from enrollments.models.places import ALPHABET
from enrollments.places import seat_log
from home.account import User

LENGTH = 8  # of 30 characters: 6 × 10¹¹ codes, and twenty tries in ten minutes


def visible_to(user: User) -> SessionQuerySet:
    """Return the published sessions this user may see: public ones, those whose code they gave, those of
    their children.
    """
    invited = SessionGuest.objects.filter(guardian=user).values("session")
    theirs = Enrollment.objects.live().of(user).values("session")
    return Session.objects.published().filter(Q(access_code="") | Q(pk__in=invited) | Q(pk__in=theirs))


def may_see(user: User, session: Session) -> bool:
    """Return whether this user may see a published session; queries the database for private ones only."""
    return not session.access_code or visible_to(user).filter(pk=session.pk).exists()


def read(typed: str) -> str:
    """Normalise a typed code: spaces, dashes, lower case."""
    return "".join(sign for sign in typed.upper() if sign in ALPHABET)


def told(code: str) -> str:
    """Return the code as printed: "7K3Q-P2MN"."""
    return f"{code[:4]}-{code[4:]}" if code else ""


def find(typed: str) -> Session | None:
    """Return the session with this code."""
    code = read(typed)
    return Session.objects.published().filter(access_code=code).first() if len(code) == LENGTH else None


def admit(user: User, session: Session, *, at: datetime) -> None:
    """Record that this user gave the code. Idempotent; replacing the code later does not remove access."""
    SessionGuest.objects.get_or_create(guardian=user, session=session, defaults={"at": at})


@transaction.atomic
def close(session: Session, *, by: User, at: datetime) -> Session:
    """Make the session private with a new code; an older code stops working. Existing places stay."""
    session = seat_log.locked_sessions([session])[session.pk]
    seat_log.decide(
        session, "private", before=int(bool(session.access_code)), after=1, reason="invited", by=by, at=at
    )
    session.access_code = "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))
    Session.objects.filter(pk=session.pk).update(access_code=session.access_code)
    return session


@transaction.atomic
def open_to_all(session: Session, *, by: User, at: datetime) -> Session:
    """Make the session public again."""
    session = seat_log.locked_sessions([session])[session.pk]
    if session.access_code:
        seat_log.decide(session, "private", before=1, after=0, reason="open", by=by, at=at)
        session.access_code = ""
        Session.objects.filter(pk=session.pk).update(access_code="")
    return session


def not_invited(user: User, sessions: Iterable[Session]) -> set[int]:
    """Return which of these sessions need a code this user has not given."""
    private = {session.pk for session in sessions if session.access_code}
    if not private:
        return set()
    return private - set(
        SessionGuest.objects.filter(guardian=user, session__in=private).values_list("session_id", flat=True)
    )
