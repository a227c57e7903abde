"""Search in three languages: typed queries and the courses they find."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from courses.catalogue.search import found_courses, index_again
from courses.models import Course, SearchWords
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

TRACKS = ("CODE", "ROBOT", "PRINT")
ENOUGH = 114  # of 120


def questions() -> list[tuple[str, set[str], str]]:
    """Return the rows of questions.txt: language, codes of the courses that answer, question."""
    rows = []
    for line in Path(__file__).with_name("questions.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            language, courses, typed = (part.strip() for part in line.split("|"))
            named = " ".join(TRACKS) if courses == "ALL" else courses
            codes = {
                code
                for name in named.split()
                for code in ([name] if "-" in name else [f"{name}-{band}" for band in "ABC"])
            }
            rows.append((language, codes, typed))
    return rows


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
def test_what_families_type_leads_to_the_right_course_on_the_first_page(client, shelf):
    """Every course that answers is on the page, and the first one answers."""
    asked = questions()
    assert Counter(language for language, _codes, _typed in asked) == {"fr": 40, "ar": 40, "en": 40}
    wrong = {}
    for language, codes, typed in asked:
        page = client.get(f"/{language}/cours/", {"q": typed}).content.decode()
        found = list(dict.fromkeys(re.findall(rf"/{language}/cours/([a-z]+-[abc])/", page)))
        found = [code.upper() for code in found]
        if codes - set(found) or found[0] not in codes:
            wrong[language, typed] = found
    print(f"{len(asked) - len(wrong)} of {len(asked)} questions", *wrong.items(), sep="\n")
    assert len(asked) - len(wrong) >= ENOUGH, wrong


@pytest.mark.demo
@pytest.mark.parametrize(
    ("language", "typed"),
    [("fr", "cours de piano"), ("ar", "دروس السباحة"), ("en", "horse riding for kids"), ("fr", "رقص")],
)
def test_what_is_not_taught_finds_nothing(shelf, language, typed):
    assert [shelf[key] for key in found_courses(typed, language)] == []


@pytest.mark.demo
def test_an_age_alone_leads_to_the_courses_of_that_age(shelf):
    assert {shelf[key] for key in found_courses("8 ans", "fr")} == {"CODE-A", "ROBOT-A", "PRINT-A"}
    assert found_courses("5 ans", "fr") == [] == found_courses("2026", "fr")


@pytest.mark.demo
def test_editors_keep_the_words_and_a_change_acts_at_once(client, demonstration, shelf):
    client.force_login(get_user_model().objects.get(email=demonstration.logins["editor"]))
    assert found_courses("bidouille", "fr") == []
    answer = client.post(
        reverse("search-words:add"), {"words_fr": "Bidouille, Arduino", "words_ar": "", "words_en": ""}
    )
    assert answer.status_code == 302, answer.content.decode()
    assert "ROBOT-C" in {shelf[key] for key in found_courses("la bidouille", "fr")}
    SearchWords.objects.filter(words_fr__startswith="Bidouille").delete()
    assert found_courses("bidouille", "fr") == []


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["", "robot", "robot، robot ,", " , "])
def test_a_row_of_one_word_links_nothing_and_is_refused(words):
    with pytest.raises(ValidationError):
        SearchWords(words_fr=words).full_clean()


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


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["تطريز", "التطريز", "بتطريز", "وبالتطريز", "تطريزا"])
def test_an_arabic_word_is_found_with_and_without_joined_letters(site_tree, typed):
    course = CourseFactory(lessons=1)
    add_course_page(site_tree, course)
    lesson = course.lessons.get()
    lesson.title_fr = "خياطة وتطريز"
    lesson.save()
    index_again(lesson)
    assert found_courses(typed, "fr") == [course.pk]


@pytest.mark.django_db
def test_a_joined_letter_that_belongs_to_the_word_stays(site_tree):
    course = CourseFactory(lessons=1, track="PRINT")
    add_course_page(site_tree, course)
    lesson = course.lessons.get()
    lesson.title_fr = "رمجة"  # what would be left of برمجة
    lesson.save()
    index_again(lesson)
    assert found_courses("البرمجة", "fr") == []
