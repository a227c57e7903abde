"""New courses at one instant: the same form is one course, and others each get a place in the page tree."""

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from courses.admin.new_course_forms import FACTS
from courses.models import Course, CoursePage
from courses.pages.publish_together import publish_together
from tests.courses.test_new_course import typed
from tests.factories import CourseFactory, StaffFactory, add_course_page
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def manager(site_tree):
    return StaffFactory(role="Programme managers")


def press(client, said):
    return lambda: client.post(reverse("course_pages:new"), said)["Location"]


def crowd_of(manager, *forms) -> list:
    client = Client()
    client.force_login(manager, backend="academy.signed_in.ModelBackend")
    outcomes = at_once(*[press(client, said) for said in forms])
    connections.close_all()
    return outcomes


def test_five_presses_of_a_new_course_make_one_and_have_one_answer(manager):
    outcomes = crowd_of(manager, *[typed(pasted="Un\tواحد\tOne")] * 5)
    course = Course.objects.get()
    assert outcomes == [("done", reverse("course_pages:hub", args=[course.pk]))] * 5
    assert (CoursePage.objects.count(), course.lessons.count()) == (3, 1)


def test_five_presses_for_a_course_that_exists_make_its_pages_once(manager):
    course = CourseFactory()
    said = typed(course=course.pk) | dict.fromkeys(FACTS, "")
    outcomes = crowd_of(manager, *[said] * 5)
    assert outcomes == [("done", reverse("course_pages:hub", args=[course.pk]))] * 5
    assert CoursePage.objects.count() == 3


def test_different_courses_at_once_are_all_in_the_tree(manager):
    outcomes = crowd_of(manager, *[typed(code=f"CODE-{number}") for number in range(4)])
    assert [kind for kind, _said in outcomes] == ["done"] * 4
    assert CoursePage.objects.count() == 12
    assert [list(found) for found in Page.find_problems()] == [[], [], [], [], []]
    assert len({page.slug for page in CoursePage.objects.all()}) == 4


def test_pages_published_by_two_at_once_are_published_once(manager, site_tree):
    course = CourseFactory()
    pages = list(add_course_page(site_tree, course).values())
    for page in pages:
        page.lead = "x"
        page.save_revision()

    def together():
        return len(publish_together(pages, by=manager))

    outcomes = at_once(together, together)
    connections.close_all()
    assert sorted(outcomes) == [("done", 0), ("done", 3)]
