"""Skills that a course claims, teaches and sees: by its lessons, by classes held, by observations. Counts
only, never a child. Read-only.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from courses.models import Course, Lesson, Meeting, Session, Skill
from courses.timetable.teaching import NOT_CANCELLED
from enrollments.models import SkillObservation


@dataclass(frozen=True)
class CourseCoverage:
    """A course in the list: how many skills its lessons claim, how many of those were taught, and seen."""

    course: Course
    claimed: int
    taught: int
    seen: int


@dataclass(frozen=True)
class SkillCoverage:
    """A skill of a course: the lessons that claim it (none: it was seen without one), in how many classes it
    was taught, and how often it was seen.
    """

    skill: Skill
    lessons: list[Lesson]
    taught: int
    seen: int

    @property
    def gap(self) -> str:
        """Return what is missing: "unclaimed", "untaught", "unseen"; or nothing."""
        if not self.lessons:
            return "unclaimed"
        if not self.taught:
            return "untaught"
        return "" if self.seen else "unseen"


@dataclass(frozen=True)
class SessionCoverage:
    """A session of a course: the classes that are over, and the same for each skill."""

    session: Session
    classes: int
    rows: list[SkillCoverage]

    @property
    def unseen(self) -> list[SkillCoverage]:
        """Return the skills that were taught and never seen."""
        return [row for row in self.rows if row.gap == "unseen"]


def _over(at: datetime) -> QuerySet[Meeting]:
    """Return the classes that took place and are over by then."""
    return Meeting.objects.filter(NOT_CANCELLED, session__published_at__isnull=False, ends_at__lte=at)


def of_courses(at: datetime) -> list[CourseCoverage]:
    """Return every course with its counts. Four queries."""
    claimed, taught, seen = (defaultdict[int, set[int]](set) for _kind in range(3))
    for course, skill in Lesson.objects.filter(skills__isnull=False, is_retired=False).values_list(
        "course", "skills"
    ):
        claimed[course].add(skill)
    pairs = _over(at).filter(lesson__skills__isnull=False).values_list("session__course", "lesson__skills")
    for course, skill in pairs.order_by().distinct():
        taught[course].add(skill)
    found = SkillObservation.objects.values_list("meeting__session__course", "skill")
    for course, skill in found.order_by().distinct():
        seen[course].add(skill)
    return [
        CourseCoverage(
            course,
            len(claimed[course.pk]),
            len(taught[course.pk] & claimed[course.pk]),
            len(seen[course.pk] & claimed[course.pk]),
        )
        for course in Course.objects.select_related("track", "band")
    ]


def of_course(course: Course, at: datetime) -> tuple[list[SkillCoverage], list[SessionCoverage]]:
    """Return the skills of a course, and the same for each of its sessions with a class that is over or a
    skill seen, the latest first. Seven queries for any number of sessions.
    """
    claims: dict[int, list[Lesson]] = defaultdict(list)
    for lesson in course.lessons.filter(is_retired=False).prefetch_related("skills").order_by("number"):
        for skill in lesson.skills.all():
            claims[skill.pk].append(lesson)
    meetings = _over(at).filter(session__course=course)
    over = dict(meetings.order_by().values_list("session").annotate(Count("pk")))
    taught = _by_session(meetings.filter(lesson__skills__isnull=False), "session", "lesson__skills")
    seen = _by_session(
        SkillObservation.objects.filter(meeting__session__course=course), "meeting__session", "skill"
    )
    keys = {skill for counts in (*taught.values(), *seen.values()) for skill in counts} | set(claims)
    skills = list(Skill.objects.filter(pk__in=keys).select_related("track"))
    sessions = (
        Session.objects.filter(Q(pk__in=over) | Q(pk__in=seen)).with_facts().order_by("-first_on", "-pk")
    )

    def rows_of(*sessions: int) -> list[SkillCoverage]:
        return [
            SkillCoverage(
                skill,
                claims[skill.pk],
                sum(taught[session].get(skill.pk, 0) for session in sessions),
                sum(seen[session].get(skill.pk, 0) for session in sessions),
            )
            for skill in skills
        ]

    return rows_of(*{*taught, *seen}), [
        SessionCoverage(session, over.get(session.pk, 0), rows_of(session.pk)) for session in sessions
    ]


def _by_session(rows: QuerySet[Any], session: str, skill: str) -> dict[int, dict[int, int]]:
    """Return session → skill → how many of these rows."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for session_id, skill_id, count in rows.order_by().values_list(session, skill).annotate(Count("pk")):
        found[session_id][skill_id] = count
    return found
