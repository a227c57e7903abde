"""Who gets a place. The only writer of Enrollment, of PlaceEvent and of a session's counters.

Locks are taken in one order everywhere: children by primary key, then the session. On PostgreSQL a lock is waited for at most
three seconds (settings.DATABASES); on SQLite one writer works at a time. A seat is written only where the session still has one
(conditional update), and the database refuses more seats than places whatever happens (`session_never_overbooked`).
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction
from django.db.models import F

from courses.models import Session
from enrollments.eligibility import Obstacle, know, obstacles
from enrollments.models import Child, Enrollment, PlaceEvent
from enrollments.models.places import new_reference


class NotAdmissible(Exception):
    """Raised by a verb here; carries the obstacles by child and guarantees that nothing was written."""

    def __init__(self, refused: dict[Child, list[Obstacle]]):
        super().__init__({str(child): [obstacle.code for obstacle in found] for child, found in refused.items()})
        self.refused = refused

    @property
    def obstacles(self) -> list[Obstacle]:
        return [obstacle for found in self.refused.values() for obstacle in found]


def enroll(*, child: Child, session: Session, by: User | None, at: datetime) -> Enrollment:
    """Give the child a place, or a position in the queue when there is none.

    Raises NotAdmissible with every obstacle. Safe to call from any number of processes.
    """
    return enroll_together(children=[child], session=session, by=by, at=at)[0]


@transaction.atomic
def enroll_together(*, children: Iterable[Child], session: Session, by: User | None, at: datetime) -> list[Enrollment]:
    """The same for several children of one family in one session: all of them, or NotAdmissible and none.

    Returns the enrollments in the order of the children given, under one reference. Each is seated or waiting by the places left.
    """
    order = {child.pk: place for place, child in enumerate(children)}
    locked = list(Child.objects.select_for_update().filter(pk__in=order).order_by("pk"))
    session = Session.objects.with_facts().select_for_update(of=("self",)).get(pk=session.pk)
    known = know(locked, [session], at, by)
    refused = {child: found for child in locked if (found := obstacles(child=child, session=session, at=at, known=known))}
    if refused:
        raise NotAdmissible(refused)
    reference = new_reference()
    locked.sort(key=lambda child: order[child.pk])
    return [_append(child, session, by, at, reference) for child in locked]


def hand_over(*, from_child: Child, to_child: Child, by: User | None, at: datetime) -> int:
    """Two files of one child become one (enrollments.merging): the places keep seat, ticket and reference. Both children locked already."""
    rows = list(Enrollment.objects.filter(child=from_child).order_by("pk"))
    for row in rows:
        row.child = to_child
        row.save(update_fields=["child"])
        _record(row, row.state, "merged", by, at)
    return len(rows)


def _append(child: Child, session: Session, by: User | None, at: datetime, reference: str) -> Enrollment:
    """Draw the next ticket under the session's lock, and a seat with it when one is free and nobody waits."""
    ticket = session.next_ticket
    this = Session.objects.filter(pk=session.pk)
    seated = this.filter(seats_taken__lt=F("capacity") - F("held_back"), waiting_count=0).update(
        seats_taken=F("seats_taken") + 1, next_ticket=F("next_ticket") + 1
    )
    if not seated:
        this.update(waiting_count=F("waiting_count") + 1, next_ticket=F("next_ticket") + 1)
    session.next_ticket += 1
    enrollment = Enrollment.objects.create(
        child=child,
        session=session,
        state=Enrollment.State.SEATED if seated else Enrollment.State.WAITING,
        ticket=ticket,
        reference=reference,
        price=session.price,
        first_meeting_on=session.first_on,
        enrolled_by=by,
        created_at=at,
        changed_at=at,
    )
    _record(enrollment, "", "enrolled", by, at)
    return enrollment


def _record(enrollment: Enrollment, from_state: str, reason: str, by: User | None, at: datetime) -> None:
    """Write the event of a change, in the transaction of the change."""
    PlaceEvent.objects.create(
        enrollment_ref=enrollment.pk,
        session_ref=enrollment.session_id,
        child_ref=enrollment.child_id,
        from_state=from_state,
        to_state=enrollment.state,
        reason=reason,
        by_ref=by.pk if by else None,
        at=at,
    )
