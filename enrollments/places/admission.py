"""Who gets a place. Rows, counters and events are written through enrollments.places.seat_log.

Locks are taken in one order everywhere: children by primary key, then sessions by primary key. On PostgreSQL
a lock is waited for at most three seconds (settings.DATABASES); on SQLite one writer works at a time.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction
from django.db.models import Q

from courses.models import Session
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship
from enrollments.models.places import new_reference
from enrollments.places import seat_log, waiting_list
from enrollments.places.eligibility import Obstacle, know, obstacles
from home.database.compiled import Compiled
from home.refusals import Refusal

CANCELLED_ROWS = Compiled(
    lambda children, term: Enrollment.objects.filter(
        child__pk__in=children, state=Enrollment.State.CANCELLED, session__term=term
    )
)


class NotAdmissible(Refusal):
    """Raised by a verb here; carries the obstacles by child and guarantees that nothing was written."""

    def __init__(self, refused: dict[Child, list[Obstacle]]):
        super().__init__(
            {str(child): [obstacle.code for obstacle in found] for child, found in refused.items()}
        )
        self.refused = refused

    @property
    def obstacles(self) -> list[Obstacle]:
        return [obstacle for found in self.refused.values() for obstacle in found]


class NotInCare(Refusal):
    """Raised by enroll_together for children who are not in the full care of who asks;
    nothing was written.
    """


def enroll(
    *, child: Child, session: Session, by: User | None, at: datetime, facts: Session | None = None
) -> Enrollment:
    """Give the child a place, or a position in the queue when there is none.

    Raises NotAdmissible with every obstacle. Safe to call from any number of processes. `facts`: see
    enroll_together.
    """
    return enroll_together(children=[child], session=session, by=by, at=at, facts=facts)[0]


@transaction.atomic
def enroll_together(
    *,
    children: Iterable[Child | int],
    session: Session,
    by: User | None,
    at: datetime,
    all_or_none: bool = False,
    facts: Session | None = None,
    in_care_of: User | None = None,
) -> list[Enrollment]:
    """The same for several children of one family in one session: all of them, or NotAdmissible and none.

    Returns the enrollments in the order of the children given, under one reference. Each is seated or waiting
    by the places left; with `all_or_none` they are seated together, or wait together and are served as one.
    `facts` is the session with its facts when this request has just read it: what the rules ask is gathered
    before the session is locked, so that a rush waits for the writing alone. `in_care_of`: raises NotInCare
    unless every child is, at this moment and until the end, in this guardian's full care.
    """
    order = {child.pk if isinstance(child, Child) else child: place for place, child in enumerate(children)}
    rows, ties = seat_log.locked_with_ties(order, in_care_of)
    locked = list(rows.values())
    if in_care_of and len(locked) < len(order):
        raise NotInCare
    facts = facts or Session.objects.with_facts().get(pk=session.pk)
    known = know(locked, [facts], at, by)
    session = seat_log.locked_again(facts)
    is_due = waiting_list.is_due(session, at)
    if is_due:
        waiting_list.settle(session, at)
    if is_due or session is not facts:  # what was gathered may be no longer so
        known = know(locked, [session], at, by)
    refused = {
        child: found
        for child in locked
        if (found := obstacles(child=child, session=session, at=at, known=known))
    }
    if refused:
        raise NotAdmissible(refused)
    locked.sort(key=lambda child: order[child.pk])
    return append_all(
        locked, session, by=by, at=at, reference=new_reference(), all_or_none=all_or_none, ties=ties
    )


def append_all(
    children: list[Child],
    session: Session,
    *,
    by: User | None,
    at: datetime,
    reference: str,
    ties: list[Guardianship],
    all_or_none: bool = False,
) -> list[Enrollment]:
    """Put admissible children at the tail of a locked session, and serve the queue: who is served at once has
    a seat.

    `ties` are theirs (and perhaps others'), asked before the session was locked; each guardian of theirs gets
    a letter.
    """
    as_one = all_or_none and len(children) > 1
    wish = "wait" if as_one and (session.waiting_count or session.free < len(children)) else "first_come"
    first = (
        _released_before(children, session)
        if session.waiting_count or session.free < len(children)
        else frozenset()
    )
    rows = []
    for child in children:
        priority = int(bool(first) if as_one else child.pk in first)
        row = seat_log.append(child, session, by=by, at=at, reference=reference, wish=wish, priority=priority)
        if priority and row.state == Enrollment.State.WAITING:
            seat_log.decide(
                session, "priority", before=0, after=1, reason="cancelled_elsewhere", by=None, at=at, row=row
            )
        rows.append(row)
    if wish == "wait":
        for row in rows:
            row.party = rows[0].pk
        Enrollment.objects.filter(pk__in=[row.pk for row in rows]).update(party=rows[0].pk)
    if session.waiting_count and session.free:
        waiting_list.serve(session, at, newcomers=frozenset(row.pk for row in rows), by=by)
        for row in rows:
            row.refresh_from_db()
        seat_log.keep_due(session)
    elif (
        0 < session.waiting_count <= len(rows)
    ):  # nobody waited before: the last day to join counts from now on
        seat_log.keep_due(session)
    tell_enrolled(rows, session, at, ties)
    return rows


def _released_before(children: list[Child], session: Session) -> frozenset[int]:
    """Those whose session of this term the academy did not hold: they come first here (domain §5)."""
    rows = CANCELLED_ROWS(children=[child.pk for child in children], term=session.term_id)
    return frozenset(row.child_id for row in rows)


def tell_enrolled(rows: list[Enrollment], session: Session, at: datetime, ties: list[Guardianship]) -> None:
    """One letter to each full guardian, about those of the children that are theirs."""
    waiting_rows = [row for row in rows if row.state == Enrollment.State.WAITING]
    for after, row in enumerate(reversed(waiting_rows)):
        # A newcomer stands at the tail, whatever is before; who comes first here is counted.
        row.position = _counted(row) if row.priority else session.waiting_count - after
    theirs: dict[User, list[Enrollment]] = {}
    by_child = {row.child_id: row for row in rows}
    for tie in ties:
        if tie.child_id in by_child:
            theirs.setdefault(tie.guardian, []).append(by_child[tie.child_id])
    for guardian, mine in theirs.items():
        waiting = all(row.state == Enrollment.State.WAITING for row in mine)
        words = {"rows": mine, "session": session, "reference": mine[0].reference, "waiting": waiting}
        outbox.write("enrolled", to=guardian, at=at, child=mine[0].child if len(mine) == 1 else None, **words)


def _counted(row: Enrollment) -> int:
    ahead = Q(priority__gt=row.priority) | Q(priority=row.priority, ticket__lt=row.ticket)
    return (
        Enrollment.objects.filter(ahead, session=row.session_id, state=Enrollment.State.WAITING).count() + 1
    )


def hand_over(*, from_child: Child, to_child: Child, by: User | None, at: datetime) -> int:
    """Two files of one child become one (enrollments.privacy.child_merge): the places keep seat, ticket and
    reference.

    Both children locked already.
    """
    rows = list(Enrollment.objects.filter(child=from_child).order_by("pk"))
    for row in rows:
        seat_log.note(row, "merged", by=by, at=at, child=to_child)
    return len(rows)
