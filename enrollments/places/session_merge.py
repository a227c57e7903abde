"""Merge a session with too few children into another session of the same course (domain §5).

Each seated child gets a seat in the other session, held until the family answers. Accept: the seat is theirs.
Decline: full refund. No answer in time: the office phones. The seat is kept without any action by the family.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import cast

from django.db import transaction
from django.utils import timezone

from courses.models import Session
from courses.models.timetable import instant
from enrollments.letters import outbox
from enrollments.models import Enrollment
from enrollments.places import seat_log, waiting_list, withdrawal
from enrollments.places.eligibility import Obstacle, know, obstacles_to_a_seat
from home.account import User
from home.refusals import CodedRefusal

State = Enrollment.State
SOONEST = timedelta(hours=12)  # a family has at least a night and a morning to answer
NEAR = timedelta(weeks=4)  # between the first classes of two sessions that may merge


class Reason(StrEnum):
    OVER = "over"
    OTHER_COURSE = "other_course"
    FULL = "full"
    TIME = "time"  # the date to answer by


class Refused(CodedRefusal[Reason]):
    """Nothing was written. `needed`: the seats that FULL asks for."""

    def __init__(self, code: Reason, needed: int = 0) -> None:
        super().__init__(code)
        self.needed = needed


@dataclass
class MergePlan:
    """The effect of a merge: who is asked, who cannot transfer and why, who was only waiting."""

    asked: list[Enrollment] = field(default_factory=list)
    refused: list[tuple[Enrollment, list[Obstacle]]] = field(default_factory=list)
    released: list[Enrollment] = field(default_factory=list)

    @property
    def everybody(self) -> list[Enrollment]:
        """Return everyone with a position in the cancelled session: its times no longer clash with what they
        wait for elsewhere.
        """
        return [*self.asked, *(row for row, _why in self.refused), *self.released]


def targets(session: Session, at: datetime) -> list[Session]:
    """Return the possible target sessions: same course, same city, about the same start, with a seat, still
    open to join.
    """
    return targets_of([session], at)[session.pk]


def targets_of(sessions: Iterable[Session], at: datetime) -> dict[int, list[Session]]:
    """Return the possible targets of each session by primary key. One query."""
    sessions = list(sessions)
    rows = list(
        Session.objects.published()
        .with_facts()
        .filter(course__in={session.course_id for session in sessions}, cancelled_at=None, over_at__gt=at)
    )
    open_to_join = [other for other in rows if other.free and waiting_list.may_offer(other, at)]
    return {
        session.pk: by_nearness(
            session,
            [other for other in open_to_join if other.pk != session.pk and are_near(session, other)],
        )
        for session in sessions
    }


def are_near(one: Session, other: Session) -> bool:
    """Return whether course, city and start allow this merge; both sessions with their related data.

    Families chose a season: a session of December does not merge into one of April.
    """
    if one.course_id != other.course_id or one.room.venue.city_fr != other.room.venue.city_fr:
        return False
    return bool(one.first_on and other.first_on and abs(one.first_on - other.first_on) <= NEAR)


def by_nearness(session: Session, others: Iterable[Session]) -> list[Session]:
    """Sort public sessions first, then by how close their start is."""
    first_on = cast(date, session.first_on)  # what is merged has dates
    return sorted(
        others,
        key=lambda other: (bool(other.access_code), abs(cast(date, other.first_on) - first_on), other.pk),
    )


def plan(session: Session, into: Session, at: datetime) -> MergePlan:
    """Return who would be asked, without writing anything. The old place does not count as a clash."""
    rows = list(Enrollment.objects.live().filter(session=session).select_related("child").order_by("ticket"))
    found = MergePlan(released=[row for row in rows if row.state != State.SEATED or row.leaves_at])
    coming = [row for row in rows if row not in found.released]
    known = know([row.child for row in coming], [into], at)
    for row in coming:
        known.leave_out(row)
        there = next((live for live in known.live[row.child_id] if live.session_id == into.pk), None)
        if there is not None:  # it already has a position there, which it keeps
            found.released.append(row)
        elif reasons := obstacles_to_a_seat(child=row.child, session=into, known=known):
            found.refused.append((row, reasons))
        else:
            found.asked.append(row)
    return found


def latest(into: Session, at: datetime) -> datetime:
    """Return the latest possible deadline for answers: before the next class there, and while joining is
    possible.
    """
    return min(bound for bound in (waiting_list.next_meeting_at(into, at), into.joinable_until) if bound)


def proposed(into: Session, at: datetime) -> datetime:
    """Return the default deadline: in two days at six in the evening, or the latest possible if sooner."""
    evening = instant(timezone.localdate(at) + timedelta(days=2), time(18))
    return min(evening, latest(into, at))


@transaction.atomic
def unite(
    session: Session, into: Session, *, answer_by: datetime, reason: str, by: User, at: datetime
) -> MergePlan:
    """Merge atomically: cancel the first session and hold seats for its seated children in the other.

    Raises Refused.
    """
    rows = Enrollment.objects.live().filter(session=session)
    children = sorted(seat_log.locked_children(rows.values_list("child_id", flat=True)))
    hopes = set(waiting_list.hopes_of(children, besides=session.pk).values_list("session_id", flat=True))
    sessions = seat_log.locked_sessions([session.pk, into.pk, *hopes])
    here, there = sessions[session.pk], sessions[into.pk]
    _refuse(here, there, answer_by, at)
    if waiting_list.is_due(there, at):
        waiting_list.settle(there, at)
    del sessions[here.pk]
    made = plan(here, there, at)
    if len(made.asked) > there.free:
        raise Refused(Reason.FULL, len(made.asked))
    seat_log.decide(
        here, "merged", before=here.seats_taken, after=len(made.asked), reason=reason, by=by, at=at
    )
    here.cancelled_at = at
    Session.objects.filter(pk=here.pk).update(cancelled_at=at)
    for row in made.asked:
        _ask(row, here, there, answer_by=answer_by, by=by, at=at)
    withdrawal.release_all(
        [*(row for row, _why in made.refused), *made.released], here, reason=reason, by=by, at=at
    )
    seat_log.keep_due(here)
    seat_log.keep_due(there)
    for row in made.everybody:
        waiting_list.reconsider_in(row.child, sessions, at)
    return made


def _refuse(here: Session, there: Session, answer_by: datetime, at: datetime) -> None:
    if here.pk == there.pk or not are_near(here, there):
        raise Refused(Reason.OTHER_COURSE)
    if here.cancelled_at or here.is_over(at) or not waiting_list.may_offer(there, at):
        raise Refused(Reason.OVER)
    if not at + min(SOONEST, (latest(there, at) - at) / 2) <= answer_by <= latest(there, at):
        raise Refused(Reason.TIME)


def _ask(
    row: Enrollment, here: Session, there: Session, *, answer_by: datetime, by: User, at: datetime
) -> None:
    offer = {
        "offered_at": at,
        "offer_until": answer_by,
        "offer_kind": Enrollment.OfferKind.MERGE,
        "due_at": at + (answer_by - at) / 2,
    }
    price = min(row.price, there.price)  # nobody pays more for a change the academy asks for
    new = seat_log.append(
        row.child, there, by=by, at=at, reference=row.reference, wish="seat", offer=offer, price=price
    )
    seat_log.change(row, State.MOVED, "united", session=here, by=by, at=at, party=None)
    outbox.tell_full_guardians(
        "sessions_united", child=row.child, at=at, enrollment=new, session=there, before=here
    )


def origin(row: Enrollment) -> Enrollment | None:
    """Return the place in a merged session that this row replaces."""
    rows = Enrollment.objects.filter(child=row.child_id, reference=row.reference, state=State.MOVED).exclude(
        pk=row.pk
    )
    return (
        rows.filter(session__cancelled_at__isnull=False)
        .select_related("session__room__venue")
        .order_by("-pk")
        .first()
    )


@dataclass(frozen=True)
class Answer:
    """The outcome for one child of a cancelled session; `now` is its row in the other session, None if its
    place ended.
    """

    row: Enrollment
    now: Enrollment | None
    opened: bool

    @property
    def is_open(self) -> bool:
        """Return whether the office still has something to do: no answer yet, or the email not opened."""
        return (self.now is not None and self.now.state == State.OFFERED) or (
            self.now is None and not self.opened
        )


def answers(session: Session) -> list[Answer]:
    """Return every child of a cancelled or merged session, those without an answer first."""
    ended = Enrollment.objects.filter(session=session, state__in=[State.CANCELLED, State.MOVED])
    rows = list(
        ended.select_related("child").prefetch_related("child__guardianships__guardian").order_by("ticket")
    )
    later = Enrollment.objects.filter(
        child__in=[row.child_id for row in rows], reference__in={row.reference for row in rows}
    )
    moved = {
        (row.child_id, row.reference): row
        for row in later.exclude(session=session).select_related("session").order_by("pk")
    }
    seen = outbox.seen_by_anyone(
        "session_cancelled", [row.child_id for row in rows], since=cast(datetime, session.cancelled_at)
    )
    found = []
    for row in rows:
        now = moved.get((row.child_id, row.reference)) if row.state == State.MOVED else None
        answered = now is not None and (
            now.state != State.OFFERED or now.offer_opened_at is not None or now.called_at is not None
        )
        found.append(Answer(row, now, answered or row.child_id in seen))
    return sorted(found, key=lambda answer: not answer.is_open)
