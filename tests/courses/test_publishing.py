"""What the page of a course or a lesson needs before it is published, in each language."""

import pytest

from courses.models import AgeBand, CoursePage, LessonBlock, LessonPage, Track
from courses.pages import publishing
from home.cms.gate.problems import Severity
from home.cms.publishing import NotPublishable
from home.models import StandardPage
from tests.factories import CourseFactory, LessonFactory, SessionFactory, add_course_page, ready

LANGUAGES = ("fr", "ar", "en")


@pytest.fixture
def course(site_tree):
    made = CourseFactory()
    made.told = add_course_page(site_tree, made)
    return made


def page_of(course, language="fr") -> CoursePage:
    return CoursePage.objects.get(pk=course.told[language].pk)


def lesson_page(tree, lesson, parent, language="fr") -> LessonPage:
    page = LessonPage(title="Un", slug="un", lesson=lesson, locale=tree.locales[language], live=False)
    type(parent).objects.get(pk=parent.pk).add_child(instance=page)
    return page


def stops(page) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in publishing.problems(page) if one.severity is Severity.STOPS]


def asks(page) -> list[tuple[str, str]]:
    found = publishing.problems(page)
    return [(one.code, one.values["words"]) for one in found if one.severity is Severity.ASKS]


# ---- courses


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_course_page_needs_its_introduction_and_a_description_in_its_language(course, language):
    page = page_of(course, language)
    assert publishing.problems(page) == []
    page.lead = " "
    setattr(page.course, f"summary_{language}", "")
    assert stops(page) == [("no_lead", "lead"), ("no_description", "search_description")]
    page.search_description = "Un cours"
    assert stops(page) == [("no_lead", "lead")]


def test_a_title_and_a_course_are_asked_by_the_form(site_tree):
    page = CoursePage(title="", lead="Un cours.", locale=site_tree.locales["fr"])
    assert ("form", "title") in stops(page) and ("form", "course") in stops(page)


def test_a_track_without_a_drawing_of_ours_needs_a_picture(course):
    page = page_of(course)
    page.course.track = Track(code="CHESS", name="Échecs")
    assert stops(page) == [("no_drawing", "body")]
    page.course.track = Track(code="PRINT", name="3D")
    assert stops(page) == []


def test_every_track_of_the_programme_has_a_drawing():
    assert all(publishing.has_drawing(code) for code in ("CODE", "ROBOT", "PRINT"))


def test_no_course_is_without_an_age_band():
    assert not CoursePage._meta.get_field("course").null
    assert not AgeBand._meta.get_field("courses").remote_field.null


def test_a_second_live_page_of_a_course_in_a_language_is_refused(site_tree, course):
    second = CoursePage(
        title="Encore",
        slug="encore",
        course=course,
        lead="Un cours.",
        locale=site_tree.locales["fr"],
        live=False,
    )
    catalogue = site_tree.catalogue["fr"]
    catalogue.refresh_from_db()
    catalogue.add_child(instance=second)
    assert stops(second) == [("form", "course")]
    with pytest.raises(NotPublishable):
        second.save_revision(clean=False).publish()
    page_of(course).unpublish()
    second.save_revision().publish()
    assert CoursePage.objects.get(pk=second.pk).live


# ---- lessons


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lesson_needs_an_objective_in_the_language_of_its_page(site_tree, course, language):
    lesson = ready(LessonFactory(course=course))
    page = lesson_page(site_tree, lesson, course.told[language], language)
    assert publishing.problems(page) == []
    setattr(page.lesson, f"objective_{language}", "")
    assert stops(page) == [("no_objective", "lesson")]


@pytest.mark.parametrize(("minutes", "found"), [(-1, True), (0, False), (1, True)])
def test_the_minutes_of_a_lesson_fill_its_class_exactly(site_tree, course, minutes, found):
    lesson = ready(LessonFactory(course=course))
    LessonBlock.objects.update(minutes=course.minutes + minutes)
    page = lesson_page(site_tree, lesson, course.told["fr"])
    assert (stops(page) == [("minutes", "lesson")]) is found


def test_what_is_written_to_the_child_or_the_family_takes_no_minute_of_the_plan(site_tree, course):
    lesson = ready(LessonFactory(course=course))
    LessonBlock.objects.create(lesson=lesson, kind="step", for_learner=True, minutes=5, text="Essaie.")
    LessonBlock.objects.create(lesson=lesson, kind="home", minutes=5, text="À la maison.")
    assert stops(lesson_page(site_tree, lesson, course.told["fr"])) == []


def test_a_lesson_that_is_not_ready_warns_on_the_page_of_its_course(course):
    LessonFactory(course=course)
    found = publishing.problems(page_of(course))
    assert [(one.code, one.severity) for one in found] == [
        ("no_objective", Severity.WARNS),
        ("minutes", Severity.WARNS),
    ]


def test_a_lesson_of_another_course_or_no_longer_taught_is_refused(site_tree, course):
    foreign = ready(LessonFactory(course=CourseFactory()))
    assert stops(lesson_page(site_tree, foreign, course.told["fr"])) == [("form", "lesson")]
    foreign.course.told = add_course_page(site_tree, foreign.course)
    foreign.is_retired = True
    own = lesson_page(site_tree, foreign, foreign.course.told["fr"])
    assert stops(own) == [("not_taught", "lesson")]
    own.live = True
    assert stops(own) == [], "families of a running session still read it"


# ---- ages and places


@pytest.mark.parametrize(
    ("language", "age", "venue"),
    [
        ("fr", "8-10 ans", "Technopark de Tanger"),
        ("ar", "من 8 إلى 10 سنوات", "تكنوبارك طنجة"),
        ("en", "ages 8 to 10", "Technopark Tangier"),
    ],
)
def test_an_age_and_a_place_ask_for_a_reason_on_pages_of_courses_and_lessons(
    site_tree, course, language, age, venue
):
    SessionFactory(course=course)
    page = page_of(course, language)
    page.for_whom = f"{age}, {venue}"
    assert asks(page) == [("typed_age", age), ("typed_place", venue)]
    lesson = lesson_page(site_tree, ready(LessonFactory(course=course)), course.told[language], language)
    lesson.body = [("text", f"<p>{age}, {venue}</p>")]
    assert asks(lesson) == [("typed_age", age), ("typed_place", venue)]


def test_other_pages_may_name_a_venue_and_the_ages_of_the_programme_but_no_address(site_tree, course):
    venue = SessionFactory(course=course).room.venue
    page = StandardPage(title="Infos", slug="infos", locale=site_tree.locales["fr"])
    page.intro = f"{venue.name_fr}, de 7 à 14 ans"
    assert asks(page) == []
    page.intro = f"Venez ici\u00a0: {venue.address_fr}."
    assert asks(page) == [("typed_place", venue.address_fr)]


def test_a_page_that_is_not_stored_can_be_asked_about(site_tree, course):
    page = CoursePage(title="Neuf", slug="neuf", course=CourseFactory(), locale=site_tree.locales["ar"])
    assert ("no_lead", "lead") in stops(page)


# ---- readability


def test_the_text_of_a_lesson_is_measured_for_the_children_of_its_band(site_tree):
    sentence = " ".join(["mot"] * 48)
    found = {}
    for band in ("A", "B"):
        course = CourseFactory(band=band)
        pages = add_course_page(site_tree, course, languages=["fr"])
        lesson = lesson_page(site_tree, ready(LessonFactory(course=course)), pages["fr"])
        lesson.intro = sentence
        found[band] = [one.code for one in publishing.problems(lesson)]
    assert found == {"A": ["hard_to_read"], "B": []}
