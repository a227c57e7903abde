"""Offers: the answers of families, and the calls of the front desk."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import cast

from django.db import transaction
from django.db.models import Q

from courses.timetable.clashes import overlapping
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment
from enrollments.models.places import EnrollmentQuerySet
from enrollments.money.receipts import account_of
from enrollments.places import seat_log
from enrollments.places.confirmation import terms_of
from enrollments.places.eligibility import Obstacle, know, obstacles_to_a_seat
from enrollments.places.offer_deadlines import CALLED_FOR, DECLINE_KEPT, UNOPENED
from enrollments.places.waiting_list import (
    entry_of,
    hopes_of,
    is_due,
    lapse,
    lock_entry,
    may_offer,
    release,
    serve,
    settle,
    to_be_called,
)
from home.account import User
from home.refusals import CodedRefusal

State = Enrollment.State


class Reason(StrEnum):
    NOT_OFFERED = "not_offered"
    NOT_DECLINED = "not_declined"
    INADMISSIBLE = "inadmissible"


class Refused(CodedRefusal[Reason]):
    """Nothing was written. `obstacles`: why INADMISSIBLE."""

    def __init__(self, code: Reason, obstacles: list[Obstacle] | None = None) -> None:
        super().__init__(code)
        self.obstacles = obstacles or []


def overlapping_hopes(children: Iterable[int], session_id: int, at: datetime) -> list[Enrollment]:
    """Return those that overlap this session: accepting it gives them up, and the page says so first."""
    rows = list(hopes_of(children, besides=session_id))
    found = overlapping(session_id, {row.session_id for row in rows}, at) if rows else set()
    return [row for row in rows if row.session_id in found]


@transaction.atomic
def accept(row: Enrollment, *, by: User | None, at: datetime) -> list[Enrollment]:
    """Accept the offered seat (with those offered as one) and release overlapping entries. Raises Refused.

    Idempotent: a seated child stays seated.
    """
    entry, sessions = lock_entry(row, at)
    session = sessions[row.session_id]
    if all(one.state == State.SEATED for one in entry):
        return entry
    if any(one.state != State.OFFERED for one in entry):
        raise Refused(Reason.NOT_OFFERED)
    known = know([one.child for one in entry], [session], at)
    for one in entry:
        if found := obstacles_to_a_seat(child=one.child, session=session, known=known):
            raise Refused(Reason.INADMISSIBLE, found)
    hopes = overlapping_hopes([one.child_id for one in entry], session.pk, at)
    for one in entry:
        seat_log.change(one, State.SEATED, "accepted", session=session, by=by, at=at, party=None)
    for one in entry:
        outbox.tell_full_guardians(
            "accepted",
            child=one.child,
            at=at,
            enrollment=one,
            session=session,
            reference=one.reference,
            terms=terms_of([one], session, at),
            due=min(one.price, account_of(one.reference).due),  # others under the reference have their own
        )
    seat_log.keep_due(session)
    for hope in hopes:
        release(hope, State.WITHDRAWN, "overlaps", session=sessions[hope.session_id], by=by, at=at)
    for pk in sorted({hope.session_id for hope in hopes}):
        settle(sessions[pk], at)
    return entry


@transaction.atomic
def decline(row: Enrollment, *, by: User | None, at: datetime) -> list[Enrollment]:
    """Decline the offer; the seat is offered to the next child. Idempotent. Raises Refused."""
    entry, sessions = lock_entry(row, at)
    session = sessions[row.session_id]
    if all(one.state == State.DECLINED for one in entry):
        return entry
    if any(one.state != State.OFFERED for one in entry):
        raise Refused(Reason.NOT_OFFERED)
    for one in entry:
        seat_log.change(one, State.DECLINED, "declined", session=session, by=by, at=at, party=None)
    serve(session, at)
    return entry


def may_answer(row: Enrollment, user: User) -> bool:
    """Return whether this guardian may answer for every child offered, or declined, as one with this row."""
    children = {row.child_id, *(one.child_id for one in (*entry_of(row), *_declined_with(row)))}
    return Child.objects.in_care_of(user).filter(pk__in=children).count() == len(children)


def children_shown_to(reader: User, row: Enrollment) -> list[Child]:
    """Return the children offered as one with this row that are in this guardian's care."""
    together = {row.child_id, *(one.child_id for one in entry_of(row))}
    return list(Child.objects.in_care_of(reader).filter(pk__in=together).order_by("pk"))


