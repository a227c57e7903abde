"""Match courses and their sessions against the filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from courses.ages import age_on
from courses.catalogue import filters as address
from courses.catalogue.course_cards import Told
from courses.catalogue.filters import Filters
from courses.catalogue.session_rows import SessionRow


@dataclass(slots=True)
class Candidate:
    """A course with one of its sessions, or with none.

    `fails` holds the names of the filters it does not pass.
    """

    course: Told
    line: SessionRow | None
    fails: frozenset[str] = frozenset()


def judge(
    shelf: dict[int, Told], lines: list[SessionRow], asked: Filters, found: set[int], today: date
) -> list[Candidate]:
    """Return every course with each of its sessions, and the filters it fails.

    Cancelled sessions are shown on the course's page only.
    """
    by_course: dict[int, list[SessionRow]] = {}
    for row in lines:
        if row.standing.code != "cancelled":
            by_course.setdefault(row.session.course_id, []).append(row)
    candidates = []
    for course in shelf.values():
        rows = sorted(by_course.get(course.pk, []), key=lambda one: one.order)
        choices: Sequence[SessionRow | None] = rows or [None]
        for line in choices:
            fails = set()
            if asked.q and course.pk not in found:
                fails.add("q")
            if asked.track and course.track not in asked.track:
                fails.add("track")
            if not admits(course, line, asked, today):
                fails.add("age")
            session = line.session if line else None
            day = address.WEEKDAYS[session.weekday] if session and session.weekday is not None else ""
            if asked.weekday and day not in asked.weekday:
                fails.add("weekday")
            if asked.language and (session is None or session.language not in asked.language):
                fails.add("language")
            if asked.venue and (session is None or session.venue_code not in asked.venue):
                fails.add("venue")
            if asked.places and (line is None or not line.standing.has_places):
                fails.add("places")
            candidates.append(Candidate(course, line, frozenset(fails)))
    return candidates


def admits(course: Told, line: SessionRow | None, asked: Filters, today: date) -> bool:
    """Return whether the age band admits the requested age: on the first class if a birth date is given and
    joining is still possible.
    """
    if asked.born is None:
        return asked.age is None or course.min_age <= asked.age <= course.max_age
    day = today
    if line and line.session.first_on and (line.standing.action or line.session.first_on > today):
        day = line.session.first_on
    return course.min_age <= age_on(asked.born, day) <= course.max_age
