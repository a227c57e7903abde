"""Queries for the family, instructor and front-desk overview pages. Each runs a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from courses.models import Meeting, Session
from courses.standing import Standing, standing
from courses.timetable.next_classes import next_meetings
from enrollments.models import (
    Child,
    Enrollment,
    Equivalence,
    Guardianship,
    MakeUp,
    MergeProposal,
    PolicyVersion,
    Presence,
)
from enrollments.models.attendance import bookings_to_come, classes_of
from enrollments.places.positions import positions
from home.account import User
from home.database.compiled import Compiled

FOLDED_AFTER = timedelta(days=60)


@dataclass
class AgendaLine:
    """One enrollment of a child, with its next class, and the queue position if on the waiting list."""

    enrollment: Enrollment
    session: Session
    standing: Standing
    next_meeting: Meeting | None = None
    position: int = 0
    is_past: bool = False

    @property
    def starts_next(self) -> bool:
        """Return whether the next class is the session's first."""
        first_at = self.session.first_at
        return (
            self.next_meeting is not None and first_at is not None and self.next_meeting.starts_at <= first_at
        )


@dataclass
class ChildAgenda:
    """A child as a guardian sees it."""

    child: Child
    may_act: bool
    age: int
    lines: list[AgendaLine] = field(default_factory=list)
    declared: list[Equivalence] = field(default_factory=list)
    is_asked_about: bool = False  # a merge of this file with another one awaits an answer
    owes_answer: bool = False  # the guardian must answer compulsory terms
    guest_in: list[MakeUp] = field(default_factory=list)  # coming make-up classes, each with `announced`
    photos: list[Any] = field(default_factory=list)  # ConsentStatus of each per-child purpose

    @property
    def photos_allowed(self) -> tuple[tuple[str, bool], ...]:
        """Return the title and the answer of each purpose."""
        return tuple((status.version.title, status.allowed) for status in self.photos)

    @property
    def past(self) -> list[AgendaLine]:
        """Return enrollments that ended some time ago, shown collapsed."""
        return [line for line in self.lines if line.is_past]

    @property
    def present(self) -> list[AgendaLine]:
        """Return what is not past: offers, which need an answer, then places, then the waiting list."""
        rank: dict[str, int] = {Enrollment.State.OFFERED: 0, Enrollment.State.SEATED: 1}
        lines = [line for line in self.lines if not line.is_past]
        return sorted(lines, key=lambda line: rank.get(line.enrollment.state, 2))

    @property
    def asks_collection(self) -> bool:
        """Return whether to ask who collects: of a guardian with full rights, once the child has a place,
        until somebody answers.
        """
        return self.may_act and bool(self._next_seated) and self.child.collection_confirmed_at is None

    @property
    def is_before_first_class(self) -> bool:
        """Return whether each session in which the child has a place is yet to begin."""
        return all(line.starts_next for line in self._next_seated)

    @property
    def _next_seated(self) -> list[AgendaLine]:
        seated = Enrollment.State.SEATED
        return [line for line in self.lines if line.enrollment.state == seated and line.next_meeting]


def _children_of(user: User, at: datetime) -> QuerySet[Guardianship]:
    """Return this user's guardianships, each with whether there is more to ask about the child."""
    merges = MergeProposal.objects.filter(
        Q(kept=OuterRef("child")) | Q(gone=OuterRef("child")), refused_at=None
    )
    declared = Equivalence.objects.filter(child=OuterRef("child"), confirmed_at=None)
    return (
        Guardianship.objects.filter(guardian=user)
        .annotate(
            is_asked=Exists(merges),
            has_declared=Exists(declared),
            is_guest=Exists(bookings_to_come(at).filter(child=OuterRef("child"))),
            owes_answer=Exists(PolicyVersion.objects.outstanding(user, at)),
        )
        .select_related("child")
        .order_by("child__birth_date", "child_id")
    )


def _places_of(children: Iterable[int], at: datetime) -> QuerySet[Enrollment]:
    """Return what these children hold or wait for, each with what the family has announced."""
    rows = Enrollment.objects.live().filter(child__pk__in=children).annotate(**_announced(at))
    return rows.select_related("session__course", "session__room__venue")


CHILDREN_OF, PLACES_OF = Compiled(_children_of), Compiled(_places_of)


def family_agenda(user: User, at: datetime, today: date) -> list[ChildAgenda]:
    """Return this guardian's children, each with their enrollments, soonest first; the same number of queries
    for one child or ten.
    """
    ties: list[Any] = CHILDREN_OF(user=user.pk, at=at)
    agendas = {
        tie.child_id: ChildAgenda(
            tie.child, tie.rights == Guardianship.Rights.FULL, cast(int, tie.child.age_on(today)),
            is_asked_about=tie.is_asked, owes_answer=tie.owes_answer,
        )
        for tie in ties
    }  # fmt: skip
    rows = PLACES_OF(children=list(agendas), at=at)
    coming = next_meetings({row.session_id for row in rows}, at)
    waited_for = {row.session_id for row in rows if row.state == Enrollment.State.WAITING}
    queue = positions(waited_for) if waited_for else {}
    for row in rows:
        line = AgendaLine(
            row, row.session, standing(row.session, at), coming.get(row.session_id), queue.get(row.pk, 0)
        )
        line.is_past = line.session.over_at is not None and line.session.over_at < at - FOLDED_AFTER
        agendas[row.child_id].lines.append(line)
    declaring = [tie.child_id for tie in ties if tie.has_declared]
    for said in (
        Equivalence.objects.filter(child__in=declaring, confirmed_at=None).select_related("course")
        if declaring
        else ()
    ):
        agendas[said.child_id].declared.append(said)
    guests = [tie.child_id for tie in ties if tie.is_guest]
    for booking in _guest_classes(guests, at) if guests else ():
        agendas[booking.child_id].guest_in.append(booking)
    for agenda in agendas.values():
        agenda.lines.sort(
            key=lambda line: (
                line.next_meeting is None,
                line.next_meeting.starts_at if line.next_meeting else at,
            )
        )
    return list(agendas.values())


def _guest_classes(children: list[int], at: datetime) -> QuerySet[MakeUp]:
    """Return the coming make-up classes of these children, each with what the family has announced."""
    said = Presence.objects.filter(child=OuterRef("child"), meeting=OuterRef("host"))
    return (
        bookings_to_come(at)
        .filter(child__in=children)
        .annotate(announced=Subquery(said.values("announced")[:1]))
        .select_related("host__session__course", "host__room__venue", "host__lesson")
    )


def _announced(at: datetime) -> dict[str, Subquery]:
    """Return what the family has announced about a coming class (`announced`), and which one
    (`announced_for`).
    """
    coming = Presence.objects.filter(
        child=OuterRef("child"),
        meeting__session=OuterRef("session"),
        meeting__ends_at__gt=at,
        meeting__cancelled_at=None,
    ).order_by("meeting__starts_at")
    return {
        "announced": Subquery(coming.values("announced")[:1]),
        "announced_for": Subquery(coming.values("meeting")[:1]),
    }


def is_urgent_today(user: User, at: datetime) -> bool:
    """Return whether a child of this guardian has a class today or an offer: shown before anything else is
    asked.
    """
    children = Child.objects.of(user)
    today = Meeting.objects.filter(
        classes_of(children), on=timezone.localdate(at), cancelled_at=None, session__cancelled_at=None
    )
    offers = Enrollment.objects.of(user).filter(state=Enrollment.State.OFFERED)
    return today.exists() or offers.exists()
