"""Waiting list: offer freed seats, expire offers, and check the queue again after a change.

Every freed seat is offered in the transaction that freed it. Deadlines (offers, withdrawals that can be
cancelled, the last day to join) are processed by `manage.py tick`, and otherwise by the next read or write of
the session.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import OperationalError, transaction
from django.db.models import Q

from courses.models import Meeting, Session
from courses.timetable.opening_hours import next_opening
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, PlaceEvent
from enrollments.models.places import EnrollmentQuerySet
from enrollments.places import queue_end, seat_log
from enrollments.places.eligibility import know, obstacles_to_a_seat
from enrollments.places.offer_deadlines import UNOPENED, offer_end
from enrollments.places.positions import SERVED
from home.account import User

State = Enrollment.State
REMINDED = frozenset({Enrollment.OfferKind.LETTER, Enrollment.OfferKind.MERGE})
AT_ONCE = 20  # waiting entries checked together: the first of them is nearly always eligible


# ---- serving


def next_meeting_at(session: Session, at: datetime) -> datetime | None:
    """Return when the next class not cancelled starts."""
    meetings = Meeting.objects.filter(session=session, cancelled_at=None, starts_at__gt=at)
    return meetings.order_by("starts_at").values_list("starts_at", flat=True).first()


def may_offer(session: Session, at: datetime) -> bool:
    """Return whether seats are still offered: published, not cancelled, with dates, open to join."""
    return bool(
        session.published_at
        and not session.cancelled_at
        and session.first_at
        and session.joinable_until
        and at < session.joinable_until
    )


def entries(session: Session, rows: Iterable[Enrollment]) -> list[list[Enrollment]]:
    """Return the queue's entries in order: single rows, and groups at the position of their first row."""
    found: dict[object, list[Enrollment]] = {}
    for row in rows:
        found.setdefault(row.party or f"row {row.pk}", []).append(row)
    return list(found.values())


def queue_of(session: Session) -> list[Enrollment]:
    """Return waiting rows in the order in which they are served."""
    rows = Enrollment.objects.filter(session=session, state=State.WAITING).select_related("child")
    return list(rows.order_by(*SERVED))


def first_to_serve(session: Session, at: datetime) -> list[Enrollment]:
    """Return the first entry the free seats can serve, all its children eligible; empty if there is none."""
    if not session.free or not session.waiting_count or not may_offer(session, at):
        return []
    waiting = [entry for entry in entries(session, queue_of(session)) if len(entry) <= session.free]
    for begin in range(0, len(waiting), AT_ONCE):
        some = waiting[begin : begin + AT_ONCE]
        known = know([row.child for entry in some for row in entry], [session], at)
        for entry in some:
            if not any(obstacles_to_a_seat(child=row.child, session=session, known=known) for row in entry):
                return entry
    return []


def serve(
    session: Session, at: datetime, *, newcomers: frozenset[int] = frozenset(), by: User | None = None
) -> None:
    """Offer the free seats in queue order; a newcomer whose turn it is gets seated immediately.

    The caller has locked the session. `newcomers` are rows appended in this transaction.
    """
    while entry := first_to_serve(session, at):
        if newcomers.issuperset(row.pk for row in entry):
            for row in entry:
                seat_log.change(row, State.SEATED, "enrolled", session=session, by=by, at=at, party=None)
            continue
        end = offer_end(
            at, next_meeting_at=next_meeting_at(session, at), joinable_until=session.joinable_until
        )
        if end is None:
            break
        for row in entry:
            due_at = at + (end.until - at) / 2 if end.kind == Enrollment.OfferKind.LETTER else end.until
            seat_log.change(
                row, State.OFFERED, "offered", session=session, by=None, at=at,
                offered_at=at, offer_until=end.until, offer_kind=end.kind, due_at=due_at,
            )  # fmt: skip
            outbox.tell_full_guardians("offer", child=row.child, at=at, enrollment=row, session=session)
    seat_log.keep_due(session)


# ---- what time brings


def is_due(session: Session, at: datetime) -> bool:
    return session.due_at is not None and session.due_at <= at


def settle_due(at: datetime, sessions: Iterable[int] | None = None) -> int:
    """Process every due session (of those given, else all), each in its own transaction; return how many."""
    due = Session.objects.filter(due_at__lte=at)
    if sessions is not None:
        due = due.filter(pk__in=list(sessions))
    settled = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            settled += _settle_one(pk, at)
        except (
            OperationalError
        ):  # the session is locked for too long: the next read, write or tick processes it
            continue
    return settled


