"""Enrollment basket: confirm several children and sessions under one reference, either all or only what is
available.

The basket is a list of (child id, session id) pairs in the HTTP session. It does not reserve seats.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from courses.models import Session
from courses.standing import Standing, standing
from courses.timetable.clashes import overlapping
from courses.timetable.joining_price import JoiningPrice, joining_price
from enrollments.models import Child, Enrollment
from enrollments.models.places import new_reference
from enrollments.places import admission, private_sessions, seat_log, waiting_list
from enrollments.places.eligibility import Known, Obstacle, know, obstacles
from home.account import User
from home.refusals import Refusal

MOST_LINES = 20


@dataclass
class BasketLine:
    """One basket item: a child in a session, the obstacles, and whether a seat is free."""

    child: Child
    session: Session
    obstacles: list[Obstacle] = field(default_factory=list)
    clashes_with: "BasketLine | None" = None
    standing: Standing | None = None
    will_wait: bool = False
    joining: JoiningPrice = field(default_factory=lambda: JoiningPrice(Decimal(0), 0, 0))

    @property
    def fits(self) -> bool:
        return not self.obstacles and self.clashes_with is None


class NotAll(Refusal):
    """Raised with nothing written: `lines` are the items not available now."""

    def __init__(self, lines: list[BasketLine]):
        super().__init__([f"{line.child} {line.session}" for line in lines])
        self.lines = lines


def lines_of(pairs: Iterable[tuple[int, int]], user: User, at: datetime) -> list[BasketLine]:
    """Return this guardian's items, evaluated together: two of one child at the same time conflict.

    Other people's children are ignored.
    """
    pairs = list(dict.fromkeys(pairs))[:MOST_LINES]
    children = Child.objects.in_care_of(user).in_bulk({child for child, _session in pairs})
    found = (
        private_sessions.visible_to(user).with_facts().filter(pk__in={session for _child, session in pairs})
    )
    sessions = {session.pk: session for session in found}
    lines = [
        BasketLine(children[child], sessions[session])
        for child, session in pairs
        if child in children and session in sessions
    ]
    _judge(lines, know(children.values(), sessions.values(), at, user), at)
    return lines


def count(pairs: Iterable[tuple[int, int]], user: User) -> int:
    """Return how many items the basket page shows this guardian. Two queries; none for an empty basket."""
    pairs = list(dict.fromkeys(pairs))[:MOST_LINES]
    if not pairs:
        return 0
    children = set(
        Child.objects.in_care_of(user)
        .filter(pk__in={child for child, _session in pairs})
        .values_list("pk", flat=True)
    )
    sessions = set(
        private_sessions.visible_to(user)
        .filter(pk__in={session for _child, session in pairs})
        .values_list("pk", flat=True)
    )
    return sum(child in children and session in sessions for child, session in pairs)


def _judge(lines: list[BasketLine], known: Known, at: datetime) -> None:
    taken: dict[int, int] = {}
    for place, line in enumerate(lines):
        line.obstacles = obstacles(child=line.child, session=line.session, at=at, known=known)
        line.standing, line.joining = standing(line.session, at), joining_price(line.session, at)
        before = [other for other in lines[:place] if other.child == line.child and other.fits]
        hit = overlapping(line.session.pk, {other.session.pk for other in before}, at) if before else set()
        line.clashes_with = next((other for other in before if other.session.pk in hit), None)
        if line.fits:
            here = taken.get(line.session.pk, 0)
            line.will_wait = bool(line.session.waiting_count) or line.session.free <= here
            taken[line.session.pk] = here + (not line.will_wait)


def total(lines: Iterable[BasketLine]) -> Decimal:
    """Return the amount due for items that get a seat, in MAD."""
    return sum((line.joining.total for line in lines if line.fits and not line.will_wait), Decimal(0))


@transaction.atomic
def confirm(
    pairs: Iterable[tuple[int, int]], *, by: User, at: datetime, keep_what_fits: bool
) -> list[Enrollment]:
    """Enroll the items under one reference.

    All with a seat, or NotAll and none; with `keep_what_fits`, those available, and waiting-list entries
    where no seat is free.

    Confirming the same items again (double click, back button) returns the existing enrollments.
    """
    pairs = list(pairs)
    _children, ties = seat_log.locked_with_ties({child for child, _session in pairs})
    locked = seat_log.locked_sessions({session for _child, session in pairs})
    for session in locked.values():
        if waiting_list.is_due(session, at):
            waiting_list.settle(session, at)
    there = _already(pairs)
    if there:
        return there
    lines = lines_of(pairs, by, at)
    missing = [line for line in lines if not line.fits or line.will_wait]
    if (missing and not keep_what_fits) or not any(line.fits for line in lines):
        raise NotAll(missing or lines)
    reference, groups = new_reference(), []
    for session in sorted({line.session.pk for line in lines if line.fits}):
        wanted = [line.child for line in lines if line.fits and line.session.pk == session]
        rows = admission.append_all(
            wanted, locked[session], by=by, at=at, reference=reference, ties=ties, is_told=True
        )
        groups.append((locked[session], rows))
    admission.tell_enrolled(groups, at, ties)
    return [row for _session, rows in groups for row in rows]


def _already(pairs: list[tuple[int, int]]) -> list[Enrollment]:
    """Return the rows of exactly these items if one confirmation already created them all."""
    rows = Enrollment.objects.live().filter(
        child__in={child for child, _session in pairs}, session__in={session for _child, session in pairs}
    )
    by_reference: dict[str, list[Enrollment]] = {}
    for row in rows:
        by_reference.setdefault(row.reference, []).append(row)
    for some in by_reference.values():
        if {(row.child_id, row.session_id) for row in some} == set(pairs):
            return some
    return []
