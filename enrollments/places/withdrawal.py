"""Withdraw, undo a withdrawal, move to another session, and cancel a session.

Freed seats are offered to the waiting list in the same transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.dispatch import Signal

from courses.models import Meeting, Session
from courses.timetable.joining_price import joining_price
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship, PlaceEvent
from enrollments.money import receipts
from enrollments.money.refund_policy import band_at
from enrollments.places import seat_log, waiting_list
from enrollments.places.eligibility import Obstacle, know, obstacles
from enrollments.places.offer_deadlines import TAKE_BACK
from home.account import User
from home.refusals import CodedRefusal

State = Enrollment.State
MISTAKE = "mistake"  # the reason that ends a place even after the last class
# session, at: it was cancelled or merged into another one, and its places end. Sent inside the transaction.
session_ended = Signal()


class Reason(StrEnum):
    OVER = "over"
    FINISHED = "finished"  # the session has had its last class
    FULL = "full"  # no seat there that nobody waits for
    INADMISSIBLE = "inadmissible"
    NOT_GUARDIAN = "not_guardian"  # only a guardian with full rights can ask the desk


class Refused(CodedRefusal[Reason]):
    """Nothing was written. `obstacles`: why INADMISSIBLE."""

    def __init__(self, code: Reason, obstacles: list[Obstacle] | None = None) -> None:
        super().__init__(code)
        self.obstacles = obstacles or []


def _lock(
    row: Enrollment, at: datetime, *, also: Iterable[int] = ()
) -> tuple[Enrollment, dict[int, Session]]:
    """Reload the row under its locks, including sessions its child waits in, and process what is due."""
    _entry, sessions = waiting_list.lock_entry(row, at, also=also)
    return Enrollment.objects.select_related("child").get(pk=row.pk), sessions


def may_be_taken_back_until(row: Enrollment, by: User, at: datetime) -> datetime | None:
    """Return until when a withdrawal by this user can be undone: 24 hours if another guardian made the
    enrollment, unless a class is sooner (domain §5); None if it takes effect immediately.
    """
    if row.state != State.SEATED or row.enrolled_by_id in {None, by.pk}:
        return None
    if not Guardianship.objects.full().filter(child=row.child_id).exclude(guardian=by).exists():
        return None
    until, meeting = at + TAKE_BACK, waiting_list.next_meeting_at(row.session, at)
    return until if meeting is None or meeting > until else None


def _asker(row: Enrollment, by: User, asked_by: User | None) -> User:
    """Return whose wish this is: that of the guardian who asked the desk, or of the acting guardian. Raise
    Refused(NOT_GUARDIAN) for an asker without full rights.
    """
    if asked_by is None:
        return by
    if not Guardianship.objects.full().filter(child=row.child_id, guardian=asked_by).exists():
        raise Refused(Reason.NOT_GUARDIAN)
    return asked_by


def _refuse_finished(row: Enrollment, session: Session, at: datetime) -> None:
    """Raise Refused(FINISHED) for the place of a session that is over: its certificate and its money rest on
    it.
    """
    if row.state == State.SEATED and session.is_over(at):
        raise Refused(Reason.FINISHED)


def _asked_at_desk(asked_by: User | None) -> str:
    """Return the name that the letters give of the guardian who asked the desk; "" if nobody did."""
    return asked_by.get_short_name() if asked_by else ""


@dataclass(frozen=True)
class DeskRequest:
    """What the desk did with a place for a guardian; `name` is empty once that account is erased."""

    event_id: int
    enrollment_id: int
    reason: str
    name: str
    at: datetime


def asked_at_desk() -> QuerySet[PlaceEvent]:
    """Return, in a query on places, what a guardian asked the desk to do with each."""
    return PlaceEvent.objects.filter(enrollment_ref=OuterRef("pk"), asked_by_ref__isnull=False)


def desk_requests(rows: Iterable[Enrollment]) -> list[DeskRequest]:
    """Return what guardians asked the desk to do with these places, in order."""
    events = list(
        PlaceEvent.objects.filter(
            enrollment_ref__in=[row.pk for row in rows], asked_by_ref__isnull=False
        ).order_by("pk")
    )
    askers = get_user_model().objects.in_bulk({event.asked_by_ref for event in events}) if events else {}
    return [
        DeskRequest(
            event.pk,
            event.enrollment_ref,
            event.reason,
            askers[event.asked_by_ref].get_full_name() if event.asked_by_ref in askers else "",
            event.at,
        )
        for event in events
    ]


def refund_of(row: Enrollment, session: Session, at: datetime) -> Decimal | None:
    """Return how much of its price a seat given up now is refunded (MAD); None for what is no seat.

    It is kept with the row: a class that moves afterwards does not change what the family was told.
    """
    return band_at(session, row.price, at).amount if row.state == State.SEATED else None


@transaction.atomic
def withdraw(row: Enrollment, *, by: User, at: datetime, asked_by: User | None = None) -> Enrollment:
    """Give up a place, an offer or a position on the waiting list; notify all guardians with full rights.
    `asked_by`: the guardian for whom the desk (`by`) does it. Idempotent. Raise Refused: OVER, FINISHED,
    NOT_GUARDIAN.
    """
    row, sessions = _lock(row, at)
    asker = _asker(row, by, asked_by)
    session = sessions[row.session_id]
    if row.state == State.WITHDRAWN or row.leaves_at:
        return row
    if row.state not in Enrollment.LIVE:
        raise Refused(Reason.OVER)
    _refuse_finished(row, session, at)
    refund = refund_of(row, session, at)
    # What the letters say about money, as the page said it; an offer or a wait costs nothing.
    readers = [tie.guardian for tie in row.child.guardianships.full().select_related("guardian")]
    money = receipts.settlement_of(row, refund, readers) if refund is not None else None
    if until := may_be_taken_back_until(row, asker, at):
        leaving = {"leaves_at": until, "leaving_by_ref": asker.pk, "due_at": until}
        seat_log.note(row, "leaving", by=by, at=at, asked_by=asked_by, refund_amount=refund, **leaving)
        seat_log.keep_due(session)
        outbox.tell_full_guardians(
            "leaving",
            child=row.child,
            at=at,
            enrollment=row,
            session=session,
            name=asker.get_short_name(),
            asked_at_desk=_asked_at_desk(asked_by),
            money=money,
        )
        return row
    was = row.state
    waiting_list.release(
        row,
        State.WITHDRAWN,
        "withdrawn",
        session=session,
        by=by,
        at=at,
        asked_by=asked_by,
        refund_amount=refund,
    )
    outbox.tell_full_guardians(
        "withdrawn",
        child=row.child,
        at=at,
        session=session,
        name=asker.get_short_name(),
        asked_at_desk=_asked_at_desk(asked_by),
        waited=was != State.SEATED,
        money=money,
    )
    _pass_on(row, session, sessions, at)
    return row


@transaction.atomic
def take_back(row: Enrollment, *, by: User, at: datetime, asked_by: User | None = None) -> Enrollment:
    """Undo a withdrawal while the seat is still kept; `asked_by` as in `withdraw`. Idempotent. Raise Refused:
    OVER once it took effect, NOT_GUARDIAN.
    """
    row, sessions = _lock(row, at)
    asker = _asker(row, by, asked_by)
    if row.state != State.SEATED:
        raise Refused(Reason.OVER)
    if row.leaves_at:
        stays = {"leaves_at": None, "leaving_by_ref": None, "due_at": None, "refund_amount": None}
        seat_log.note(row, "taken_back", by=by, at=at, asked_by=asked_by, **stays)
        seat_log.keep_due(sessions[row.session_id])
        outbox.tell_full_guardians(
            "taken_back",
            child=row.child,
            at=at,
            session=sessions[row.session_id],
            name=asker.get_short_name(),
            asked_at_desk=_asked_at_desk(asked_by),
        )
    return row


@transaction.atomic
def remove(row: Enrollment, *, by: User, reason: str, at: datetime) -> Enrollment:
    """The team takes the place, the offer or the wait away, for a reason; the guardians are told.

    Raises Refused: OVER; FINISHED, except to correct a mistake (MISTAKE), such as a child enrolled twice
    under two files, which would keep them from becoming one.
    """
    row, sessions = _lock(row, at)
    if row.state == State.REMOVED:
        return row
    if row.state not in Enrollment.LIVE:
        raise Refused(Reason.OVER)
    session = sessions[row.session_id]
    if reason != MISTAKE and not row.leaves_at:
        _refuse_finished(row, session, at)
    if reason == MISTAKE:
        refund: Decimal | None = row.price  # nothing is owed for it, whenever it is found
    else:
        refund = row.refund_amount if row.leaves_at else refund_of(row, session, at)
    waiting_list.release(row, State.REMOVED, reason, session=session, by=by, at=at, refund_amount=refund)
    outbox.tell_full_guardians("removed", child=row.child, at=at, session=session)
    _pass_on(row, session, sessions, at)
    return row


@transaction.atomic
def end_all(child: Child, *, reason: str, at: datetime) -> None:
    """End what a child holds and waits for, and serve the queues. Nobody is told: for a file that is erased
    again, whose family had given these places up (enrollments.privacy.erased_again). Places of sessions that
    are over stay, as they did when it was erased: what was paid was paid for them.
    """
    for held in child.enrollments.under_way(at).order_by("session", "pk"):
        row, sessions = _lock(held, at)
        if row.state in Enrollment.LIVE:
            session = sessions[row.session_id]
            waiting_list.release(row, State.REMOVED, reason, session=session, by=None, at=at)
            waiting_list.serve(session, at)


@transaction.atomic
def move(
    row: Enrollment,
    to: Session,
    *,
    by: User,
    at: datetime,
    reason: str = "moved",
    asked_by: User | None = None,
) -> Enrollment:
    """Another session in one step: a place there, or nothing changes here. Returns the new row.

    `asked_by` as in `withdraw`. Raises Refused: OVER, FINISHED, FULL, INADMISSIBLE, NOT_GUARDIAN.
    """
    row, sessions = _lock(row, at, also=[to.pk])
    _asker(row, by, asked_by)
    here, there = sessions[row.session_id], sessions[to.pk]
    if row.state != State.SEATED:
        raise Refused(Reason.OVER)
    _refuse_finished(row, here, at)
    known = know([row.child], [there], at, by)
    known.leave_out(row)
    if found := obstacles(child=row.child, session=there, at=at, known=known):
        raise Refused(Reason.INADMISSIBLE, found)
    if not there.free or waiting_list.first_to_serve(there, at):
        raise Refused(Reason.FULL)
    held = held_value(row, at)
    new = seat_log.append(row.child, there, by=by, at=at, reference=row.reference, wish="seat")
    seat_log.change(
        row,
        State.MOVED,
        reason,
        session=here,
        by=by,
        at=at,
        asked_by=asked_by,
        refund_amount=row.price - held if held else None,
    )
    outbox.tell_full_guardians(
        "moved",
        child=row.child,
        at=at,
        enrollment=new,
        session=there,
        before=here,
        reference=new.reference,
        asked_at_desk=_asked_at_desk(asked_by),
    )
    _pass_on(row, here, sessions, at)
    return new


def held_value(row: Enrollment, at: datetime) -> Decimal:
    """Return what the classes this seat has had are worth (MAD): their share of the price agreed."""
    meetings = list(Meeting.objects.filter(session=row.session_id, cancelled_at=None))
    paid_for = [meeting for meeting in meetings if row.had_seat_during(meeting)]
    begun = [meeting for meeting in paid_for if meeting.starts_at <= at]
    if not begun:
        return Decimal(0)
    return (row.price * len(begun) / len(paid_for)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def price_after_move(row: Enrollment, to: Session, at: datetime) -> Decimal:
    """Return what a child that moves pays in all (MAD): the classes it has had and those that remain."""
    return held_value(row, at) + joining_price(to, at).total


def is_finished(session: Session, at: datetime) -> bool:
    """Return whether the session was held to its end: nothing of it is left to cancel. It was not if its last
    classes were cancelled one by one; what is refunded for them is decided by cancelling it.
    """
    left_out = Meeting.objects.filter(session=session, cancelled_at__isnull=False, on__gt=session.last_on)
    return session.is_over(at) and not left_out.exists()


@transaction.atomic
def cancel_session(session: Session, *, by: User | None, at: datetime, reason: str) -> list[Enrollment]:
    """Cancel a session: end all places, notify everyone, refund in full (domain §5).

    Raises Refused: FINISHED, since certificates and money rest on what was held.
    """
    rows = Enrollment.objects.live().filter(session=session)
    children = sorted(seat_log.locked_children(rows.values_list("child_id", flat=True)))
    hopes = waiting_list.hopes_of(children, besides=session.pk).values_list("session_id", flat=True)
    sessions = seat_log.locked_sessions([session.pk, *hopes])
    session = sessions.pop(session.pk)
    if is_finished(session, at):
        raise Refused(Reason.FINISHED)
    if session.cancelled_at is None:
        session.cancelled_at = at
        Session.objects.filter(pk=session.pk).update(cancelled_at=at)
        seat_log.decide(
            session, "cancelled", before=session.seats_taken, after=0, reason=reason, by=by, at=at
        )
    released = list(rows.select_related("child").order_by("ticket"))
    release_all(released, session, reason=reason, by=by, at=at)
    seat_log.keep_due(session)
    for row in released:
        waiting_list.reconsider_in(row.child, sessions, at)
    return released


def release_all(
    rows: list[Enrollment], session: Session, *, reason: str, by: User | None, at: datetime
) -> None:
    """End these places of a cancelled session and notify the families, its guests' too; they get priority
    where they wait in the same term.
    """
    session_ended.send(Session, session=session, at=at)
    for row in rows:
        seat_log.change(row, State.CANCELLED, reason, session=session, by=by, at=at, party=None)
        outbox.tell_full_guardians(
            "session_cancelled", child=row.child, at=at, enrollment=row, session=session
        )
    waits = Enrollment.objects.filter(
        child__in=[row.child_id for row in rows], state=State.WAITING, priority=0
    )
    for wait in waits.filter(session__term=session.term_id).select_related("session").order_by("pk"):
        seat_log.decide(
            wait.session, "priority", before=0, after=1, reason="cancelled_elsewhere", by=by, at=at, row=wait
        )
        wait.priority = 1
        wait.save(update_fields=["priority"])


def _pass_on(row: Enrollment, session: Session, sessions: dict[int, Session], at: datetime) -> None:
    """Offer the freed seat to the next child, and check what the child waits for elsewhere, as these times
    are now free.
    """
    waiting_list.serve(session, at)
    waiting_list.reconsider_in(
        row.child, {pk: other for pk, other in sessions.items() if pk != session.pk}, at
    )