@transaction.atomic
def _settle_one(pk: int, at: datetime) -> bool:
    session = seat_log.locked_sessions([pk]).get(pk)
    if session is None or not is_due(session, at):  # another process may have done it
        return False
    settle(session, at)
    return True


def settle_changed(
    sender: object,
    *,
    session: Session,
    at: datetime,
    before: dict[str, int] | None = None,
    by: User | None = None,
    **_more: Any,
) -> None:
    """Record a changed capacity and serve the queue after a timetable change (courses.signals), in its
    transaction.
    """
    with transaction.atomic():
        session = seat_log.locked_sessions([session])[session.pk]
        for what, was in (before or {}).items():
            if getattr(session, what) != was:
                seat_log.decide(
                    session, what, before=was, after=getattr(session, what), reason="timetable", by=by, at=at
                )
        settle(session, at, by=by)


def settle(session: Session, at: datetime, *, by: User | None = None) -> None:
    """Apply everything due in a locked session at `at`: complete withdrawals, expire offers, close enrollment
    or restore what closing it by a slip has ended, and allocate free seats. `by` changed the session.
    """
    rows = list(
        Enrollment.objects.filter(Q(state__in=Enrollment.LIVE) | queue_end.returning(at), session=session)
        .exclude(state=State.SEATED, leaves_at=None)
        .select_related("child")
    )
    for row in rows:
        if row.leaves_at and row.leaves_at <= at:
            seat_log.change(row, State.WITHDRAWN, "withdrawn", session=session, by=None, at=at)
    if not may_offer(session, at):
        queue_end.end(rows, session, at)
        seat_log.keep_due(session)
        return
    queue_end.reopen([row for row in rows if row.state == State.LAPSED], session, by=by, at=at)
    for entry in entries(session, [row for row in rows if row.state == State.OFFERED]):
        _settle_offer(entry, session, at)
    serve(session, at)


def _settle_offer(entry: list[Enrollment], session: Session, at: datetime) -> None:
    """Process offers made as one: they expire together at the latest of their deadlines; each gets one
    reminder.
    """
    end = max(end_of(row, session, at) for row in entry)
    if end <= at and entry[0].offer_kind == Enrollment.OfferKind.MERGE:
        to_be_called(entry, session, at)
        return
    if end <= at:
        lapse(entry, "no_answer" if entry[0].called_at else "ran_out", session=session, by=None, at=at)
        return
    for row in entry:
        if row.reminded_at is None and cast(datetime, row.due_at) <= at and row.offer_kind in REMINDED:
            row.reminded_at = at
            outbox.tell_full_guardians(
                "offer_reminder", child=row.child, at=at, enrollment=row, session=session
            )
        if (
            row.reminded_at or row.offer_kind not in REMINDED
        ):  # otherwise due half-way, whatever is processed before
            row.due_at = end
        row.save(update_fields=["due_at", "reminded_at"])


def to_be_called(entry: list[Enrollment], session: Session, at: datetime) -> None:
    """Put a silent family moved by the academy on the call list; the seat stays held (domain §5, merging)."""
    until, kind = session.joinable_until, Enrollment.OfferKind.RECALL
    for row in entry:
        seat_log.note(
            row, "silent", by=None, at=at, offer_kind=kind, offer_until=until, due_at=until, called_at=None
        )


def lapse(
    entry: Iterable[Enrollment], reason: str, *, session: Session, by: User | None, at: datetime
) -> None:
    """Expire an unanswered offer; its seats are freed."""
    for one in entry:
        if one.state == State.OFFERED:
            seat_log.change(one, State.LAPSED, reason, session=session, by=by, at=at, party=None)
            outbox.tell_full_guardians("offer_lapsed", child=one.child, at=at, session=session)


def end_of(row: Enrollment, session: Session, at: datetime) -> datetime:
    """Return when the offer ends: an unopened one not before the desk has been open for an hour to phone."""
    until = cast(datetime, row.offer_until)  # an offer has an end
    if row.offer_opened_at or row.called_at or row.offer_kind != Enrollment.OfferKind.LETTER or until > at:
        return until
    opening = next_opening(session.room.venue, until - UNOPENED)
    if opening is None:
        return until
    opens, closes = opening
    end = max(until, min(max(opens, until - UNOPENED) + timedelta(hours=1), closes))
    return min(
        [end, *[bound for bound in (next_meeting_at(session, until), session.joinable_until) if bound]]
    )


def entry_of(row: Enrollment) -> list[Enrollment]:
    """Return the row and those served with it as one."""
    if row.party is None:
        return [row]
    rows = _party(row).select_related("child").order_by("ticket")
    return [row if one.pk == row.pk else one for one in rows]