def may_be_reconsidered(row: Enrollment, at: datetime) -> bool:
    """Return whether a decline can be undone: within a day, while the session still makes offers."""
    return (
        row.state == State.DECLINED
        and at < row.changed_at + DECLINE_KEPT
        and may_offer(row.session, at)
        and not Enrollment.objects.live().filter(child=row.child_id, session=row.session_id).exists()
    )


@transaction.atomic
def reconsider(row: Enrollment, *, by: User | None, at: datetime) -> list[Enrollment]:
    """Undo a decline: the child waits again with its old ticket, with those offered as one; a seat that
    has passed on stays with whom it went to (domain §5). Idempotent.

    Raises Refused(NOT_DECLINED).
    """
    entry = _declined_with(row)
    seat_log.locked_children([one.child_id for one in entry])
    session = seat_log.locked_sessions([row.session_id])[row.session_id]
    if is_due(session, at):
        settle(session, at)
    row = Enrollment.objects.select_related("child", "session").get(pk=row.pk)
    if row.state in {State.WAITING, State.OFFERED}:
        return entry_of(row)
    entry = _declined_with(row)
    if not all(may_be_reconsidered(one, at) for one in entry):
        raise Refused(Reason.NOT_DECLINED)
    party = entry[0].pk if len(entry) > 1 else None
    for one in entry:
        seat_log.change(one, State.WAITING, "reconsidered", session=session, by=by, at=at, party=party)
    serve(session, at)
    for one in entry:
        one.refresh_from_db()
    return entry


def _declined_with(row: Enrollment) -> list[Enrollment]:
    """Return the rows that were declined together with this one, itself included, by ticket."""
    rows = Enrollment.objects.filter(
        session=row.session_id,
        reference=row.reference,
        state=State.DECLINED,
        changed_at=row.changed_at,
    )
    return list(rows.select_related("child", "session").order_by("ticket"))


@transaction.atomic
def call(row: Enrollment, *, by: User, at: datetime) -> Enrollment:
    """Hold the offer for twenty minutes while the front desk phones; then it is the next child's turn.

    Raises Refused.
    """
    entry, sessions = lock_entry(row, at)
    if any(one.state != State.OFFERED for one in entry):
        raise Refused(Reason.NOT_OFFERED)
    if entry[0].called_at:  # the same button again: the twenty minutes count from the first press
        return entry[0]
    until = min([at + CALLED_FOR, *[bound for bound in [sessions[row.session_id].joinable_until] if bound]])
    if entry[0].offer_kind in Enrollment.KEPT_BY_US:
        until = cast(datetime, entry[0].offer_until)
    for one in entry:
        seat_log.note(one, "called", by=by, at=at, called_at=at, offer_until=until, due_at=until)
    seat_log.keep_due(sessions[row.session_id])
    return entry[0]


@transaction.atomic
def no_answer(row: Enrollment, *, by: User, at: datetime) -> None:
    """Expire the offer after an unanswered call; a child moved by us keeps its seat. Raises Refused."""
    entry, sessions = lock_entry(row, at)
    session = sessions[row.session_id]
    if any(one.state != State.OFFERED for one in entry):
        raise Refused(Reason.NOT_OFFERED)
    if entry[0].offer_kind in Enrollment.KEPT_BY_US:
        to_be_called(entry, session, at)
    else:
        lapse(entry, "no_answer", session=session, by=by, at=at)
    serve(session, at)


def mark_opened(row: Enrollment, at: datetime) -> None:
    """Record that a signed-in guardian has seen the offer.

    The bare link proves nothing: machines open links.
    """
    Enrollment.objects.filter(pk=row.pk, state=State.OFFERED, offer_opened_at=None).update(offer_opened_at=at)


def call_list(at: datetime) -> EnrollmentQuerySet:
    """Return offers to phone about: made less than a day before a class, or unopened twelve hours before the
    end.
    """
    by_phone = Q(offer_kind__in=[Enrollment.OfferKind.CALL, Enrollment.OfferKind.RECALL])
    unopened = Q(offer_opened_at=None, offer_until__lte=at + UNOPENED)
    rows = Enrollment.objects.filter(by_phone | unopened, state=State.OFFERED)
    return rows.select_related("child", "session__course", "session__room__venue").order_by(
        "offer_until", "pk"
    )
