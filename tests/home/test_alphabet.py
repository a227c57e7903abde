"""Lists of people in the alphabet of the reader: rules, databases, and every list."""

import ast
import random
import re
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from enrollments.families import directory
from enrollments.models import Child
from enrollments.models.attendance import attendees_of, by_name
from enrollments.printing.spreadsheets import session_sheet
from enrollments.staff import team
from home.language.alphabet import Alphabetical, in_alphabet, order_of
from home.language.choices import InAlphabet
from tests.factories import ChildFactory, SessionFactory, StaffFactory, UserFactory
from tests.queues import join, session_of, soon

APPS = ("academy", "enrollments", "courses", "home")
FRENCH = ["Adam", "Ben Ali", "Benali", "Élias", "elias b", "Inès", "Noé", "Œdipe", "Othmane", "Zoé"]
ARABIC = ["آدم", "أمينة", "إيناس", "بدر", "تسنيم", "جنى", "حمزة", "سلمى", "عمر", "هدى", "وليد", "ياسين"]


def mixed(names):
    names = [
        unicodedata.normalize(form, name) for name, form in zip(names, ["NFC", "NFD"] * 20, strict=False)
    ]
    return random.Random(7).sample(names, len(names))


def composed(names):
    return [unicodedata.normalize("NFC", name) for name in names]


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
@pytest.mark.parametrize("names", [FRENCH, ARABIC], ids=["Latin", "Arabic"])
def test_names_stand_in_the_order_of_their_alphabet(names, language):
    with translation.override(language):
        assert composed(sorted(mixed(names), key=order_of)) == names


@pytest.mark.parametrize(("language", "first"), [("fr", "Zoé"), ("en", "Zoé"), ("ar", "ياسين")])
def test_the_readers_own_script_comes_first(language, first):
    with translation.override(language):
        assert sorted(["ⵣⴰⵢⴷ", "ياسين", "Zoé", "Яна"], key=order_of)[0] == first


def test_accents_and_case_part_only_equal_names():
    assert sorted(["inès z", "INES", "Inès", "ines"], key=order_of) == ["INES", "ines", "Inès", "inès z"]


# ---- every list, through the doors people use


@pytest.mark.django_db
def test_the_directory_is_sorted_and_paged_the_same_on_every_database(
    logged_in, front_desk, academy_settings
):
    desk = logged_in(front_desk)
    for number in range(60):
        UserFactory(name=f"Famille {'Éd' if number % 2 else 'Ed'}{number:02}")
    for name in ("Famille Inès", "Famille Élias", "Famille Adam"):
        UserFactory(name=name)
    first = desk.get(reverse("office_people"), {"q": "famille"}).context["page_obj"].object_list
    second = desk.get(reverse("office_people"), {"q": "famille", "page": 2}).context["page_obj"].object_list
    names = [person.name for person in (*first, *second)]
    assert names[0] == "Famille Adam" and names[-2:] == ["Famille Élias", "Famille Inès"]
    assert names == sorted(names, key=order_of) and len(names) == 63 and len(first) == 50
    for name in ("Rim Édouard", "Rim Edouardine", "Adam Édouardine"):
        UserFactory(name=name)
    found = [person.name for person in directory.search("edouard")]
    assert found == ["Rim Édouard", "Adam Édouardine", "Rim Edouardine"], "as typed first, then by alphabet"


@pytest.mark.django_db
def test_a_page_of_the_directory_needs_the_same_queries_for_three_rows_and_for_thirty(
    queries, academy_settings
):
    def asked(count):
        for _person in range(count):
            ChildFactory(guardian=UserFactory(name="Yasmine Test"))
        with queries() as seen:
            list(directory.search("yasmine")[:50])
        return len(seen)

    assert asked(3) == asked(27)


NAMES = [("Zoé", "A"), ("Élias", "B"), ("Inès", "C"), ("Adam", "D"), ("Élias", "Àb")]
SORTED = ["Adam", "Élias", "Élias", "Inès", "Zoé"]


@pytest.mark.django_db
def test_register_papers_and_exports_follow_the_alphabet(academy_settings):
    session = session_of(capacity=9)
    for first, last in NAMES:
        join(session, ChildFactory(age=10, first_name=first, last_name=last))
    meeting = session.meetings.order_by("starts_at").first()
    children = [attendee.child for attendee in attendees_of(meeting)]
    assert [child.first_name for child in children] == SORTED
    assert [child.last_name for child in children[1:3]] == ["Àb", "B"]
    assert sorted(Child.objects.all(), key=by_name) == children
    made, _keys = session_sheet(session, timezone.localdate())
    rows = list(load_workbook(BytesIO(made)).active.values)[1:]
    assert [row[0] for row in rows] == SORTED


