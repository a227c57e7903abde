"""The pages of the demonstration: curriculum, languages, revisions, search and menu."""

from collections import Counter

import pytest
from wagtail.models import Page, Revision
from wagtail.search.models import IndexEntry

from academy.demo.words import LANGUAGES, lessons_of, read
from courses.models import (
    CatalogueIndexPage,
    Course,
    CoursePage,
    InstructorPage,
    Lesson,
    LessonPage,
)
from home.models import HomePage


def test_the_curriculum_is_there_in_three_languages(demonstration):
    rows = read("curriculum")["courses"]
    assert Course.objects.count() == len(rows) == 9
    assert Lesson.objects.count() == 102
    for course in Course.objects.all():
        assert course.title_fr and course.title_ar and course.title_en
        assert all(line.item_ar and line.item_en for line in course.equipment.all())
    doors = Course.objects.get(code="CODE-C").prerequisites
    assert sorted(doors.values_list("kind", flat=True)) == ["course", "equivalent", "ready", "skills"]
    written = [course.code for course in Course.objects.all() if lessons_of(course.code)]
    assert len(written) >= 3
    for lesson in (
        Lesson.objects.filter(course__code__in=written).select_related("course").prefetch_related("blocks")
    ):
        assert lesson.objective_fr and lesson.objective_ar and lesson.family_words_en
        assert sum(block.minutes for block in lesson.blocks.all()) == lesson.course.minutes


def test_every_page_is_published_in_three_languages_but_one(demonstration):
    pages = Page.objects.filter(depth__gt=1)
    assert not pages.filter(live=False).exists()
    assert not pages.filter(has_unpublished_changes=True).exists()
    assert LessonPage.objects.count() == 3 * 102
    assert CoursePage.objects.count() == 27
    assert InstructorPage.objects.exclude(user=None).count() == 15
    assert Counter(Counter(pages.values_list("translation_key", flat=True)).values()) == {
        3: (pages.count() - 2) // 3,
        2: 1,
    }
    for page in pages.filter(depth__gt=2).select_related("live_revision"):
        assert page.latest_revision_id == page.live_revision_id
        assert page.live_revision.object_id == str(page.pk)
    assert Revision.objects.page_revisions().count() >= pages.count()


def test_a_translation_keeps_the_french_slug(demonstration):
    french = {
        page.translation_key: page.slug
        for page in Page.objects.filter(depth__gt=2, locale__language_code="fr")
    }
    for page in Page.objects.filter(depth__gt=2).exclude(locale__language_code="fr"):
        assert page.slug == french[page.translation_key]


def test_a_page_reads_the_same_from_its_revision(demonstration):
    page = CoursePage.objects.get(course__code="ROBOT-B", locale__language_code="ar")
    revised = page.live_revision.as_object()
    assert (revised.title, revised.lead, revised.makes) == (page.title, page.lead, page.makes)
    assert revised.course == page.course


def test_every_page_is_found_by_the_search(demonstration):
    indexed = set(IndexEntry.objects.values_list("object_id", flat=True))
    assert {str(pk) for pk in Page.objects.filter(depth__gt=1).values_list("pk", flat=True)} <= indexed


def test_the_menu_stands_in_its_order(demonstration):
    menu = Page.objects.in_menu().filter(depth=3, locale__language_code="ar").order_by("path")
    assert [page.slug for page in menu] == [
        "cours",
        "infos-pratiques",
        "parents",
        "equipe",
        "questions",
        "contact",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_page_opens(demonstration, client, language):
    for kind in (HomePage, CatalogueIndexPage, CoursePage, LessonPage, InstructorPage):
        assert (
            client.get(kind.objects.filter(locale__language_code=language).first().get_url()).status_code
            == 200
        )
    for slug in (
        "infos-pratiques",
        "le-technopark/work-in-tanger",
        "parents",
        "mentions-legales",
        "equipe",
        "questions",
        "contact",
    ):
        assert client.get(f"/{language}/{slug}/").status_code == 200


def test_a_door_made_of_skills_keeps_its_skills(demonstration):
    from courses.models import Prerequisite

    doors = Prerequisite.objects.filter(kind=Prerequisite.Kind.SKILLS)
    assert doors and all(door.skills.count() >= 2 for door in doors)
