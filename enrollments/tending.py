"""What the team decides about places: how many there are, how many are held back, who comes first, which obstacle is waived.

Each decision carries a reason's code and is kept (SessionEvent); seats it frees pass on in the same transaction.
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction

from courses.models import Session
from enrollments import ledger, offers
from enrollments.models import Child, Enrollment, PlaceNote, Waiver


class Refused(Exception):
    """Nothing was written. `code`: too_few (with `least`, the places taken and held back), over."""

    def __init__(self, code: str, least: int = 0):
        super().__init__(code)
        self.code, self.least = code, least


@transaction.atomic
def set_capacity(session: Session, capacity: int, *, reason: str, by: User | None, at: datetime) -> Session:
    """Raise or lower the places. Never below those taken and held back; raising serves the queue, lowering hands out nothing."""
    session = ledger.locked_sessions([session])[session.pk]
    least = max(1, session.seats_taken + session.held_back, session.minimum)
    if capacity < least:
        raise Refused("too_few", least)
    if capacity != session.capacity:
        ledger.decide(session, "capacity", before=session.capacity, after=capacity, reason=reason, by=by, at=at)
        Session.objects.filter(pk=session.pk).update(capacity=capacity)
        raised, session.capacity = capacity > session.capacity, capacity
        if raised:
            offers.settle(session, at)
    return session


@transaction.atomic
def hold_back(session: Session, seats: int, *, reason: str, by: User | None, at: datetime) -> Session:
    """Keep places for whom the team names; fewer held back serves the queue. Raises Refused("too_few")."""
    session = ledger.locked_sessions([session])[session.pk]
    if session.seats_taken + seats > session.capacity:
        raise Refused("too_few", session.capacity - session.seats_taken)
    if seats != session.held_back:
        ledger.decide(session, "held_back", before=session.held_back, after=seats, reason=reason, by=by, at=at)
        Session.objects.filter(pk=session.pk).update(held_back=seats)
        freed, session.held_back = seats < session.held_back, seats
        if freed:
            offers.settle(session, at)
    return session


@transaction.atomic
def set_priority(row: Enrollment, priority: int, *, reason: str, by: User, at: datetime) -> Enrollment:
    """Who waits comes before or after the others, by a decision of the team. Raises Refused("over")."""
    session = ledger.locked_sessions([row.session_id])[row.session_id]
    row = Enrollment.objects.get(pk=row.pk)
    if row.state not in Enrollment.LIVE:
        raise Refused("over")
    if row.priority != priority:
        ledger.decide(session, "priority", before=row.priority, after=priority, reason=reason, by=by, at=at, row=row)
        row.priority = priority
        row.save(update_fields=["priority"])
        offers.settle(session, at)
    return row


@transaction.atomic
def waive(child: Child, session: Session, code: str, *, reason: str, by: User, at: datetime) -> Waiver:
    """Let the child pass one obstacle of one session; what it waits for is judged again."""
    ledger.locked_children([child])
    waiver, made = Waiver.objects.get_or_create(
        child=child, session=session, code=code, defaults={"reason": reason, "by_ref": by.pk, "at": at}
    )
    if made:
        offers.reconsider(child, at)
    return waiver


def add_note(row: Enrollment, words: str, *, by: User, at: datetime) -> PlaceNote:
    """Free words beside a reason's code; they go with the child's file."""
    return PlaceNote.objects.create(enrollment=row, words=words[:300], by_ref=by.pk, at=at)
