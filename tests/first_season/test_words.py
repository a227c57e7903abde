"""Cases of a first season, each under its number: names and marks as people type, seek and print them."""

import io

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from enrollments.classes import roster
from enrollments.families import directory
from enrollments.forms.office.families import FamilyForm
from enrollments.printing import spreadsheets, typesetting
from home.language.name_keys import may_be_one
from tests.enrollments.test_letters_on_paper import drawn, paper
from tests.factories import UserFactory
from tests.queues import join, soon, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Abdelkader Benali", "Abd El Kader Ben Ali"),
        ("Noureddine Alami", "Nour Eddine Alami"),
        ("Belhadj", "Bel Hadj"),
        ("Fatima-Zahra Alaoui", "Fatimazahra Alaoui"),
        ("عبد القادر بنعلي", "Abdelkader Benali"),
        ("Alaoui", "العلوي"),
        ("Ouahbi", "الوهبي"),
    ],
)
def test_case_8a_they_find_each_other(one, other):
    person = UserFactory(name=one)
    assert (may_be_one(one, other), person in directory.search(other)) == (True, True)


def test_case_39_invisible_marks_go_away_in_every_field():
    known = UserFactory(name="Hind Exemple", phone="+212661000123", email="hind@example.org")
    told = {
        "name": "\u200fسلمى",
        "phone": "\u202a+212 661-000123\u202c",
        "language": "fr",
        "email": "neuve@example.org\u200b",
    }
    form = FamilyForm(told)
    assert form.is_valid(), form.errors
    read = [str(form.cleaned_data[name]) for name in ("name", "phone", "email")]
    assert read == ["سلمى", known.phone, "neuve@example.org"]
    assert list(directory.search(told["phone"])) == [known]


def test_case_40_names_stand_in_the_order_of_the_alphabet(now):
    session = soon(capacity=10)
    for name in ("Zineb", "Élias", "Adam", "Inès"):
        join(session, ten(first_name=name), at=now)
    shown = [row.child.first_name for row in roster.seated(session)]
    assert shown == ["Adam", "Élias", "Inès", "Zineb"]


def test_case_41_the_box_finds_a_family_by_its_reference(parent, front_desk, logged_in, now):
    row = join(soon(), ten(parent), at=now, by=parent)
    page = logged_in(front_desk).get(reverse("office_people"), {"q": row.reference}, follow=True)
    words = page.content.decode()
    assert parent.name in words and reverse("office_person", args=[parent.pk]) in words


def test_case_42a_an_arabic_spreadsheet_runs_from_right_to_left(now):
    session = soon()
    join(session, ten(), at=now)
    with translation.override("ar"):
        body, _whose = spreadsheets.session_sheet(session, timezone.localdate(now))
    assert load_workbook(io.BytesIO(body)).active.sheet_view.rightToLeft


@pytest.mark.parametrize("name", ["Łukasz", "ⵉⴷⵉⵔ", "Nguyễn", "Ольга"])
def test_case_42b_every_name_can_be_printed(name):
    # Several typefaces share the letters now, so the paper itself is asked.
    assert typesetting.printable(name) == name
    words = drawn(paper(name))
    assert name in words and typesetting.UNPRINTED not in words
