"""The one hand that writes places: Enrollment rows, a session's counters, and the append-only events of both,
in one transaction.

Whoever calls holds the locks: children by primary key, then sessions by primary key. A seat is written only
where the session still has one (conditional update), and the database refuses more seats than places whatever
happens (`session_never_overbooked`).
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser as User
from django.db.models import F

from courses.models import Session
from enrollments.models import Child, Enrollment, Guardianship, PlaceEvent, SessionEvent
from home.database.compiled import Compiled, CompiledUpdate, insert, together
from home.refusals import Refusal

State = Enrollment.State
ASKED_ABOUT = (
    "course_id",
    "room_id",
    "term_id",
    "access_code",
    "beginners_welcome",
)  # what enrollments.places.eligibility.know looks up


def _children(keys, user=None):
    rows = Child.objects.all() if user is None else Child.objects.in_care_of(user)
    return rows.filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk")


CHILDREN = Compiled(_children)
FULL_TIES = Compiled(
    lambda children: (
        Guardianship.objects.full().filter(child__pk__in=children).select_related("guardian").order_by("pk")
    )
)
SESSION_ITSELF = Compiled(lambda key: Session.objects.filter(pk=key).select_for_update())
NEXT_DUE = Compiled(
    lambda key: Enrollment.objects.live().filter(session=key).exclude(due_at=None).order_by("due_at")[:1]
)

_with_a_seat = Session.objects.filter(seats_taken__lt=F("capacity") - F("held_back"))
_seat, _ticket = {"seats_taken": F("seats_taken") + 1}, {"next_ticket": F("next_ticket") + 1}
TAKE_SEAT = CompiledUpdate(lambda key: _with_a_seat.filter(pk=key), **_seat, **_ticket)
TAKE_SEAT_IF_NONE_WAITS = CompiledUpdate(
    lambda key: _with_a_seat.filter(pk=key, waiting_count=0), **_seat, **_ticket
)
JOIN_TAIL = CompiledUpdate(
    lambda key: Session.objects.filter(pk=key), waiting_count=F("waiting_count") + 1, **_ticket
)


class NoSeat(Refusal):
    """The session has no seat left for this change; nothing of it was written."""


def locked_children(children: Iterable[Child | int]) -> dict[int, Child]:
    """The rows under lock, by primary key, taken in that order."""
    return {child.pk: child for child in CHILDREN(keys=_keys_of(children))}


def locked_with_ties(
    children: Iterable[Child | int], in_care_of: User | None = None
) -> tuple[dict[int, Child], list[Guardianship]]:
    """The same, only those in the full care of somebody when that is asked; and their full guardians' ties,
    with who they are: they cannot change any more, since who changes them locks the child.
    """
    keys = _keys_of(children)
    whose = {"user": in_care_of.pk} if in_care_of else {}
    rows, ties = together(CHILDREN.asked(keys=keys, **whose), FULL_TIES.asked(children=keys))
    return {child.pk: child for child in rows}, ties


def _keys_of(children: Iterable[Child | int]) -> list[int]:
    return sorted({child.pk if isinstance(child, Child) else child for child in children})


def locked_sessions(sessions: Iterable[Session | int]) -> dict[int, Session]:
    """The same for sessions, with the facts the rules read; after the children, always."""
    keys = {session.pk if isinstance(session, Session) else session for session in sessions}
    rows = Session.objects.with_facts().select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {session.pk: session for session in rows}


def locked_again(session: Session) -> Session:
    """A session that was read with its facts, its own columns read anew under the lock: the same object, or
    another one with the facts read anew too when something the rules were asked about has changed.
    """
    now = SESSION_ITSELF.one(key=session.pk)
    if now is None:
        raise Session.DoesNotExist
    if any(getattr(now, name) != getattr(session, name) for name in ASKED_ABOUT):
        return locked_sessions([session])[session.pk]
    for field in Session._meta.concrete_fields:
        setattr(session, field.attname, getattr(now, field.attname))
    return session


def append(
    child: Child,
    session: Session,
    *,
    by: User | None,
    at: datetime,
    reference: str,
    wish: str = "first_come",
    priority: int = 0,
    price: Decimal | None = None,
    offer: dict | None = None,
) -> Enrollment:
    """The next ticket, and a seat with it where one is free.

    `wish`: first_come (a seat when nobody waits, else the tail), seat (whoever waits cannot be served: NoSeat
    when none is free), wait. `offer`: the seat is only held, with these facts of an offer. `price` in MAD;
    the session's when none is given.
    """
    ticket, seated = session.next_ticket, 0
    if wish != "wait":
        seated = (TAKE_SEAT if wish == "seat" else TAKE_SEAT_IF_NONE_WAITS)(key=session.pk)
    if seated:
        session.seats_taken += 1
    elif wish == "seat":
        raise NoSeat(session)
    else:
        JOIN_TAIL(key=session.pk)
        session.waiting_count += 1
    session.next_ticket += 1
    row = insert(
        Enrollment(
            child=child,
            session=session,
            state=(State.OFFERED if offer else State.SEATED) if seated else State.WAITING,
            priority=priority,
            ticket=ticket,
            reference=reference,
            price=session.price if price is None else price,
            first_meeting_on=session.first_on,
            enrolled_by=by,
            created_at=at,
            changed_at=at,
            **(offer or {}),
        )
    )
    record(row, "", "offered" if offer else "enrolled", by, at)
    return row


def change(
    row: Enrollment, to: str, reason: str, *, session: Session, by: User | None, at: datetime, **facts
) -> Enrollment:
    """Bring a row into another state and the counters with it; `facts` are further fields of the row.

    Raises NoSeat.
    """
    seats = (to in Enrollment.HOLDING) - (row.state in Enrollment.HOLDING)
    waits = (to == State.WAITING) - (row.state == State.WAITING)
    if seats or waits:
        this = Session.objects.filter(pk=session.pk)
        if seats > 0:
            this = this.filter(seats_taken__lt=F("capacity") - F("held_back"))
        if not this.update(seats_taken=F("seats_taken") + seats, waiting_count=F("waiting_count") + waits):
            raise NoSeat(session)
        session.seats_taken += seats
        session.waiting_count += waits
    before, row.state, row.changed_at = row.state, to, at
    over = {
        "offered_at": None,
        "offer_until": None,
        "offer_kind": "",
        "offer_opened_at": None,
        "reminded_at": None,
        "called_at": None,
        "leaves_at": None,
        "leaving_by_ref": None,
        "due_at": None,
    }
    for name, value in (over | facts).items():
        setattr(row, name, value)
    row.save(update_fields=["state", "changed_at", *over, *facts])
    record(row, before, reason, by, at)
    return row


def note(row: Enrollment, reason: str, *, by: User | None, at: datetime, **facts) -> None:
    """Something happened to a row that stays in its state: a withdrawal begun or taken back, another child's
    file; kept as an event.
    """
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))
    record(row, row.state, reason, by, at)


def record(row: Enrollment, before: str, reason: str, by: User | None, at: datetime) -> None:
    """Write the event of a change, in the transaction of the change."""
    insert(
        PlaceEvent(
            enrollment_ref=row.pk,
            session_ref=row.session_id,
            child_ref=row.child_id,
            ticket=row.ticket,
            from_state=before,
            to_state=row.state,
            reason=reason,
            by_ref=by.pk if by else None,
            at=at,
        )
    )


def decide(
    session: Session,
    what: str,
    *,
    before: int | None,
    after: int | None,
    reason: str,
    by: User | None,
    at: datetime,
    row: Enrollment | None = None,
) -> None:
    """Keep a decision of the team on a session's places (SessionEvent)."""
    SessionEvent.objects.create(
        session_ref=session.pk,
        enrollment_ref=row.pk if row else None,
        what=what,
        before=before,
        after=after,
        reason=reason,
        by_ref=by.pk if by else None,
        at=at,
    )


def keep_due(session: Session) -> None:
    """Write down when this session is to be settled next: the soonest of its rows, and the last day to join
    while anybody waits.
    """
    soonest = NEXT_DUE.one(key=session.pk)
    ends = [soonest.due_at] if soonest else []
    if session.waiting_count and session.joinable_until:
        ends.append(session.joinable_until)
    due_at = min(ends, default=None)
    if due_at != session.due_at:
        Session.objects.filter(pk=session.pk).update(due_at=due_at)
        session.due_at = due_at
