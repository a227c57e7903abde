"""Consistency check: verify the six invariants of domain §5 and that replaying the events gives the current
rows.

`check` only reads; `keep` stores the result. Sole writer of PlaceCheck.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from courses.models import Session
from enrollments.models import Enrollment, PlaceCheck, PlaceEvent
from enrollments.places import waiting_list

State = Enrollment.State


@dataclass(frozen=True)
class Fault:
    """One violation: which invariant (1 to 6), of which session, in numbers; never a name."""

    invariant: int
    session: int
    words: str

    def __str__(self) -> str:
        return f"invariant {self.invariant}, session {self.session}: {self.words}"


def check(at: datetime, sessions: Iterable[int] | None = None) -> list[Fault]:
    """Return all violations at that time; empty if there are none.

    Three queries, plus a few for each session with a queue.
    """
    wanted = Session.objects.with_facts().order_by("pk")
    rows = Enrollment.objects.order_by("session_id", "pk")
    events = PlaceEvent.objects.order_by("pk")
    if sessions is not None:
        keys = list(sessions)
        wanted, rows, events = (
            wanted.filter(pk__in=keys),
            rows.filter(session__in=keys),
            events.filter(session_ref__in=keys),
        )
    of_session = defaultdict(list)
    for row in rows:
        of_session[row.session_id].append(row)
    replayed, broken = _replay(events)
    found = [Fault(6, session, words) for session, words in broken]
    for session in wanted:
        found += _of(session, of_session[session.pk], replayed, at)
    return found


def _replay(events: Iterable[PlaceEvent]) -> tuple[dict[int, tuple[str, int, int]], list[tuple[int, str]]]:
    """Return (state, child, ticket) per enrollment after its last event, and the events that do not follow
    from the previous one.
    """
    now: dict[int, tuple[str, int, int]] = {}
    broken = []
    for event in events:
        before = now.get(event.enrollment_ref, ("", 0, 0))[0]
        if event.from_state != before:
            broken.append(
                (
                    event.session_ref,
                    (
                        f"event {event.pk} begins at {event.from_state or 'nothing'}, the row stood at "
                        f"{before or 'nothing'}"
                    ),
                )
            )
        now[event.enrollment_ref] = (event.to_state, event.child_ref, event.ticket)
    return now, broken


def _of(
    session: Session, rows: list[Enrollment], replayed: dict[int, tuple[str, int, int]], at: datetime
) -> list[Fault]:
    def fault(invariant: int, words: str) -> None:
        found.append(Fault(invariant, session.pk, words))

    found: list[Fault] = []
    held = sum(row.state in Enrollment.HOLDING for row in rows)
    waiting = sum(row.state == State.WAITING for row in rows)
    if (session.seats_taken, session.waiting_count) != (held, waiting):
        fault(
            1,
            (
                f"counts {session.seats_taken} seats and {session.waiting_count} waiting, the rows say "
                f"{held} and {waiting}"
            ),
        )
    for child, count in Counter(row.child_id for row in rows if row.state in Enrollment.LIVE).items():
        if count > 1:
            fault(2, f"child {child} is live {count} times")
    if held > session.capacity:
        fault(3, f"{held} hold a seat of {session.capacity}")
    tickets = [row.ticket for row in rows]
    if len(set(tickets)) != len(tickets) or any(ticket >= session.next_ticket for ticket in tickets):
        fault(5, "a ticket was drawn twice, or never drawn")
    # Whatever is due is processed at the next read or write.
    if not waiting_list.is_due(session, at) and (entry := waiting_list.first_to_serve(session, at)):
        fault(4, f"enrollment {entry[0].pk} waits, and {session.free} seats are free")
    for row in rows:
        said = replayed.get(row.pk)
        if said is None or said != (row.state, row.child_id, row.ticket):
            fault(6, f"enrollment {row.pk} is {row.state}, its events say {said[0] if said else 'nothing'}")
    return found


def keep(at: datetime) -> PlaceCheck:
    """Check everything and store the result; delete results older than a year."""
    PlaceCheck.objects.filter(at__lt=at - timedelta(days=365)).delete()
    faults = [str(fault) for fault in check(at)]
    return PlaceCheck.objects.create(at=at, sessions=Session.objects.count(), faults=faults)
