"""One page per course, lesson and instructor in each language: never stolen, doubled or contradicted."""

import pytest
from django.urls import reverse
from wagtail.models import Page

from courses.models import CoursePage, InstructorPage, LessonPage
from home.models import StandardPage
from tests.factories import CourseFactory, LessonFactory, add_course_page, grant_roles, ready


@pytest.fixture
def tree(site_tree, academy_settings):
    grant_roles()
    return site_tree


@pytest.fixture
def page(tree):
    """A published French course page."""
    made = add_course_page(tree, CourseFactory(code="robot-d"), languages=["fr"])["fr"]
    made.save_revision().publish()
    return CoursePage.objects.get(pk=made.pk)


def form_of(page, **changes) -> dict:
    data = {
        "title": page.title,
        "slug": page.slug,
        "seo_title": "",
        "search_description": "",
        "body-count": 0,
    }
    data |= {
        "lead": "Un cours.",
        "makes": "null",
        "for_whom": "",
        "after": "",
        "intro": "",
        "course": "",
        "lesson": "",
    }
    data |= {f"comments-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM")}
    return data | {"comments-MAX_NUM_FORMS": 1000} | changes


def add(client, kind, parent, **data):
    url = reverse("wagtailadmin_pages:add", args=["courses", kind, parent.pk])
    return client.post(url, form_of(Page(title="Une page", slug="une-page"), **data))


def edit(client, page, **changes):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form_of(page, **changes))


def said(response) -> str:
    return response.content.decode().replace("&#x27;", "'")


def test_a_second_page_of_a_course_is_refused_as_a_draft_and_when_published(page, tree, logged_in, editor):
    client = logged_in(editor)
    for publish in ({}, {"action-publish": "1"}):
        answer = add(client, "coursepage", tree.catalogue["fr"], course=page.course_id, **publish)
        assert answer.status_code == 200 and f"«\xa0{page.title}\xa0»" in said(answer)
    assert list(CoursePage.objects.all()) == [page]


def test_a_course_has_a_page_in_each_language(page, tree, logged_in, editor):
    answer = add(
        logged_in(editor),
        "coursepage",
        tree.catalogue["ar"],
        course=page.course_id,
        **{"action-publish": "1"},
    )
    assert answer.status_code == 302
    assert CoursePage.objects.live().filter(course=page.course).count() == 2


def test_an_unpublished_page_makes_room_for_another(page, tree, logged_in, editor):
    page.unpublish()
    answer = add(
        logged_in(editor),
        "coursepage",
        tree.catalogue["fr"],
        course=page.course_id,
        **{"action-publish": "1"},
    )
    assert answer.status_code == 302


def test_the_course_of_a_published_page_stays(page, logged_in, editor):
    other = CourseFactory(code="code-x")
    client = logged_in(editor)
    shown = said(client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])))
    box = shown[shown.index('name="course"') :].split(">")[0]
    assert "disabled" in box
    assert edit(client, page, course=other.pk, title="Neuf", **{"action-publish": "1"}).status_code == 302
    page.refresh_from_db()
    assert (page.title, page.course.code) == ("Neuf", "robot-d")
    page.unpublish()
    assert edit(client, page, course=other.pk, **{"action-publish": "1"}).status_code == 302
    assert CoursePage.objects.get(pk=page.pk).course.code == "robot-d"


def test_a_draft_that_was_never_published_may_change_its_course(page, tree, logged_in, editor):
    first, second = CourseFactory(code="code-x"), CourseFactory(code="code-y")
    client = logged_in(editor)
    assert add(client, "coursepage", tree.catalogue["fr"], course=first.pk).status_code == 302
    draft = CoursePage.objects.get(course=first)
    assert edit(client, draft, course=second.pk, **{"action-publish": "1"}).status_code == 302
    assert CoursePage.objects.get(pk=draft.pk).course == second


def test_a_translation_presents_the_course_of_its_page(page, tree, logged_in, editor):
    other = CourseFactory(code="code-x")
    arabic = page.copy_for_translation(tree.locales["ar"])
    answer = edit(logged_in(editor), arabic, course=other.pk, **{"action-publish": "1"})
    assert answer.status_code == 200 and str(page.course) in said(answer)


def test_a_lesson_page_offers_the_lessons_of_its_course_only(page, logged_in, editor):
    own = ready(LessonFactory(course=page.course, number=1))
    foreign = LessonFactory(course=CourseFactory(code="x"))
    client = logged_in(editor)
    url = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", page.pk])
    choices = said(client.get(url)).split('name="lesson"')[1].split("</select>")[0]
    assert (f'value="{own.pk}"' in choices, f'value="{foreign.pk}"' in choices) == (True, False)
    assert add(client, "lessonpage", page, lesson=foreign.pk, **{"action-publish": "1"}).status_code == 200
    assert add(client, "lessonpage", page, lesson=own.pk, **{"action-publish": "1"}).status_code == 302
    assert add(client, "lessonpage", page, lesson=own.pk, slug="encore").status_code == 200
    assert LessonPage.objects.count() == 1


def test_a_lesson_page_does_not_move_below_another_course(page, tree, logged_in, manager):
    lesson = LessonPage(
        title="Un", slug="un", lesson=ready(LessonFactory(course=page.course)), locale=tree.locales["fr"]
    )
    page.add_child(instance=lesson)
    other = add_course_page(tree, CourseFactory(code="code-x"), languages=["fr"])["fr"]
    client = logged_in(manager)
    client.post(reverse("wagtailadmin_pages:move_confirm", args=[lesson.pk, other.pk]))
    assert LessonPage.objects.get().get_parent().specific == page


def test_an_instructor_has_one_page_in_a_language(tree, logged_in, editor, instructor):
    team = StandardPage(title="Équipe", slug="equipe", locale=tree.locales["fr"])
    tree.home["fr"].add_child(instance=team)
    client = logged_in(editor)
    words = {"role": "", "bio": "null", "portrait": "", "user": instructor.pk, "action-publish": "1"}
    assert add(client, "instructorpage", team, **words).status_code == 302
    assert add(client, "instructorpage", team, slug="deux", **words).status_code == 200
    assert add(client, "instructorpage", team, slug="trois", **words | {"user": ""}).status_code == 302
    assert InstructorPage.objects.count() == 2
