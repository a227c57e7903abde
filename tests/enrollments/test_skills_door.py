"""Skills observed in class satisfy a prerequisite (domain §3)."""

import pytest

from courses.models import Session, Skill
from enrollments.classes import progress
from enrollments.models import Enrollment
from tests.enrollments.test_eligibility import AT, ask_for_skills, codes, session_of, ten
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


def test_who_waits_for_a_course_is_judged_again_when_a_skill_is_seen(instructor):
    course, child = CourseFactory(), ten()
    ask_for_skills(course, "loop")
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
    progress.observe(
        child, Skill.objects.get(name_en="loop"), session_of().meetings.first(), level=3, by=instructor, at=AT
    )
    row.refresh_from_db()
    assert row.state == "offered"
