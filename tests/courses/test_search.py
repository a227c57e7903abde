"""Search in three languages: typed queries and the courses they find."""

import pytest
from django.core.management import call_command

from courses.catalogue.search import found_courses, index_again
from courses.models import Course
from tests.factories import CourseFactory, add_course_page

ALL = {"CODE-A", "CODE-B", "CODE-C", "ROBOT-A", "ROBOT-B", "ROBOT-C", "PRINT-A", "PRINT-B", "PRINT-C"}

# language, words typed, courses that must be found, courses that must not
ASKED = [
    ("fr", "robot", {"ROBOT-A", "ROBOT-B"}, {"PRINT-A"}),
    ("fr", "robots", {"ROBOT-A", "ROBOT-B"}, {"PRINT-A"}),
    ("fr", "Robotique", {"ROBOT-A", "ROBOT-B", "ROBOT-C"}, {"PRINT-A"}),
    ("ar", "روبوت", {"ROBOT-A", "ROBOT-B"}, {"PRINT-B"}),
    ("ar", "الروبوت", {"ROBOT-A", "ROBOT-B"}, {"PRINT-B"}),
    ("ar", "روبوتات", {"ROBOT-A"}, {"PRINT-B"}),
    ("fr", "scratch", {"CODE-A", "CODE-B"}, {"PRINT-A"}),
    ("fr", "SCRATCH", {"CODE-A", "CODE-B"}, {"PRINT-A"}),
    ("ar", "سكراتش", {"CODE-A", "CODE-B"}, {"PRINT-A"}),
    ("ar", "scratch", {"CODE-A", "CODE-B"}, {"PRINT-A"}),
    ("fr", "impression 3d", {"PRINT-A", "PRINT-B", "PRINT-C"}, {"CODE-A"}),
    ("en", "printing", {"PRINT-A", "PRINT-B", "PRINT-C"}, {"CODE-A"}),
    ("en", "print", {"PRINT-A", "PRINT-B", "PRINT-C"}, {"CODE-A"}),
    ("ar", "الطباعة", {"PRINT-A", "PRINT-B", "PRINT-C"}, {"CODE-A"}),
    ("ar", "طباعة", {"PRINT-A", "PRINT-B", "PRINT-C"}, {"CODE-A"}),
    ("ar", "بايثون", {"CODE-C"}, {"PRINT-A", "CODE-A"}),
    ("fr", "python", {"CODE-C"}, {"PRINT-A", "CODE-A"}),
    ("fr", "pytho", {"CODE-C"}, {"PRINT-A", "CODE-A"}),
    ("fr", "jeux", {"CODE-B"}, {"PRINT-A"}),
    ("fr", "jeu", {"CODE-B"}, {"PRINT-A"}),
    ("en", "game", {"CODE-B"}, {"PRINT-A"}),
    ("en", "games", {"CODE-B"}, {"PRINT-A"}),
    ("ar", "ألعاب", {"CODE-B"}, {"PRINT-A"}),
    ("fr", "arduino", {"ROBOT-C"}, {"CODE-A"}),
    ("fr", "micro:bit", {"ROBOT-B"}, {"PRINT-B"}),
    ("en", "storytellers", {"CODE-A"}, {"ROBOT-C"}),
    ("fr", "conteur", {"CODE-A"}, {"ROBOT-C"}),
    ("fr", "programmation", {"CODE-A", "CODE-B", "CODE-C"}, {"PRINT-A"}),
    ("fr", "école de jeux", set(), set()),
    ("fr", "FréeCAD", {"PRINT-C"}, {"CODE-A"}),
    ("en", "robot", {"ROBOT-A", "ROBOT-B"}, {"PRINT-A"}),
    ("fr", "zzzz", set(), ALL),
    ("fr", '"*()-', set(), ALL),
]


@pytest.fixture
def shelf(demonstration):
    call_command("update_index", verbosity=0)
    return dict(Course.objects.values_list("pk", "code"))


@pytest.mark.demo
def test_what_parents_type_finds_what_they_mean(shelf):
    wrong = {}
    for language, typed, wanted, unwanted in ASKED:
        found = {shelf[key] for key in found_courses(typed, language)}
        if wanted - found or unwanted & found:
            wrong[language, typed] = sorted(found)
    assert wrong == {}


@pytest.mark.demo
def test_a_search_in_the_address_answers_with_the_nearest_first(client, shelf):
    page = client.get("/fr/cours/?q=arduino").content.decode()
    assert "/fr/cours/robot-c/" in page and "/fr/cours/code-a/" not in page


@pytest.mark.django_db
def test_a_fact_that_changes_is_found_under_its_new_words(site_tree):
    """Texts of a course, lesson or track are indexed with the pages that show them: saving one reindexes
    those.
    """
    course = CourseFactory(lessons=1)
    add_course_page(site_tree, course)
    assert found_courses("trottinette", "fr") == []
    lesson = course.lessons.get()
    lesson.title_fr = "Programmer une trottinette"
    lesson.save()
    index_again(lesson)
    assert found_courses("trottinettes", "fr") == [course.pk]
