"""The end of a queue when joining closes, and its return when that was a slip of the hand (domain §5).

Sole writer of `Enrollment.closed_with`, what an entry held when joining closed. Reopened in less than
`KEPT_FOR`, states, tickets and groups are as before; afterwards the entries stay ended. The caller has locked
the session. Like an offer, a return takes no child's lock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.crypto import salted_hmac

from courses.models import Session
from enrollments.letters import outbox
from enrollments.models import Enrollment
from enrollments.models.places import EnrollmentQuerySet
from enrollments.places import seat_log
from enrollments.places.eligibility import know, obstacles_to_a_seat
from enrollments.places.positions import SERVED
from home.account import User

State = Enrollment.State
QUEUED = (State.WAITING, State.OFFERED)
KEPT_FOR = timedelta(hours=1)
INSTANTS = ("offered_at", "offer_until", "offer_opened_at", "reminded_at", "called_at", "due_at")


@dataclass(frozen=True)
class Ending:
    """How many children closing a session would end, now, and a mark of whom."""

    waiting: int
    offered: int
    mark: str

    def __bool__(self) -> bool:
        return bool(self.waiting or self.offered)


def ending(session: Session) -> Ending:
    """Return how many children wait in the session, and how many hold an offer. One query."""
    rows = list(queued_in(session).order_by("pk").values_list("pk", "state"))
    states = [state for _pk, state in rows]
    mark = (
        salted_hmac("enrollments.queue_end", repr(rows), algorithm="sha256").hexdigest()[:16] if rows else ""
    )
    return Ending(states.count(State.WAITING), states.count(State.OFFERED), mark)


def mark(session: Session) -> str:
    """Return a mark of whom closing the session would end, "" for nobody: one agrees to what was shown."""
    return ending(session).mark


def still_kept(session: Session, at: datetime) -> EnrollmentQuerySet:
    """Return the entries that closing has ended and reopening would restore, the earliest end first."""
    rows = Enrollment.objects.filter(returning(at), session=session).order_by("changed_at", "pk")
    return rows.none() if session.cancelled_at else rows


def count_queue(sender: object, *, session: Session, **_more: Any) -> Ending:
    """Answer the timetable's question (courses.signals.queue_asked)."""
    return ending(session)


def queued_in(session: Session) -> EnrollmentQuerySet:
    """Return the entries that end when joining closes, in the order of the queue."""
    return Enrollment.objects.filter(session=session, state__in=QUEUED).order_by(*SERVED)


def returning(at: datetime) -> Q:
    """Return the condition for entries that come back if joining is open again at that time."""
    return Q(state=State.LAPSED, closed_with__isnull=False, changed_at__gt=at - KEPT_FOR)


def end(rows: Iterable[Enrollment], session: Session, at: datetime) -> None:
    """End the waiting entries and offers among these; keep what they held, unless the session is cancelled.

    The message goes out once it can no longer be a slip.
    """
    kept = not session.cancelled_at
    for row in rows:
        if row.state not in QUEUED:
            continue
        held = _held(row) if kept else None
        letters = outbox.tell_full_guardians(
            "waiting_over", child=row.child, at=at, session=session, hold=KEPT_FOR if kept else timedelta()
        )
        if held is not None:
            held["letters"] = [letter.pk for letter in letters]
        reason = "joining_closed" if kept else "session_cancelled"
        seat_log.change(
            row, State.LAPSED, reason, session=session, by=None, at=at, party=None, closed_with=held
        )


def reopen(
    rows: Iterable[Enrollment], session: Session, *, by: User | None, at: datetime
) -> list[Enrollment]:
    """Restore what these entries held (see `returning`), and withhold the messages about their end;
    return those that came back.

    An offer returns if its seats are still free, its time has not run out and the children may still take
    them; otherwise its children wait, with their tickets. A child erased or enrolled again since then stays
    as it is, and a group that lost one is dissolved.
    """
    rows = list(rows)
    if not rows:
        return []
    children = [row.child_id for row in rows]
    here = set(
        Enrollment.objects.live()
        .filter(session=session, child__in=children)
        .values_list("child_id", flat=True)
    )
    groups: dict[object, list[tuple[Enrollment, dict[str, Any]]]] = {}
    for row in rows:
        held = row.closed_with or {}
        groups.setdefault(held.get("party") or f"row {row.pk}", []).append((row, held))
    known = know([row.child for row in rows], [session], at)

    def may_sit(row: Enrollment) -> bool:
        return not obstacles_to_a_seat(child=row.child, session=session, known=known)

    back: list[Enrollment] = []
    # Offers first: they had their seats before the waiting list.
    for group in sorted(
        groups.values(), key=lambda group: any(held["state"] == State.WAITING for _r, held in group)
    ):
        one_each = {row.child_id: (row, held) for row, held in reversed(group)}
        there = [
            (row, held)
            for row, held in one_each.values()
            if row.child.erased_at is None and row.child_id not in here
        ][::-1]
        whole = len(there) == len(group)
        offered = whole and _offer_holds(there, session, at, may_sit)
        for row, held in there:
            facts: dict[str, Any] = {"party": held["party"] if whole else None, "price": row.price}
            if offered:
                facts |= {name: _read(held[name]) for name in INSTANTS} | {"offer_kind": held["offer_kind"]}
            to = State.OFFERED if offered else State.WAITING
            seat_log.change(row, to, "reopened", session=session, by=by, at=at, **facts)
            outbox.withhold_unsent(held["letters"])
            here.add(row.child_id)  # of two files merged since then, one row comes back
            back.append(row)
    return back


def _offer_holds(
    group: list[tuple[Enrollment, dict[str, Any]]],
    session: Session,
    at: datetime,
    may_sit: Callable[[Enrollment], bool],
) -> bool:
    if session.free < len(group):
        return False
    for row, held in group:
        until = _read(held["offer_until"])
        if held["state"] != State.OFFERED or until is None or until <= at:
            return False
        if held["offer_kind"] not in Enrollment.KEPT_BY_US and not may_sit(row):
            return False
    return True


def _held(row: Enrollment) -> dict[str, Any]:
    instants = {name: getattr(row, name) for name in INSTANTS}
    return {
        "state": str(row.state),
        "party": row.party,
        "offer_kind": str(row.offer_kind),
        **{name: moment and moment.isoformat() for name, moment in instants.items()},
    }


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None
