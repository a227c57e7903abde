"""A session keeps the lessons it began with; it is brought up to date for the classes to come only."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.forms import modelform_factory
from django.urls import reverse
from django.utils import timezone

from courses.admin.forms import LessonForm
from courses.models import Lesson, Meeting
from courses.timetable import lesson_plan
from tests.classes import begin
from tests.factories import CourseFactory, LessonFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def session(now):
    """Return a session of four lessons, a week into it: its first class is over."""
    course = CourseFactory(meetings_count=4)
    for number, title in enumerate("ABCD", 1):
        LessonFactory(course=course, number=number, title_fr=title)
    session = SessionFactory(course=course, first_on=timezone.localdate(now) + timedelta(days=7))
    begin(session.meetings.order_by("number").first(), now - timedelta(days=1))
    return session


def plan(session) -> list[tuple[str, int | None]]:
    rows = session.meetings.filter(cancelled_at=None).select_related("lesson").order_by("starts_at")
    return [(row.lesson.title_fr if row.lesson else "", row.shown_lesson_number) for row in rows]


def lesson(session, title) -> Lesson:
    return session.course.lessons.get(title_fr=title)


def insert(session, title, number) -> Lesson:
    """Add a lesson at that number, as an editor does: the later ones move on by one, from the last."""
    for other in session.course.lessons.filter(number__gte=number, is_retired=False).order_by("-number"):
        Lesson.objects.filter(pk=other.pk).update(number=other.number + 1)
    return LessonFactory(course=session.course, number=number, title_fr=title)


def retire(session, title) -> None:
    gone = lesson(session, title)
    Lesson.objects.filter(pk=gone.pk).update(is_retired=True)
    for other in session.course.lessons.filter(number__gt=gone.number, is_retired=False).order_by("number"):
        Lesson.objects.filter(pk=other.pk).update(number=other.number - 1)


def update(session, now):
    return lesson_plan.update_lessons(
        session, seen=lesson_plan.mark(lesson_plan.differences(session, now)), at=now
    )


BEGAN = [("A", 1), ("B", 2), ("C", 3), ("D", 4)]


def test_nothing_differs_at_first(session, now):
    assert plan(session) == BEGAN and lesson_plan.differences(session, now) == []


@pytest.mark.parametrize("change", ["insert", "retire", "renumber"])
def test_whatever_becomes_of_the_course_the_session_keeps_its_lessons_and_their_order(session, change):
    if change == "insert":
        insert(session, "X", 1)
    elif change == "retire":
        retire(session, "C")
    else:
        for title, number in (("B", 9), ("C", 2), ("B", 3)):
            Lesson.objects.filter(pk=lesson(session, title).pk).update(number=number)
    assert plan(session) == BEGAN


def test_an_update_changes_the_classes_to_come_only(session, now):
    insert(session, "X", 3)
    found = lesson_plan.differences(session, now)
    assert [(one.before.title_fr, one.after.title_fr) for one in found] == [("C", "X"), ("D", "C")]
    assert [one.title_fr for one in lesson_plan.left_out(session, found)] == ["D"]
    before = dict(session.meetings.values_list("pk", "revision"))
    update(session, now)
    assert plan(session) == [("A", 1), ("B", 2), ("X", 3), ("C", 4)]
    after = dict(session.meetings.values_list("pk", "revision"))
    assert sum(after[pk] != before[pk] for pk in after) == 2, "their calendars follow"
    assert lesson_plan.differences(session, now) == [] and update(session, now) == []


def test_a_lesson_added_before_the_last_one_given_is_not_taught_late(session, now):
    insert(session, "X", 1)
    update(session, now)
    assert plan(session) == [("A", 1), ("B", 3), ("C", 4), ("D", 5)], "only their numbers follow"


def test_a_retired_lesson_leaves_and_the_last_class_has_none(session, now):
    retire(session, "C")
    update(session, now)
    assert plan(session) == [("A", 1), ("B", 2), ("D", 3), ("", None)]


def test_a_lesson_given_is_never_given_again(session, now):
    second = session.meetings.order_by("number")[1]
    Meeting.objects.filter(pk=second.pk).update(lesson=lesson(session, "D"), lesson_number=4)
    begin(second, now - timedelta(hours=3))
    update(session, now)
    assert plan(session) == [("A", 1), ("D", 4), ("C", 3), ("", None)]


def test_a_lesson_already_given_that_moves_to_the_end_takes_no_other_out(session, now):
    begin(session.meetings.order_by("number")[1], now - timedelta(hours=3))
    for title, number in (("B", 9), ("C", 2), ("D", 3), ("B", 4)):
        Lesson.objects.filter(pk=lesson(session, title).pk).update(number=number)
    found = lesson_plan.differences(session, now)
    assert lesson_plan.left_out(session, found) == []
    update(session, now)
    assert plan(session) == [("A", 1), ("B", 2), ("C", 2), ("D", 3)], "only their numbers follow"


def test_a_cancelled_class_holds_no_lesson(session, now):
    second = session.meetings.order_by("number")[1]
    Meeting.objects.filter(pk=second.pk).update(cancelled_at=now)
    update(session, now)
    assert plan(session) == [("A", 1), ("B", 2), ("C", 3)]


def test_what_was_not_shown_is_not_applied(session, now):
    insert(session, "X", 3)
    seen = lesson_plan.mark(lesson_plan.differences(session, now))
    insert(session, "Y", 3)
    with pytest.raises(lesson_plan.Refused) as refused:
        lesson_plan.update_lessons(session, seen=seen, at=now)
    assert refused.value.code is lesson_plan.Reason.CHANGED and plan(session) == BEGAN


def test_a_new_session_has_no_retired_lesson(session, now):
    retire(session, "B")
    assert plan(SessionFactory(course=session.course))[:3] == [("A", 1), ("C", 2), ("D", 3)]


def test_a_retired_number_is_free_again(session):
    retire(session, "D")
    LessonFactory(course=session.course, number=4, title_fr="E")
    twin = Lesson(course=session.course, number=4, title_fr="F")
    with pytest.raises(ValidationError):
        twin.validate_constraints()


def test_a_manager_sees_the_differences_then_applies_them(logged_in, manager, session):
    insert(session, "X", 3)
    client, url = logged_in(manager), reverse("office_session_lessons", args=[session.pk])
    page = client.get(url).content.decode()
    assert "3. C" in page and "3. X" in page and plan(session) == BEGAN, "a look changes nothing"
    assert client.post(url, {"seen": "x"}).status_code == 409 and plan(session) == BEGAN
    seen = page.split('name="seen" value="')[1].split('"')[0]
    for _twice in range(2):
        client.post(url, {"seen": seen})
    assert plan(session) == [("A", 1), ("B", 2), ("X", 3), ("C", 4)]
    assert 'name="seen"' not in client.get(url).content.decode()


def test_a_lesson_that_classes_have_stays_with_its_course(session):
    form_class = modelform_factory(Lesson, form=LessonForm, fields=["course", "number"])
    other, free = CourseFactory(), LessonFactory(course=session.course, number=9)
    for moved, stays in ((lesson(session, "A"), True), (free, False)):
        form = form_class({"course": other.pk, "number": 9}, instance=moved)
        assert ("course" in form.errors) is stays, form.errors
