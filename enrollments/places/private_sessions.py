"""Sessions for invited families: a school, a partner, children of one house.

Whoever has the code sees the session and may enroll.

The only writer of SessionGuest and of a session's code.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction
from django.db.models import Q, QuerySet

from courses.models import Session
from enrollments.models import Enrollment, SessionGuest
from enrollments.models.places import ALPHABET
from enrollments.places import seat_log

LENGTH = 8  # of 30 signs: 6 × 10¹¹ codes, and twenty tries in ten minutes


def visible_to(user: User) -> QuerySet[Session]:
    """The published sessions this person may look at: those open to all, those of a code given, those a child
    of theirs is in.
    """
    invited = SessionGuest.objects.filter(guardian=user).values("session")
    theirs = Enrollment.objects.live().of(user).values("session")
    return Session.objects.published().filter(Q(access_code="") | Q(pk__in=invited) | Q(pk__in=theirs))


def may_see(user: User, session: Session) -> bool:
    """Whether this person may look at a published session; asks the database of a private one only."""
    return not session.access_code or visible_to(user).filter(pk=session.pk).exists()


def read(typed: str) -> str:
    """A code as it is kept, whatever was typed around it: spaces, dashes, small letters."""
    return "".join(sign for sign in typed.upper() if sign in ALPHABET)


def told(code: str) -> str:
    """ "7K3Q-P2MN", as it is said and printed."""
    return f"{code[:4]}-{code[4:]}" if code else ""


def find(typed: str) -> Session | None:
    """The session that this code opens."""
    code = read(typed)
    return Session.objects.published().filter(access_code=code).first() if len(code) == LENGTH else None


def admit(user: User, session: Session, *, at: datetime) -> None:
    """This person had the code.

    Said twice, it is once; a new code later does not shut out who came with the old one.
    """
    SessionGuest.objects.get_or_create(guardian=user, session=session, defaults={"at": at})


@transaction.atomic
def close(session: Session, *, by: User, at: datetime) -> Session:
    """Only invited families from now on, by a new code: an older one opens nothing any more.

    Places that are taken stay.
    """
    session = seat_log.locked_sessions([session])[session.pk]
    seat_log.decide(
        session, "private", before=int(bool(session.access_code)), after=1, reason="invited", by=by, at=at
    )
    session.access_code = "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))
    Session.objects.filter(pk=session.pk).update(access_code=session.access_code)
    return session


@transaction.atomic
def open_to_all(session: Session, *, by: User, at: datetime) -> Session:
    """Everybody sees it again."""
    session = seat_log.locked_sessions([session])[session.pk]
    if session.access_code:
        seat_log.decide(session, "private", before=1, after=0, reason="open", by=by, at=at)
        session.access_code = ""
        Session.objects.filter(pk=session.pk).update(access_code="")
    return session


def not_invited(user: User, sessions: Iterable[Session]) -> set[int]:
    """Those of these sessions that ask for a code this person has not given."""
    private = {session.pk for session in sessions if session.access_code}
    if not private:
        return set()
    return private - set(
        SessionGuest.objects.filter(guardian=user, session__in=private).values_list("session_id", flat=True)
    )
