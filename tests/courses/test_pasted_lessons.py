"""Lessons pasted from a spreadsheet, with what spreadsheets and people do to them."""

from uuid import uuid4

import pytest
from django.urls import reverse

from courses.admin.lesson_rows import MOST, LessonRows
from courses.pages.pasted_lessons import read


def titles(text: str) -> list[str]:
    return [lesson["title_fr"] for lesson in read(text)]


def test_columns_are_read_in_order():
    assert read("Un\tواحد\tOne\t90\tFaire\tفعل\tDo") == [
        {
            "title_fr": "Un",
            "title_ar": "واحد",
            "title_en": "One",
            "minutes": "90",
            "objective_fr": "Faire",
            "objective_ar": "فعل",
            "objective_en": "Do",
        }
    ]


def test_a_missing_column_is_empty_and_one_too_many_is_dropped():
    assert read("Un\tواحد")[0] | {"x": 1} == {
        "title_fr": "Un", "title_ar": "واحد", "title_en": "", "minutes": "",
        "objective_fr": "", "objective_ar": "", "objective_en": "", "x": 1,
    }  # fmt: skip
    assert list(read("a\tb\tc\td\te\tf\tg\th")[0].values()) == list("abcdefg")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_any_system_and_blank_ones_are_no_lesson(end):
    assert titles(end.join(["Un", "", "\t\t", "  ", "Deux", ""])) == ["Un", "Deux"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"Un\ndeux"\tb', ["Un deux"]),
        ('"Le ""robot"""', ['Le "robot"']),
        ('"Robot"', ['"Robot"']),
        ('"Ouvert\tb\nDeux', ['"Ouvert', "Deux"]),
        ('Le "robot"', ['Le "robot"']),
        ("  Un \u00a0 peu  ", ["Un peu"]),
        ("", []),
    ],
)
def test_quotes_of_a_spreadsheet_are_not_words(text, said):
    assert titles(text) == said


@pytest.mark.parametrize("word", ["Minutes", "Durée", "المدة", "min."])
def test_a_line_of_headings_is_no_lesson(word):
    assert titles(f"Titre\tعنوان\tTitle\t{word}\nUn\t\t\t90") == ["Un"]


def test_a_first_line_whose_minutes_are_no_number_is_kept_to_be_refused():
    assert read("Un\t\t\tbeaucoup")[0]["minutes"] == "beaucoup"


@pytest.mark.parametrize(
    ("cell", "minutes"), [("90 min", "90"), ("45'", "45"), ("٤٥ دقيقة", "٤٥"), ("1h", "1h")]
)
def test_the_unit_of_minutes_is_dropped(cell, minutes):
    assert read(f"Un\t\t\t{cell}")[0]["minutes"] == minutes


# ---- as rows of the form


def test_pasted_lessons_come_after_the_rows_and_leave_the_box_empty():
    rows = LessonRows({"lessons-0-title_fr": "Un", "pasted": "Deux\nTrois"})
    assert [form["title_fr"].value() for form in rows.filled] == ["Un", "Deux", "Trois"]
    assert (rows.pasted, len(rows.forms) - len(rows.filled)) == ("", 3)


def test_too_many_lessons_stay_in_the_box():
    text = "\n".join(f"Leçon {number}" for number in range(MOST + 1))
    rows = LessonRows({"pasted": text}, is_checked=True)
    assert (rows.filled, rows.pasted, rows.is_valid(90)) == ([], text, False)
    assert str(MOST) in rows.faults[0]


def test_every_row_says_what_is_wrong_and_keeps_it():
    long = "é" * 300
    rows = LessonRows(
        {"pasted": f"{long}\n\tواحد\nTrois\t\t\tx\nQuatre\t\t\t91\nCinq\t\t\t٩٠"}, is_checked=True
    )
    assert not rows.is_valid(90)
    assert [list(form.errors) for form in rows.filled] == [
        ["title_fr"],
        ["title_fr"],
        ["minutes"],
        ["minutes"],
        [],
    ]
    assert rows.filled[0]["title_fr"].value() == long
    assert rows.filled[4].lesson.minutes == 90


def test_two_lessons_of_one_title_are_named_by_their_numbers():
    rows = LessonRows({"pasted": "Robot\nJeu\nrobot"}, is_checked=True)
    assert not rows.is_valid(None)
    assert "1" in rows.faults[0] and "3" in rows.faults[0]
    assert LessonRows({"pasted": "Robot\nJeu"}, is_checked=True).is_valid(None)


def test_the_table_is_shown_as_rows_without_a_complaint(logged_in, manager):
    data = {"form_key": str(uuid4()), "act": "rows", "pasted": "Un\tواحد\r\nDeux", "title_fr": "Gardé"}
    answer = logged_in(manager).post(reverse("course_pages:new"), data)
    said = answer.content.decode()
    assert answer.status_code == 200 and "error-message" not in said
    assert [form["title_ar"].value() for form in answer.context["rows"].filled] == ["واحد", ""]
    assert 'value="Gardé"' in said