# ---- what else a child waits for


def party_children(row: Enrollment) -> list[int]:
    """Return the children served as one with this row."""
    others = (
        []
        if row.party is None
        else _party(row).exclude(child=row.child_id).values_list("child_id", flat=True)
    )
    return [row.child_id, *others]


def _party(row: Enrollment) -> EnrollmentQuerySet:
    return Enrollment.objects.live().filter(party=row.party, session=row.session_id)


def hopes_of(children: Iterable[int], *, besides: int) -> EnrollmentQuerySet:
    """Return these children's offers and waiting-list entries in other sessions."""
    rows = Enrollment.objects.filter(child__in=list(children), state__in=[State.WAITING, State.OFFERED])
    return (
        rows.exclude(session=besides)
        .select_related("session__course", "child")
        .order_by("session_id", "ticket")
    )


def lock_entry(
    row: Enrollment, at: datetime, *, also: Iterable[int] = ()
) -> tuple[list[Enrollment], dict[int, Session]]:
    """Lock an entry's children, then its session, their other sessions and further ones, in key order;
    process it if due.

    Returns the reloaded entry, and the sessions by primary key.
    """
    children = party_children(row)
    seat_log.locked_children(children)
    sessions = seat_log.locked_sessions(
        [
            row.session_id,
            *also,
            *hopes_of(children, besides=row.session_id).values_list("session_id", flat=True),
        ]
    )
    if is_due(sessions[row.session_id], at):
        settle(sessions[row.session_id], at)
    return entry_of(Enrollment.objects.select_related("child").get(pk=row.pk)), sessions


def release(
    row: Enrollment,
    to: str,
    reason: str,
    *,
    session: Session,
    by: User | None,
    at: datetime,
    asked_by: User | None = None,
    **facts: Any,
) -> None:
    """Release one row; `facts` are further fields of it.

    If it belonged to a group, dissolve the group: the others keep their queue tickets and any joint offer
    ends.
    """
    others = [one for one in entry_of(row) if one.pk != row.pk] if row.party else []
    seat_log.change(row, to, reason, session=session, by=by, at=at, asked_by=asked_by, party=None, **facts)
    for one in others:
        if one.state == State.OFFERED:  # it keeps the offered seat, now on its own
            one.party = None
            one.save(update_fields=["party"])
        else:
            Enrollment.objects.filter(pk=one.pk).update(party=None)


@transaction.atomic
def reconsider(child: Child, at: datetime) -> None:
    """Check a child's waiting entries again after a change (birth date, level, waiver).

    Eligible entries are served; an offer no longer valid returns to waiting and its seat is offered on.
    """
    seat_log.locked_children([child])
    reconsider_in(
        child,
        seat_log.locked_sessions(hopes_of([child.pk], besides=0).values_list("session_id", flat=True)),
        at,
    )


@transaction.atomic
def reconsider_all(children: Iterable[Child], at: datetime) -> None:
    """Do the same for several children: all are locked, then all their sessions, each in key order."""
    children = sorted(children, key=lambda child: child.pk)
    keys = [child.pk for child in children]
    seat_log.locked_children(keys)
    hopes = hopes_of(keys, besides=0).values_list("session_id", flat=True)
    sessions = seat_log.locked_sessions(hopes)
    for child in children:
        reconsider_in(child, sessions, at)


def reconsider_in(child: Child, sessions: dict[int, Session], at: datetime) -> None:
    """Do the same in those of these locked sessions that the child waits in."""
    rows = Enrollment.objects.filter(
        child=child, session__in=list(sessions), state__in=[State.WAITING, State.OFFERED]
    )
    for row in rows.select_related("child").order_by("session_id", "ticket"):
        session = sessions[row.session_id]
        if row.state == State.OFFERED and obstacles_to_a_seat(
            child=row.child, session=session, known=know([row.child], [session], at)
        ):
            for one in entry_of(row):
                seat_log.change(one, State.WAITING, "inadmissible", session=session, by=None, at=at)
        settle(session, at)


def freed_before(session: Session, at: datetime) -> tuple[int, int]:
    """Return (seats freed in past sessions of this course, number of those sessions)."""
    over = list(
        Session.objects.filter(course=session.course_id, over_at__lte=at).values_list("pk", flat=True)
    )
    events = PlaceEvent.objects.filter(session_ref__in=over, from_state=State.SEATED).exclude(
        to_state=State.SEATED
    )
    return events.exclude(to_state=State.CANCELLED).count(), len(over)
