"""Cases of a first season, each under its number: addresses and schedules of pages."""

import pytest

from courses.models import CoursePage
from tests.factories import CourseFactory, add_course_page
from tests.queues import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def test_case_60_the_new_slug_in_another_language_shows_its_translation(site_tree, client):
    course = CourseFactory()
    pages = add_course_page(site_tree, course)
    pages["fr"].slug = "fabrique"
    pages["fr"].save_revision().publish()
    page = client.get("/ar/cours/fabrique/", follow=True).content.decode()
    assert course.title_ar in page.split("<h1")[1].split("</h1>")[0]


def test_case_61_an_alias_waits_for_the_hour_of_its_page(site_tree, now):
    catalogue = site_tree.catalogue["fr"]
    page = CoursePage(
        title="Secret",
        slug="secret",
        course=CourseFactory(),
        lead="Un cours.",
        locale=site_tree.locales["fr"],
        live=False,
    )
    catalogue.add_child(instance=page)
    page.save_revision()
    alias = page.create_alias(update_slug="secret-2")
    page.go_live_at = now + DAY
    page.save_revision().publish()
    page.refresh_from_db()
    alias.refresh_from_db()
    assert (page.live, alias.live) == (False, False)
