"""Publishing a session says what families will not see of it."""

import pytest
from django.urls import reverse

from courses.models import Session
from courses.timetable.visibility import unseen
from tests.factories import (
    CourseFactory,
    LessonFactory,
    RoomFactory,
    SessionFactory,
    TermFactory,
    add_course_page,
)

NO_PAGE = "Le cours n'a pas de page publiée : les familles ne trouvent pas cette session au catalogue."
NO_DATES = "Elle n'a pas de dates : les familles lisent qu'elles restent à confirmer."
NOBODY = "Elle n'a pas d'animateur·rice."


def said(response) -> str:
    return response.content.decode().replace("&#x27;", "'").replace("\xa0", " ").replace("’", "'")


def of(session) -> list[str]:
    return [line.replace("\xa0", " ").replace("’", "'") for line in unseen([session])[session.pk]]


@pytest.fixture
def ready(site_tree, instructor):
    """A session of which families see everything: three pages, dates, lessons, an instructor."""
    course = CourseFactory(lessons=10)
    add_course_page(site_tree, course)
    session = SessionFactory(course=course, instructors=[instructor])
    for meeting, lesson in zip(session.meetings.order_by("number"), course.lessons.all(), strict=False):
        meeting.lesson = lesson
        meeting.save()
    return session


def test_nothing_is_missing(ready):
    assert of(ready) == []


def test_no_page_no_dates_no_instructor(db):
    session = SessionFactory(laid_out=False)
    assert of(session) == [NO_PAGE, NO_DATES]


def test_the_french_page_stands_in_for_arabic_and_no_page_for_french(site_tree, ready):
    pages = {page.locale.language_code: page for page in ready.course.pages.select_related("locale")}
    pages["ar"].unpublish()
    assert of(ready) == ["Pas de page du cours en : arabe. Ces familles lisent la page française."]
    pages["fr"].unpublish()
    assert of(ready) == [
        "Pas de page du cours en : français, arabe. Ces familles ne trouvent pas cette session au catalogue."
    ]


def test_classes_without_instructor_or_lesson_are_counted(ready, instructor):
    classes = list(ready.meetings.order_by("number"))
    ready.instructors.clear()
    assert of(ready) == [NOBODY]
    for meeting in classes[1:]:
        meeting.instructors.add(instructor)
    type(classes[0]).objects.filter(pk=classes[0].pk).update(lesson=None)
    assert of(ready) == [
        "1 séance n'a pas d'animateur·rice.",
        "1 séance n'a pas de leçon : les familles ne lisent pas ce que leur enfant fera ce jour-là.",
    ]


def test_cancelled_classes_are_not_counted(ready, now):
    ready.meetings.filter(number=1).update(cancelled_at=now, lesson=None)
    assert of(ready) == []


def test_the_number_of_queries_does_not_grow(ready, queries, db):
    three = [ready, SessionFactory(), SessionFactory()]
    with queries() as one:
        unseen([ready])
    with queries() as many:
        unseen(three)
    assert len(one) == len(many) == 2


def test_the_screens_say_it_before_and_after_publishing(site_tree, logged_in, manager):
    term = TermFactory()
    session = SessionFactory(published_at=None, term=term, course=CourseFactory(), room=RoomFactory())
    client = logged_in(manager)
    assert NO_PAGE in said(client.get(reverse("sessions:meetings", args=[session.pk])))
    timetable = f"{reverse('timetable:index')}?term={term.pk}"
    assert NO_PAGE in said(client.get(timetable))
    answer = said(
        client.post(reverse("timetable:index"), {"term": term.pk, "sessions": [session.pk]}, follow=True)
    )
    assert NO_PAGE in answer
    Session.objects.update(published_at=None)
    url = reverse("sessions:meetings", args=[session.pk])
    answer = said(client.post(url, {"verb": "publish"}, follow=True))
    assert "La session est publiée, mais" in answer and "Les familles voient maintenant" not in answer


def test_a_complete_session_is_published_without_a_warning(ready, logged_in, manager):
    Session.objects.filter(pk=ready.pk).update(published_at=None)
    url = reverse("sessions:meetings", args=[ready.pk])
    answer = said(logged_in(manager).post(url, {"verb": "publish"}, follow=True))
    assert "mais :" not in answer and Session.objects.get(pk=ready.pk).published_at


def test_a_lesson_left_out_is_named_once(ready):
    LessonFactory(course=ready.course, number=11)
    assert of(ready) == []
