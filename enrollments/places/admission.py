"""Enroll children in sessions. All rows, counters and events are written through enrollments.places.seat_log.

Lock order everywhere: children by primary key, then sessions by primary key. On PostgreSQL a lock is waited
for at most three seconds (settings.DATABASES); on SQLite one writer works at a time.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from courses.models import Session
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship
from enrollments.models.places import new_reference
from enrollments.places import seat_log, waiting_list
from enrollments.places.confirmation import terms_of
from enrollments.places.eligibility import Obstacle, know, obstacles
from enrollments.places.offer_deadlines import LASTS
from enrollments.places.positions import positions
from home.account import User
from home.database.compiled import Compiled
from home.refusals import Refusal

CANCELLED_ROWS = Compiled(
    lambda children, term: Enrollment.objects.filter(
        child__pk__in=children, state=Enrollment.State.CANCELLED, session__term=term
    )
)


class NotAdmissible(Refusal):
    """Raised when a child may not enroll. Carries the obstacles for each child; nothing has been written."""

    def __init__(self, refused: dict[Child, list[Obstacle]]):
        super().__init__(
            {str(child): [obstacle.code for obstacle in found] for child, found in refused.items()}
        )
        self.refused = refused

    @property
    def obstacles(self) -> list[Obstacle]:
        return [obstacle for found in self.refused.values() for obstacle in found]


class SeatsForSome(Refusal):
    """Raised with nothing written: fewer seats than children, and the family chooses. `free`: seats for
    them now.
    """

    def __init__(self, free: int) -> None:
        super().__init__(free)
        self.free = free


class NotInCare(Refusal):
    """Raised by enroll_together for children the user has no full rights for; nothing was written."""


def enroll(
    *, child: Child, session: Session, by: User | None, at: datetime, facts: Session | None = None
) -> Enrollment:
    """Enroll the child, or add the child to the waiting list when the session is full.

    Raises NotAdmissible with every obstacle. Safe to call concurrently. `facts`: see enroll_together.
    """
    return enroll_together(children=[child], session=session, by=by, at=at, facts=facts)[0]


@transaction.atomic
def enroll_together(
    *,
    children: Iterable[Child | int],
    session: Session,
    by: User | None,
    at: datetime,
    all_or_none: bool | None = False,
    facts: Session | None = None,
    in_care_of: User | None = None,
) -> list[Enrollment]:
    """Enroll several children of a family in one session: all of them, or NotAdmissible and none.

    Returns the enrollments in the given order, under one reference. Each is seated or waiting, depending on
    free seats; with `all_or_none` they are seated together, or wait as one queue entry; with None the family
    has not been asked, and SeatsForSome is raised if the seats are too few for several. `facts` is the
    session with its related data, if this request has just loaded it: rules are evaluated before the session
    is locked, so that the lock covers only the writes. `in_care_of`: raises NotInCare unless this guardian
    has full rights for every child until the end of the transaction.
    """
    order = {child.pk if isinstance(child, Child) else child: place for place, child in enumerate(children)}
    rows, ties = seat_log.locked_with_ties(order, in_care_of)
    locked = list(rows.values())
    if in_care_of and len(locked) < len(order):
        raise NotInCare
    facts = facts or Session.objects.with_facts().get(pk=session.pk)
    known, until = know(locked, [facts], at, by), facts.joinable_until
    session = seat_log.locked_again(facts)
    is_due = waiting_list.is_due(session, at)
    if is_due:
        waiting_list.settle(session, at)
    # The collected data may be out of date; a session reopened since has restored its entries.
    if is_due or session is not facts or session.joinable_until != until:
        known = know(locked, [session], at, by)
    refused = {
        child: found
        for child in locked
        if (found := obstacles(child=child, session=session, at=at, known=known))
    }
    if refused:
        raise NotAdmissible(refused)
    locked.sort(key=lambda child: order[child.pk])
    if all_or_none is None and len(locked) > 1:
        # Seats that the waiting list could take are not for newcomers.
        free = 0 if waiting_list.first_to_serve(session, at) else session.free
        if len(locked) > free:
            raise SeatsForSome(free)
    as_one = bool(all_or_none)
    return append_all(locked, session, by=by, at=at, reference=new_reference(), all_or_none=as_one, ties=ties)


def append_all(
    children: list[Child],
    session: Session,
    *,
    by: User | None,
    at: datetime,
    reference: str,
    ties: list[Guardianship],
    all_or_none: bool = False,
    is_told: bool = False,
) -> list[Enrollment]:
    """Append eligible children to a locked session's queue, then allocate free seats in queue order.

    `ties` are their guardianships (others are allowed), loaded before the session was locked; each of their
    guardians is notified, unless the caller tells them (`is_told`).
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
    ):  # nobody was waiting before: the last day to join matters from now on
        seat_log.keep_due(session)
    if not is_told:
        tell_enrolled([(session, rows)], at, ties)
    return rows


def _released_before(children: list[Child], session: Session) -> frozenset[int]:
    """Return the children whose session the academy cancelled this term:
    they have priority here (domain §5).
    """
    rows = CANCELLED_ROWS(children=[child.pk for child in children], term=session.term_id)
    return frozenset(row.child_id for row in rows)


def tell_enrolled(
    groups: list[tuple[Session, list[Enrollment]]], at: datetime, ties: list[Guardianship]
) -> None:
    """Write one message to each guardian with full rights, about their own children among these, however many
    sessions the reference has.
    """
    theirs: dict[User, list[dict[str, Any]]] = {}
    everyone = [row for _session, rows in groups for row in rows]
    waiting = {row.session_id for row in everyone if row.state == Enrollment.State.WAITING}
    queue = positions(waiting) if waiting else {}
    for session, rows in groups:
        for row in rows:
            row.position = queue.get(row.pk, 0)  # type: ignore[attr-defined]  # for the letter
        mine: dict[User, list[Enrollment]] = {}
        by_child = {row.child_id: row for row in rows}
        for tie in ties:
            if tie.child_id in by_child:
                mine.setdefault(tie.guardian, []).append(by_child[tie.child_id])
        for guardian, some in mine.items():
            waits = all(row.state == Enrollment.State.WAITING for row in some)
            group = {
                "session": session, "rows": some, "terms": terms_of(some, session, at), "waits": waits,
            }  # fmt: skip
            theirs.setdefault(guardian, []).append(group)
    for guardian, told in theirs.items():
        concerned = [row for group in told for row in group["rows"]]
        words: dict[str, Any] = {
            "groups": told,
            "count": len(concerned),
            "reference": concerned[0].reference,
            "waiting": all(row.state == Enrollment.State.WAITING for row in concerned),
            "due": sum(group["terms"].price for group in told),
            "answer_hours": LASTS // timedelta(hours=1),
        }
        children = {row.child for row in concerned}
        child = next(iter(children)) if len(children) == 1 else None
        outbox.write("enrolled", to=guardian, at=at, child=child, **words)


def hand_over(*, from_child: Child, to_child: Child, by: User | None, at: datetime) -> int:
    """Move a merged child's places (enrollments.privacy.child_merge): they keep seat, ticket and reference.

    Both children must be locked.
    """
    rows = list(Enrollment.objects.filter(child=from_child).order_by("pk"))
    for row in rows:
        seat_log.note(row, "merged", by=by, at=at, child=to_child)
    return len(rows)
