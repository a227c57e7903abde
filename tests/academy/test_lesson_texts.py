"""The demonstration's lessons: complete where they are written, and each its own."""

import re
from collections import defaultdict

import pytest

from academy.demo.words import FOLDER, LANGUAGES, lessons_of, read
from courses.code_blocks import drawings

COURSES = sorted(path.stem for path in (FOLDER / "lessons").glob("*.yaml"))
WHOLE = {"CODE-A": range(1, 11), "CODE-B": range(1, 13)}  # with the child's steps and drawn blocks
SENTENCE = re.compile(r"[.!?؟;؛\n]+")


def blocks_of(course: str, number: int, kind: str) -> list[dict]:
    return [row for row in lessons_of(course)[number]["blocks"] if row["type"] == kind]


def course_of(code: str) -> dict:
    return next(row for row in read("curriculum")["courses"] if row["code"] == code)


def fewest_drawings(course: str, number: int) -> int:
    """No blocks to draw without a computer; on the day of the families the children mostly speak."""
    facts = next(row for row in course_of(course)["lessons"] if row["n"] == number)
    if facts.get("unplugged"):
        return 0
    return 1 if facts.get("showcase") else 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_lessons_share_a_sentence_of_eight_words(language):
    where = defaultdict(set)
    for course in COURSES:
        for number, lesson in lessons_of(course).items():
            texts = [row[language] for row in lesson["blocks"]]
            for text in [*texts, lesson["objective"][language], lesson["family"][language]]:
                for sentence in SENTENCE.split(text):
                    words = re.findall(r"\w+", sentence.lower())
                    if len(words) >= 8:
                        where[" ".join(words)].add((course, number))
    assert {sentence: found for sentence, found in where.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("course", "number"), [(course, number) for course in WHOLE for number in WHOLE[course]]
)
def test_a_whole_lesson_serves_instructor_child_and_family(course, number):
    steps = blocks_of(course, number, "step")
    assert 4 <= len(steps) <= 6
    drawings = [row["drawing"] for row in steps if row.get("drawing")]
    assert len(drawings) >= fewest_drawings(course, number)
    assert 3 <= len(blocks_of(course, number, "word")) <= 5
    for kind in ("easier", "further", "mistake", "tip", "ask", "home"):
        assert len(blocks_of(course, number, kind)) == 1, kind
    for row in blocks_of(course, number, "word"):
        assert all(":" in row[language] for language in LANGUAGES), row
    minutes = sum(row["minutes"] for row in lessons_of(course)[number]["blocks"])
    assert minutes == course_of(course)["minutes"]


def test_every_drawing_can_be_read():
    drawn = [
        row["drawing"]
        for course in COURSES
        for lesson in lessons_of(course).values()
        for row in lesson["blocks"]
        if row.get("drawing")
    ]
    assert len(drawn) >= 45
    for text in drawn:
        drawings.read(text.strip())


TAUGHT = [(course, number) for course in COURSES for number in lessons_of(course)]
MINUTES = {"A": 75, "B": 90, "C": 120}


def test_each_of_the_102_lessons_is_written():
    assert len(TAUGHT) == 102


@pytest.mark.parametrize(("course", "number"), TAUGHT)
def test_a_lesson_can_be_taught_as_it_stands(course, number):
    lesson = lessons_of(course)[number]
    for text in (lesson["objective"], lesson["family"], *lesson["kit"], *lesson["blocks"]):
        assert all(text[language].strip() for language in LANGUAGES), text
    assert len(lesson["kit"]) >= 2
    assert sum(row["minutes"] for row in lesson["blocks"]) == MINUTES[course[-1]]
    for kind in ("prep", "warmup", "explain", "activity", "tidy", "adapt"):
        assert blocks_of(course, number, kind), kind
    assert blocks_of(course, number, "tip") or blocks_of(course, number, "mistake")


@pytest.mark.parametrize(("course", "number"), TAUGHT)
def test_what_a_family_reads_is_true_on_any_day_and_for_a_child_that_was_absent(course, number):
    text = lessons_of(course)[number]["family"]
    for language, today, yours, home in (
        ("fr", "Aujourd'hui", "otre enfant", "À la maison"),
        ("ar", "اليوم", "طفلكم", "في البيت"),
        ("en", "Today", "our child", "At home"),
    ):
        done, at_home, _rest = text[language].partition(home)
        assert at_home and yours not in done, text[language]
        assert not re.search(rf"\b{today}\b", text[language], re.IGNORECASE), text[language]


@pytest.mark.parametrize("course", COURSES)
def test_every_lesson_has_the_childs_and_the_familys_part(course):
    for number in lessons_of(course):
        assert 4 <= len(blocks_of(course, number, "step")) <= 6, number
        assert 3 <= len(blocks_of(course, number, "word")) <= 5, number
        for kind in ("easier", "further", "mistake", "tip", "ask", "home"):
            assert len(blocks_of(course, number, kind)) == 1, (number, kind)
