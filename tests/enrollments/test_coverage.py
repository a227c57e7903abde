"""Skills that a course claims, teaches and sees; counts only, for editors and managers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.models import Meeting
from enrollments.classes import coverage, progress
from enrollments.places import withdrawal
from tests.classes import begin, class_now, kids
from tests.factories import CourseFactory, LessonFactory, SessionFactory, SkillFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def scene(instructor, now):
    """Return a held class of two children in a lesson of two skills, one of them seen; another lesson claims
    a third skill, which nobody taught.
    """
    meeting = class_now(2, at=now, began=timedelta(hours=2), instructors=[instructor])
    loops, choices, lists = (SkillFactory(name_fr=name) for name in ("Boucles", "Choix", "Listes"))
    taught, planned = (LessonFactory(course=meeting.session.course, number=number) for number in (41, 42))
    taught.skills.set([loops, choices])
    planned.skills.set([loops, lists])
    Meeting.objects.filter(pk=meeting.pk).update(lesson=taught)
    for child in kids(meeting):
        progress.observe(child, loops, meeting, level=2, by=instructor, at=now)
    meeting.refresh_from_db()
    return meeting


def told(rows):
    return {row.skill.name: (len(row.lessons), row.taught, row.seen, row.gap) for row in rows}


def test_claimed_taught_and_seen_are_told_apart(scene, now):
    skills, (session,) = coverage.of_course(scene.session.course, now)
    wanted = {"Boucles": (2, 1, 2, ""), "Choix": (1, 1, 0, "unseen"), "Listes": (1, 0, 0, "untaught")}
    assert told(skills) == told(session.rows) == wanted
    assert (session.session, session.classes) == (scene.session, 1)
    (row,) = [row for row in coverage.of_courses(now) if row.course == scene.session.course]
    assert (row.claimed, row.taught, row.seen) == (3, 2, 1)


def test_a_class_counts_once_it_is_over_and_not_if_it_was_cancelled(scene, now):
    lesson = scene.lesson
    running, cancelled = scene.session.meetings.exclude(pk=scene.pk).order_by("number")[:2]
    Meeting.objects.filter(pk__in=[running.pk, cancelled.pk]).update(lesson=lesson)
    begin(running, now - timedelta(minutes=89))
    begin(cancelled, now - timedelta(hours=5))
    Meeting.objects.filter(pk=cancelled.pk).update(cancelled_at=now)
    skills, _sessions = coverage.of_course(scene.session.course, now)
    assert told(skills)["Choix"][1] == 1
    skills, _sessions = coverage.of_course(scene.session.course, now + timedelta(minutes=1))
    assert told(skills)["Choix"][1] == 2


def test_a_session_cancelled_midway_keeps_the_classes_before(scene, manager, now):
    coming = begin(scene.session.meetings.exclude(pk=scene.pk).first(), now + timedelta(days=1))
    Meeting.objects.filter(pk=coming.pk).update(lesson=scene.lesson)
    withdrawal.cancel_session(scene.session, by=manager, at=now, reason="few")
    later = now + timedelta(days=2)
    skills, (session,) = coverage.of_course(scene.session.course, later)
    assert told(skills)["Boucles"] == (2, 1, 2, "") and session.classes == 1
    (row,) = [row for row in coverage.of_courses(later) if row.course == scene.session.course]
    assert (row.claimed, row.taught, row.seen) == (3, 2, 1)


def test_what_no_lesson_claims_any_more_is_still_shown(scene, now):
    for lesson in scene.session.course.lessons.all():
        lesson.skills.remove(*lesson.skills.filter(name_fr="Boucles"))
    skills, _sessions = coverage.of_course(scene.session.course, now)
    assert told(skills)["Boucles"] == (0, 0, 2, "unclaimed")


def test_each_session_has_its_own_counts(scene, instructor, now):
    other = SessionFactory(course=scene.session.course, instructors=[instructor])
    held = begin(other.meetings.order_by("number").first(), now - timedelta(days=3))
    Meeting.objects.filter(pk=held.pk).update(lesson=scene.lesson)
    skills, sessions = coverage.of_course(scene.session.course, now)
    assert told(skills)["Boucles"] == (2, 2, 2, "")
    by_session = {one.session.pk: told(one.rows)["Boucles"] for one in sessions}
    assert by_session == {scene.session_id: (2, 1, 2, ""), other.pk: (2, 1, 0, "unseen")}
    assert "Listes" in {row.skill.name for one in sessions for row in one.rows}


def test_editors_and_managers_read_it_without_a_name(
    logged_in, scene, manager, instructor, front_desk, editor
):
    urls = [reverse("office_coverage"), reverse("office_coverage_course", args=[scene.session.course_id])]
    names = [name for child in kids(scene) for name in (child.first_name, child.last_name)]
    for user in (manager, editor):
        client = logged_in(user)
        for url in urls:
            page = client.get(url).content.decode()
            assert scene.session.course.title in page and not any(name in page for name in names)
    for user in (instructor, front_desk):
        client = logged_in(user)
        assert [client.get(url).status_code for url in urls] == [404, 404]


def test_it_asks_as_much_for_one_session_as_for_three(scene, now):
    course, counts = scene.session.course, []
    for more in (0, 2):
        for _one in range(more):
            other = SessionFactory(course=course)
            held = begin(other.meetings.order_by("number").first(), now - timedelta(days=3))
            Meeting.objects.filter(pk=held.pk).update(lesson=scene.lesson)
        CourseFactory(lessons=more)
        with CaptureQueriesContext(connection) as asked:
            coverage.of_courses(now), coverage.of_course(course, now)
        counts.append(len(asked))
    assert counts[0] == counts[1]
