"""Data for the top of the family page: next classes, open offers, amounts due, and what follows a course that
ends.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet, prefetch_related_objects

from courses.models import Course, Meeting, Session
from enrollments.families.agenda import AgendaLine, ChildAgenda
from enrollments.models import Child, Enrollment
from enrollments.money import receipts
from home.database.compiled import Compiled
from home.language.alphabet import in_alphabet

MOST = 4  # classes shown first, one for each child before a second one
ENDING, REMEMBERED = timedelta(days=14), timedelta(days=60)  # show the next step around the last class
State = Enrollment.State


@dataclass(frozen=True)
class NextClass:
    """A child's next class; `who` are the instructors' first names, `announced` what the family has
    announced. A make-up class in another session has no reference.
    """

    child: Child
    session: Session
    meeting: Meeting
    reference: str
    may_act: bool
    announced: str  # "absent", "late", or nothing
    who: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class NextStep:
    """A course that ends or has ended, and the courses it leads to."""

    child: Child
    session: Session
    is_over: bool
    courses: list[Course]


@dataclass(frozen=True)
class Due:
    """A reference with an amount due, and what it is for, as far as this guardian's children go."""

    reference: str
    account: receipts.Share
    places: list[tuple[Child, Session]]


@dataclass
class Ahead:
    """All of it, in the order the page shows it."""

    classes: list[NextClass] = field(default_factory=list)
    offers: list[tuple[Child, Enrollment]] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    steps: list[NextStep] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.classes or self.offers or self.due or self.steps)


def ahead(agendas: Iterable[ChildAgenda], at: datetime) -> Ahead:
    """Build it from what the page has already loaded, with at most three more queries for any number of
    children.
    """
    agendas = list(agendas)
    lines = [(agenda, line) for agenda in agendas for line in agenda.lines]
    seated = [(agenda, line) for agenda, line in lines if line.enrollment.state == State.SEATED]
    found = Ahead(classes=_classes([*_held(seated), *_guests(agendas)]))
    found.offers = [
        (agenda.child, line.enrollment)
        for agenda, line in lines
        if line.enrollment.state == State.OFFERED and agenda.may_act
    ]
    mine = {agenda.child.pk for agenda in agendas if agenda.may_act}
    references = dict.fromkeys(line.enrollment.reference for agenda, line in seated if agenda.may_act)
    if references:
        found.due = [
            Due(
                reference,
                account,
                [
                    (agenda.child, line.session)
                    for agenda, line in seated
                    if line.enrollment.reference == reference
                ],
            )
            for reference, account in receipts.shares_of(references, mine).items()
            if account.due
        ]
    found.steps = _steps(seated, at)
    return found


def _held(seated: Iterable[tuple[ChildAgenda, AgendaLine]]) -> list[NextClass]:
    """Return the next class of each place."""
    found = []
    for agenda, line in seated:
        meeting = line.next_meeting
        if meeting is None or line.standing.code in {"cancelled", "draft"}:
            continue
        row: Any = line.enrollment  # with the annotations of the agenda
        said = row.announced or "" if row.announced_for == meeting.pk else ""
        found.append(
            NextClass(agenda.child, line.session, meeting, row.reference, agenda.may_act, announced=said)
        )
    return found


def _guests(agendas: Iterable[ChildAgenda]) -> list[NextClass]:
    """Return the make-up classes in other sessions."""
    bookings: Iterable[tuple[ChildAgenda, Any]] = (
        (agenda, row) for agenda in agendas for row in agenda.guest_in
    )
    return [
        NextClass(agenda.child, row.host.session, row.host, "", agenda.may_act, announced=row.announced or "")
        for agenda, row in bookings
    ]


def _classes(coming: Iterable[NextClass]) -> list[NextClass]:
    first: list[NextClass] = []
    more: list[NextClass] = []
    known = set()
    for one in sorted(coming, key=lambda one: (one.meeting.starts_at, one.meeting.pk, one.child.pk)):
        (more if one.child.pk in known else first).append(one)
        known.add(one.child.pk)
    shown = [*first, *more][:MOST]
    teachers = teachers_of({one.meeting.pk for one in shown})
    for one in shown:
        one.who.extend(teachers.get(one.meeting.pk, ()))
    return sorted(shown, key=lambda one: one.meeting.starts_at)


def _teaching(meetings: Iterable[int]) -> QuerySet[Any, Any]:
    """Return each class with each pair of one of its own instructors and one of its session's."""
    columns = ("instructors", "instructors__name", "session__instructors", "session__instructors__name")
    return Meeting.objects.filter(pk__in=meetings).order_by().values_list("pk", *columns, named=True)


TEACHERS = Compiled(_teaching)


def teachers_of(meetings: Iterable[int]) -> dict[int, list[str]]:
    """Return the first names of who teaches each class, by name: its own instructors, else the session's."""
    own: dict[int, dict[int, str]] = defaultdict(dict)
    usual: dict[int, dict[int, str]] = defaultdict(dict)
    for meeting, person, name, other, other_name in TEACHERS(meetings=list(meetings)):
        if person:
            own[meeting][person] = name
        if other:
            usual[meeting][other] = other_name
    account = get_user_model()
    return {
        meeting: [
            person.get_short_name()
            for person in in_alphabet([account(pk=pk, name=name) for pk, name in found.items()], "name")
        ]
        for meeting, found in {**usual, **own}.items()
    }


def _steps(seated: Iterable[tuple[ChildAgenda, AgendaLine]], at: datetime) -> list[NextStep]:
    ending = [
        (agenda.child, line.session, line.session.over_at)
        for agenda, line in seated
        if line.session.over_at and -REMEMBERED < line.session.over_at - at < ENDING
        if agenda.may_act and line.standing.code != "cancelled"
    ]
    prefetch_related_objects([session.course for _child, session, _over_at in ending], "leads_to")
    return [
        NextStep(child, session, over_at <= at, list(session.course.leads_to.all()))
        for child, session, over_at in ending
    ]
