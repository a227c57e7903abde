"""Sole writer of Enrollment rows, session counters and their append-only events, all in one transaction.

The caller holds the locks: children by primary key, then sessions by primary key. A seat is written only if
the session still has one (conditional update), and the database refuses more seats than places in any case
(`session_never_overbooked`).
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.db.models import F
from django.dispatch import Signal

from courses.models import Session
from courses.timetable.joining_price import joining_price
from enrollments.models import Child, Enrollment, Guardianship, PlaceEvent, SessionEvent
from enrollments.models.people import ChildQuerySet
from home.account import User
from home.database.compiled import Compiled, CompiledUpdate, insert, together
from home.refusals import Refusal

State = Enrollment.State
# child_id, session, at: a child has left its seat. Sent inside the transaction, under the child's lock.
seat_ended = Signal()
ASKED_ABOUT = (
    "course_id",
    "room_id",
    "term_id",
    "access_code",
    "beginners_welcome",
)  # what enrollments.places.eligibility.know loads


def _children(keys: Iterable[int], user: User | None = None) -> ChildQuerySet:
    rows = Child.objects.all() if user is None else Child.objects.in_care_of(user)
    return rows.filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk")


CHILDREN = Compiled(_children)
FULL_TIES = Compiled(
    lambda children: (
        Guardianship.objects.full()
        .filter(child__pk__in=children)
        .select_related("guardian")
        .defer("guardian__phone")
        .order_by("pk")
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
    """Raised if the session has no seat left for this change; nothing of it was written."""


def locked_children(children: Iterable[Child | int]) -> dict[int, Child]:
    """Lock the rows in primary-key order and return them."""
    return {child.pk: child for child in CHILDREN(keys=_keys_of(children))}


def locked_with_ties(
    children: Iterable[Child | int], in_care_of: User | None = None
) -> tuple[dict[int, Child], list[Guardianship]]:
    """Lock the children, only those with this guardian's full rights if given, and return them with their
    guardianships of full rights and users. These cannot change any more, since changing them locks the child.
    """
    keys = _keys_of(children)
    whose = {"user": in_care_of.pk} if in_care_of else {}
    rows, ties = together(CHILDREN.asked(keys=keys, **whose), FULL_TIES.asked(children=keys))
    return {child.pk: child for child in rows}, ties


def _keys_of(children: Iterable[Child | int]) -> list[int]:
    return sorted({child.pk if isinstance(child, Child) else child for child in children})


def locked_sessions(sessions: Iterable[Session | int]) -> dict[int, Session]:
    """Lock sessions, with the data the rules need; always after the children."""
    keys = {session.pk if isinstance(session, Session) else session for session in sessions}
    rows = Session.objects.with_facts().select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {session.pk: session for session in rows}


def locked_again(session: Session) -> Session:
    """Reload a session's own columns under lock: the same object, or a new one with its related data reloaded
    if anything the rules use has changed.
    """
    now = SESSION_ITSELF.one(key=session.pk)
    if now is None:
        raise Session.DoesNotExist
    if any(getattr(now, name) != getattr(session, name) for name in ASKED_ABOUT):
        return locked_sessions([session])[session.pk]
    columns = vars(now)
    for field in Session._meta.concrete_fields:
        setattr(session, field.attname, columns[field.attname])
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
    offer: dict[str, Any] | None = None,
) -> Enrollment:
    """Append a row with the next ticket, and a seat if one is free.

    `wish`: first_come (a seat if nobody waits, else the tail), seat (nobody waiting can be served: NoSeat if
    none is free), wait. `offer`: the seat is only held, with these offer fields. `price` in MAD; by default
    what joining costs now.
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
            price=_price_now(child, session, at) if price is None else price,
            first_meeting_on=cast(date, session.first_on),
            enrolled_by=by,
            created_at=at,
            changed_at=at,
            seated_at=at if seated and not offer else None,
            **(offer or {}),
        )
    )
    record(row, "", "offered" if offer else "enrolled", by, at)
    return row


def _price_now(child: Child, session: Session, at: datetime) -> Decimal:
    """Return what joining costs now; a child that has had classes here before pays what was agreed then."""
    now = joining_price(session, at)
    if now.missed:
        earlier = Enrollment.objects.filter(child=child, session=session, seated_at__isnull=False)
        agreed = earlier.order_by("seated_at").values_list("price", flat=True).first()
        return now.total if agreed is None else max(now.total, min(agreed, session.price))
    return now.total


def change(
    row: Enrollment,
    to: str,
    reason: str,
    *,
    session: Session,
    by: User | None,
    at: datetime,
    asked_by: User | None = None,
    **facts: Any,
) -> Enrollment:
    """Change a row's state and the counters; `facts` are further fields of the row. Raises NoSeat.

    A child whose turn comes pays what was agreed or what joining costs by then, whichever is lower.
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
    if to in Enrollment.HOLDING and row.offer_kind not in Enrollment.KEPT_BY_US:
        facts.setdefault("price", min(row.price, joining_price(session, at).total))
    was_kind = row.offer_kind
    before, row.state, row.changed_at = row.state, to, at
    if State.SEATED in {before, to} and before != to:
        # A place we kept was the child's since it was kept.
        since = row.offered_at if row.offer_kind in Enrollment.KEPT_BY_US else at
        facts |= {"seated_at": since, "seat_ended_at": None} if to == State.SEATED else {"seat_ended_at": at}
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
        "closed_with": None,
    }
    for name, value in (over | facts).items():
        setattr(row, name, value)
    row.save(update_fields=["state", "changed_at", *over, *facts])
    record(row, before, reason, by, at, asked_by)
    was_kept = before == State.OFFERED and was_kind in Enrollment.KEPT_BY_US
    if (before == State.SEATED or was_kept) and to != State.SEATED:
        seat_ended.send(Enrollment, child_id=row.child_id, session=session, at=at)
    return row


def note(
    row: Enrollment,
    reason: str,
    *,
    by: User | None,
    at: datetime,
    asked_by: User | None = None,
    **facts: Any,
) -> None:
    """Record an event of a row that keeps its state: a withdrawal started or cancelled, a merged file."""
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))
    record(row, row.state, reason, by, at, asked_by)


def record(
    row: Enrollment, before: str, reason: str, by: User | None, at: datetime, asked_by: User | None = None
) -> None:
    """Write the event of a change, in the same transaction; `asked_by` is the guardian who asked `by`."""
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
            asked_by_ref=asked_by.pk if asked_by else None,
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
    """Record a staff decision on a session's places (SessionEvent)."""
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
    """Store when this session next needs processing: the earliest due time of its rows or, while anyone is
    waiting, the last day to join.
    """
    soonest = NEXT_DUE.one(key=session.pk)
    ends = [soonest.due_at] if soonest and soonest.due_at else []
    if session.waiting_count and session.joinable_until:
        ends.append(session.joinable_until)
    due_at = min(ends, default=None)
    if due_at != session.due_at:
        Session.objects.filter(pk=session.pk).update(due_at=due_at)
        session.due_at = due_at