@pytest.mark.django_db
def test_the_team_and_who_can_teach_follow_the_alphabet(logged_in, manager):
    for name in ("Zineb", "Élias", "Adam", "Inès"):
        StaffFactory(role="Instructors", name=name)
    page = logged_in(manager).get(reverse("office_team"))
    names = [member.name for member in page.context["members"] if member.name != manager.name]
    assert names == ["Adam", "Élias", "Inès", "Zineb"]
    assert {member.pk for member in team.members()} >= {member.pk for member in page.context["members"]}
    session = soon()
    form = logged_in(manager).get(reverse("sessions:edit", args=[session.pk])).context["form"]
    field = form.fields["instructors"]
    assert field.iterator is InAlphabet
    labels = [label for _value, label in field.choices if label != manager.name]
    assert labels == ["Adam", "Élias", "Inès", "Zineb"]


@pytest.mark.django_db
def test_teachers_are_named_by_alphabet_for_a_class_and_a_session():
    session = SessionFactory()
    session.instructors.set([UserFactory(name=name) for name in ("Zoé", "Élias", "Adam")])
    assert [person.name for person in session.teachers] == ["Adam", "Élias", "Zoé"]
    assert session.meetings.first().teachers == session.teachers
    assert in_alphabet(session.instructors.all(), "name") == session.teachers
    assert list(Alphabetical(session.instructors.all(), "name")) == session.teachers


# ---- nobody lets a database sort people


PERSON = re.compile(r"^-?(?:.+__)?(?:first_name|last_name|name|first_name_ar|last_name_ar)$")
NO_PERSON = {
    ("enrollments/models/print_jobs.py", "name"),
    ("enrollments/models/print_jobs.py", "printer__name"),
    ("academy/models.py", "name"),  # the jobs
    ("academy/backups/ending.py", "name"),  # files
}


def sources():
    for app in APPS:
        for path in sorted(Path(app).rglob("*.py")):
            if "migrations" not in path.parts and "demo" not in path.parts:
                yield path, ast.parse(path.read_text())


def words_in(node):
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def sorted_by_a_database(tree):
    """Return the fields of people that `order_by` and `ordering` name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "order_by":
            yield from (word for argument in node.args for word in words_in(argument) if PERSON.match(word))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ordering":
            yield from (word for word in words_in(node.value) if PERSON.match(word))


def sorted_by_code_point(tree):
    """Return the attributes with a name that `sorted`, `min`, `max` and `sort` compare as they are."""
    for node in ast.walk(tree):
        called = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
        if called not in {"sorted", "sort", "min", "max"}:
            continue
        for keyword in (
            one for one in node.keywords if one.arg == "key" and isinstance(one.value, ast.Lambda)
        ):
            told = {id(part) for call in ast.walk(keyword.value) if isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") in {"order_of", "by_name", "name_of"}
                    for part in ast.walk(call)}  # fmt: skip
            for part in ast.walk(keyword.value):
                if isinstance(part, ast.Attribute) and PERSON.match(part.attr) and id(part) not in told:
                    yield part.attr


def test_no_list_of_people_is_sorted_by_a_database_or_by_code_point():
    found = [
        (str(path), word)
        for path, tree in sources()
        for word in (*sorted_by_a_database(tree), *sorted_by_code_point(tree))
    ]
    assert set(found) - NO_PERSON == set()
    by_no_person = 'dictsort:"course.pk"'
    pages = {path: path.read_text().replace(by_no_person, "") for path in Path("templates").rglob("*.html")}
    assert not [path for path, text in pages.items() if "dictsort" in text]


@pytest.mark.parametrize(
    "line",
    [
        'rows.order_by("child__first_name", "pk")',
        'rows.order_by("-name")',
        'class Meta:\n    ordering = ["last_name"]',
        "sorted(rows, key=lambda row: row.child.first_name.casefold())",
        "rows.sort(key=lambda row: row.name)",
    ],
)
def test_a_new_one_would_be_found(line):
    tree = ast.parse(line)
    assert [*sorted_by_a_database(tree), *sorted_by_code_point(tree)]
