"""Staff decisions about places: capacity, reserved seats, priority and waivers.

Each decision has a reason code and is recorded (SessionEvent); seats it frees are offered in the same
transaction.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from courses.models import Session
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship, PlaceNote, Waiver
from enrollments.places import queue_end, seat_log, waiting_list
from home.account import User
from home.refusals import CodedRefusal

ANSWERED_WITHIN = timedelta(days=2)  # of the hour of a decision


class Reason(StrEnum):
    TOO_FEW = "too_few"
    ORDER = "order"  # it would close before it opens
    ENDS_QUEUE = "ends_queue"  # it would close at once, and end a queue that was not agreed to
    OVER = "over"
    FINISHED = "finished"  # the session has had its last class


class Refused(CodedRefusal[Reason]):
    """Nothing was written. `least`: the places taken or reserved, for TOO_FEW."""

    def __init__(self, code: Reason, least: int = 0) -> None:
        super().__init__(code)
        self.least = least


def _locked(session: Session, at: datetime) -> Session:
    """Return the session under its lock. Raise Refused(FINISHED) once it is over: nobody enrolls any more."""
    session = seat_log.locked_sessions([session])[session.pk]
    if session.is_over(at):
        raise Refused(Reason.FINISHED)
    return session


@transaction.atomic
def set_seats(
    session: Session, capacity: int, held_back: int, *, reason: str, by: User | None, at: datetime
) -> Session:
    """Set the capacity and how many places are reserved for children the team names. Raise Refused: TOO_FEW
    for fewer than are taken or reserved; FINISHED. More free places go to the waiting list, fewer give out
    nothing.
    """
    session = _locked(session, at)
    if waiting_list.is_due(session, at):
        waiting_list.settle(session, at)
    least = max(1, session.seats_taken + held_back, session.minimum)
    if capacity < least:
        raise Refused(Reason.TOO_FEW, least)
    before = session.free
    for what, now, wanted in (
        ("capacity", session.capacity, capacity),
        ("held_back", session.held_back, held_back),
    ):
        if now != wanted:
            seat_log.decide(session, what, before=now, after=wanted, reason=reason, by=by, at=at)
    Session.objects.filter(pk=session.pk).update(capacity=capacity, held_back=held_back)
    session.capacity, session.held_back = capacity, held_back
    if session.free > before:
        waiting_list.serve(session, at)
    return session


@transaction.atomic
def set_opening(
    session: Session,
    opens_at: datetime | None,
    closes_at: datetime | None,
    *,
    reason: str,
    by: User,
    at: datetime,
    agreed: str = "",
) -> Session:
    """From when and until when families may enroll; None: as soon as it is published, until the last day to
    join.

    Raises Refused: FINISHED; ORDER when it would close before it opens. Closing ends the waiting list, as the
    last day to join does: Refused(ENDS_QUEUE) unless exactly these entries were agreed to (queue_end.mark).
    Events keep both instants as minutes since 1970 (UTC).
    """
    session = _locked(session, at)
    if waiting_list.is_due(session, at):
        waiting_list.settle(session, at)
    if opens_at and closes_at and opens_at >= closes_at:
        raise Refused(Reason.ORDER)
    for what, now, wanted in (
        ("opens", session.opens_at, opens_at),
        ("closes", session.closes_at, closes_at),
    ):
        if now != wanted:
            seat_log.decide(
                session, what, before=_minutes(now), after=_minutes(wanted), reason=reason, by=by, at=at
            )
    Session.objects.filter(pk=session.pk).update(opens_at=opens_at, closes_at=closes_at)
    session.opens_at, session.closes_at = opens_at, closes_at
    if not waiting_list.may_offer(session, at) and queue_end.mark(session) not in {"", agreed}:
        raise Refused(Reason.ENDS_QUEUE)
    waiting_list.settle(session, at, by=by)
    return session


def _minutes(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp()) // 60


@transaction.atomic
def confirm(session: Session, *, by: User | None, at: datetime) -> Session:
    """Confirm that the session will run, whatever the number of children, and tell the families with a place:
    they were promised an answer (domain §5). `by`: None for the hour of the decision itself (confirm_due).
    """
    session = seat_log.locked_sessions([session])[session.pk]
    if session.confirmed_at is None and session.cancelled_at is None:
        seat_log.decide(
            session,
            "confirmed",
            before=session.seats_taken,
            after=session.minimum,
            reason="runs",
            by=by,
            at=at,
        )
        session.confirmed_at = at
        Session.objects.filter(pk=session.pk).update(confirmed_at=at)
        if session.first_at is None or session.first_at > at:
            _tell_confirmed(session, at)
    return session


def confirm_due(at: datetime) -> int:
    """Confirm the sessions that have enough children at the hour of their decision; return how many. Those
    decided more than two days ago are left: their families have heard since.
    """
    due = Session.objects.published().filter(
        decision_at__lte=at,
        decision_at__gt=at - ANSWERED_WITHIN,
        confirmed_at=None,
        cancelled_at=None,
        minimum__gt=0,
        seats_taken__gte=F("minimum"),
    )
    count = 0
    for key in list(due.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            session = seat_log.locked_sessions([key])[key]
            if session.seats_taken >= session.minimum:  # nobody has left since
                confirm(session, by=None, at=at)
                count += 1
    return count


def told_of_confirmation(session: Session) -> dict[User, list[Child]]:
    """Return the guardians with full rights of the children with a place here, each with theirs."""
    theirs: dict[User, list[Child]] = {}
    seated = Enrollment.objects.filter(session=session, state=Enrollment.State.SEATED)
    ties = Guardianship.objects.full().filter(child__in=seated.values("child"))
    for tie in ties.select_related("guardian", "child").order_by("pk"):
        theirs.setdefault(tie.guardian, []).append(tie.child)
    return theirs


def _tell_confirmed(session: Session, at: datetime) -> None:
    for guardian, children in told_of_confirmation(session).items():
        only = children[0] if len(children) == 1 else None
        outbox.write("session_confirmed", to=guardian, at=at, child=only, children=children, session=session)


@transaction.atomic
def set_priority(row: Enrollment, priority: int, *, reason: str, by: User, at: datetime) -> Enrollment:
    """Move a child before or after the others on the waiting list, by a decision of the team. Raise
    Refused(OVER).
    """
    session = seat_log.locked_sessions([row.session_id])[row.session_id]
    row = Enrollment.objects.get(pk=row.pk)
    if row.state not in Enrollment.LIVE:
        raise Refused(Reason.OVER)
    if row.priority != priority:
        seat_log.decide(
            session, "priority", before=row.priority, after=priority, reason=reason, by=by, at=at, row=row
        )
        row.priority = priority
        row.save(update_fields=["priority"])
        waiting_list.settle(session, at)
    return row


@transaction.atomic
def waive(child: Child, session: Session, code: str, *, reason: str, by: User, at: datetime) -> Waiver:
    """Waive one obstacle for this child in one session, and check its waiting entries again."""
    seat_log.locked_children([child])
    waiver, made = Waiver.objects.get_or_create(
        child=child, session=session, code=code, defaults={"reason": reason, "by_ref": by.pk, "at": at}
    )
    if made:
        waiting_list.reconsider(child, at)
    return waiver


def add_note(row: Enrollment, words: str, *, by: User, at: datetime) -> PlaceNote:
    """Add a note to a reason code; it is erased with the child's file."""
    return PlaceNote.objects.create(enrollment=row, words=words[:300], by_ref=by.pk, at=at)
