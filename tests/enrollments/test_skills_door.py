"""Skills observed in class satisfy a prerequisite (domain §3)."""

import pytest

from courses.models import Session, Skill
from enrollments.classes import progress
from enrollments.models import Enrollment
from tests.enrollments.test_eligibility import AT, ask_for_skills, codes, prerequisite_words, session_of, ten
from tests.factories import CourseFactory

pytestmark = pytest.mark.django_db


def test_what_an_instructor_has_seen_a_child_do_alone_opens_the_door(instructor):
    course, child = CourseFactory(), ten()
    ask_for_skills(course, "read a diagram", "loop")
    session, one = session_of(course=course), session_of().meetings.first()
    first, second = Skill.objects.filter(name_en__in=["read a diagram", "loop"]).order_by("code")
    progress.observe(child, first, one, level=4, by=instructor, at=AT)
    progress.observe(child, second, one, level=2, by=instructor, at=AT)
    assert codes(child, session) == ["prerequisite"], "with help is not yet alone, and both are asked for"
    progress.observe(child, second, one, level=3, by=instructor, at=AT)
    assert codes(child, session) == []
    progress.observe(child, second, one, level=None, by=instructor, at=AT)
    assert codes(child, session) == ["prerequisite"], "taken back"


def waits_for(course, child):
    """A place on the waiting list of a session of one, as it was before the course asked for a skill."""
    session = session_of(course=course, capacity=1)
    row = Enrollment.objects.create(
        child=child,
        session=session,
        state="waiting",
        ticket=1,
        price=1,
        first_meeting_on=session.first_on,
        created_at=AT,
        changed_at=AT,
    )
    Session.objects.filter(pk=session.pk).update(waiting_count=1, next_ticket=2)
    return row


def test_who_waits_for_a_course_is_judged_again_when_a_skill_is_seen(instructor):
    course, child = CourseFactory(), ten()
    ask_for_skills(course, "loop")
    row = waits_for(course, child)
    progress.observe(
        child, Skill.objects.get(name_en="loop"), session_of().meetings.first(), level=3, by=instructor, at=AT
    )
    row.refresh_from_db()
    assert row.state == "offered"


@pytest.mark.parametrize("asked", [1, 2, 3, 4])
def test_a_skill_is_asked_for_at_the_level_of_the_prerequisite(instructor, asked):
    course, child = CourseFactory(), ten()
    ask_for_skills(course, "loop")
    course.prerequisites.update(level=asked)
    session, one = session_of(course=course), session_of().meetings.first()
    skill = Skill.objects.get(name_en="loop")
    found = [codes(child, session)]
    for level in (1, 2, 3, 4):
        progress.observe(child, skill, one, level=level, by=instructor, at=AT)
        found.append(codes(child, session))
    assert found == [["prerequisite"]] * asked + [[]] * (5 - asked)


def test_the_best_level_counts_whenever_it_was_seen(instructor):
    course, child = CourseFactory(), ten()
    ask_for_skills(course, "loop")
    session, skill = session_of(course=course), Skill.objects.get(name_en="loop")
    first, second, *_more = session_of().meetings.order_by("number")
    progress.observe(child, skill, first, level=3, by=instructor, at=AT)
    progress.observe(child, skill, second, level=1, by=instructor, at=AT)
    assert codes(child, session) == []


def test_the_words_of_a_prerequisite_name_its_level():
    course = CourseFactory()
    ask_for_skills(course, "loop")
    said = []
    for level in (1, 2, 3, 4):
        course.prerequisites.update(level=level)
        said.append(prerequisite_words(course))
    assert len(set(said)) == 4 and all("loop" in words for words in said)
    assert "with help" in said[1]


def test_who_waits_is_judged_again_at_a_level_below_alone(instructor):
    course, child = CourseFactory(), ten()
    ask_for_skills(course, "loop")
    course.prerequisites.update(level=2)
    row = waits_for(course, child)
    skill, meeting = Skill.objects.get(name_en="loop"), session_of().meetings.first()
    progress.observe(child, skill, meeting, level=1, by=instructor, at=AT)
    row.refresh_from_db()
    assert row.state == "waiting"
    progress.observe(child, skill, meeting, level=2, by=instructor, at=AT)
    row.refresh_from_db()
    assert row.state == "offered"
