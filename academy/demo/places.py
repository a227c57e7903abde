"""Demo enrollments in chronological order, each dated at a plausible time in the past.

Enrollments are made by enrollments.places.admission and levels by enrollments.classes.progress; no row is
written directly.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.db import transaction

from academy.demo.families import PARENT
from academy.demo.season import SeasonRow, rows, sessions_by_key
from academy.demo.team import STAFF
from academy.models import User
from courses.models import Course, Prerequisite, Session
from courses.models.timetable import instant
from enrollments.classes import progress
from enrollments.models import Child, Enrollment, Equivalence, Guardianship
from enrollments.permissions import MANAGER
from enrollments.places import admission

ADAMS_SESSIONS = ("past-print-b", "code-b-sunday")  # one has ended; instructor@example.org teaches the other
AT_ONCE = {"weeks_ago", "just_begun", "soon"}  # sessions of the current term
RESERVE = 6  # spare candidates, in case one may not enroll
NEVER_ENROLLED = 9  # every ninth child has no history


@dataclass
class Wish:
    """A child to enroll in a session at a given time; `reserve` is used if the child may not enroll."""

    at: datetime
    row: SeasonRow
    session: Session
    child: Child
    reserve: list[Child] = field(default_factory=list)


@transaction.atomic
def write_places(today: date, say) -> None:
    """Fill the sessions as season.yaml specifies."""
    if Enrollment.objects.filter(child__is_demo=True).exists():
        return
    say("Enrollments")
    dice = Random("places")  # noqa: S311 - the same places every time
    acting = _acting_guardians()
    manager = User.objects.filter(groups__name=MANAGER, email__in=STAFF).first()
    doors = _doors()
    for wish in sorted(_wishes(today, dice), key=lambda wish: (wish.at, wish.session.pk)):
        for child in (wish.child, *wish.reserve):
            try:
                if wish.session.course_id in doors and not wish.session.beginners_welcome:
                    _level(child, wish, doors[wish.session.course_id], acting, manager)
                admission.enroll(child=child, session=wish.session, by=acting[child.pk], at=wish.at)
            except admission.NotAdmissible:
                continue
            break
    _declared_only(today, acting)


def _acting_guardians() -> dict[int, User]:
    """Return the first guardian with full rights of each child."""
    ties = Guardianship.objects.filter(child__is_demo=True, rights=Guardianship.Rights.FULL).order_by("-pk")
    return {tie.child_id: tie.guardian for tie in ties.select_related("guardian")}


def _doors() -> dict[int, set[int]]:
    """Return, for each course with prerequisites, the courses that satisfy them."""
    doors = defaultdict(set)
    for door in Prerequisite.objects.all():
        doors[door.course_id] |= {door.required_course_id} - {None}
    return dict(doors)


def _wishes(today: date, dice: Random) -> Iterator[Wish]:
    """Return the children for every session, chosen so that ages match and no two classes overlap, each with
    a time to enroll.
    """
    sessions = sessions_by_key()
    children = list(Child.objects.filter(is_demo=True).order_by("pk"))
    adam = Child.objects.get(guardians__email=PARENT, first_name="Adam")
    salma = Child.objects.get(guardians__email=PARENT, first_name="Salma")
    picked: dict[int, list[tuple[SeasonRow, Session]]] = defaultdict(list)
    eager = [
        child
        for number, child in enumerate(children)
        if number % NEVER_ENROLLED and child not in (adam, salma)
    ]
    for row in rows():
        session, wanted = sessions[row.key], row.seated + row.waiting
        if not wanted:
            continue
        fits = [child for child in eager if _fits(child, row, session, picked[child.pk])]
        dice.shuffle(fits)
        fits.sort(key=lambda child: sum(other.begins in AT_ONCE for other, _session in picked[child.pk]))
        if row.key in ADAMS_SESSIONS:
            fits.insert(0, adam)
        chosen, reserve = fits[:wanted], fits[wanted : wanted + RESERVE]
        for at, child in zip(_moments(row, session, today, len(chosen), dice), chosen, strict=True):
            picked[child.pk].append((row, session))
            yield Wish(at, row, session, child, reserve)


def _fits(child: Child, row: SeasonRow, session: Session, held: list[tuple[SeasonRow, Session]]) -> bool:
    """Return whether the child has the right age on the first day, no overlapping class and at most two
    sessions in a term.
    """
    band = session.course.band
    if not band.min_age <= child.age_on(session.first_on) <= band.max_age:
        return False
    if any(other.course_id == session.course_id for _row, other in held):
        return False
    if sum(other.term_id == session.term_id for _row, other in held) >= 2:
        return False
    return not any(_overlap(session, other) for _row, other in held)


def _overlap(one: Session, other: Session) -> bool:
    """Return whether two sessions share a weekday, overlapping hours and weeks."""
    weeks = one.first_on <= other.last_on and other.first_on <= one.last_on
    return weeks and one.weekday == other.weekday and one.starts < other.ends and other.starts < one.ends


def _moments(row: SeasonRow, session: Session, today: date, count: int, dice: Random) -> list[datetime]:
    """Return that many times, in order, between publication and the day before the first class (or yesterday,
    or closing).
    """
    begins = session.opens_at or session.published_at
    ends = [instant(today - timedelta(days=1), time(16))]
    if row.begins != "just_begun":
        ends.append(instant(session.first_on - timedelta(days=1), time(16)))
    if session.closes_at:
        ends.append(session.closes_at - timedelta(hours=3))
    seconds = int((min(ends) - begins).total_seconds())
    return [
        begins + timedelta(seconds=second) for second in sorted(dice.sample(range(600, seconds, 60), count))
    ]


def _level(child: Child, wish: Wish, opened_by: set[int], acting: dict[int, User], manager: User) -> None:
    """Declare a level for a child who has not completed a previous course,
    and have the manager confirm it.
    """
    done = (
        Enrollment.objects.holding()
        .filter(child=child, session__course__in=opened_by)
        .select_related("session")
    )
    if any(row.session.over_at and row.session.over_at <= wish.at for row in done):
        return
    course = wish.session.course
    said = progress.declare_equivalent(
        child=child, course=course, by=acting[child.pk], at=wish.at - timedelta(minutes=8)
    )
    progress.confirm_equivalent(said, by=manager, at=wish.at - timedelta(minutes=3))


def _declared_only(today: date, acting: dict[int, User]) -> None:
    """Leave one declared level waiting for the team's confirmation."""
    course = Course.objects.filter(code="ROBOT-C").first()
    known = Equivalence.objects.values("child")
    twelve = [
        c
        for c in Child.objects.filter(is_demo=True).exclude(pk__in=known).order_by("pk")
        if c.age_on(today) == 12
    ]
    if course and twelve:
        child, at = twelve[0], instant(today - timedelta(days=1), time(19))
        progress.declare_equivalent(child=child, course=course, by=acting[child.pk], at=at)
