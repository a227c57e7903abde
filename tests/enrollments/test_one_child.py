"""One child under every spelling of its letters; family name and relation are asked, not guessed."""

import unicodedata
from datetime import date

import pytest
from django.urls import reverse

from enrollments.families import directory
from enrollments.families.children import add_child, usual_facts
from enrollments.models import Child, Guardianship
from home.language.name_keys import family_name_in, is_spelled_as
from tests.enrollments.test_family import add, born
from tests.factories import ChildFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]

NFD = unicodedata.normalize("NFD", "Inès")
SPELLINGS = ["Inès", "INÈS", "Ines", "inès", NFD, NFD.upper(), "  Inès ", "I\u200bnès"]


@pytest.mark.parametrize("again", SPELLINGS)
@pytest.mark.parametrize("first", ["Inès", NFD])
def test_the_same_child_typed_otherwise_by_its_guardian_is_one(logged_in, parent, first, again):
    client = logged_in(parent)
    assert add(client, first_name=first, last_name="Benaïssa").status_code == 302
    assert add(client, first_name=again, last_name="BENAISSA").status_code == 302
    child = Child.objects.get()
    assert (child.first_name, child.last_name) == ("Inès", "Benaïssa"), "as typed first, composed"


@pytest.mark.parametrize("again", SPELLINGS)
def test_the_same_child_typed_otherwise_at_the_desk_is_one_and_the_desk_is_told(desk, parent, again):
    url = reverse("office_child_add", args=[parent.pk])
    typed = {"last_name": "Amrani", "relation": "mother"} | born()
    desk.post(url, typed | {"first_name": "Inès"})
    page = desk.post(url, typed | {"first_name": again}, follow=True)
    assert Child.objects.count() == 1
    assert [str(message) for message in page.context["messages"]] != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lina", "Line"),
        ("Amin", "Amina"),
        ("Adam", "Ada"),
        ("Salma", "Selma"),
        ("Ali", "علي"),
        ("Yahia", "Yahya"),
    ],
)
def test_twins_with_near_names_stay_two(parent, logged_in, one, other):
    client = logged_in(parent)
    add(client, first_name=one)
    add(client, first_name=other)
    assert Child.objects.count() == 2


def test_brothers_born_on_other_days_stay_two(logged_in, parent):
    client = logged_in(parent)
    add(client)
    add(client, birth_date_day=15)
    assert Child.objects.count() == 2


def test_a_stranger_who_types_the_same_child_learns_nothing(logged_in, parent, other_parent):
    ChildFactory(guardian=other_parent, first_name="Inès", last_name="Amrani", birth_date=_day())
    page = logged_in(parent).get(reverse("child_add"))
    same = add(logged_in(parent), first_name="INES", last_name="Amrani")
    assert page.status_code == 200 and same.status_code == 302
    assert Child.objects.count() == 2 and Child.objects.of(parent).count() == 1


def _day():
    told = born()
    return date(told["birth_date_year"], told["birth_date_month"], told["birth_date_day"])


@pytest.mark.parametrize("again", ["INÈS", "Ines", NFD])
def test_the_list_of_duplicates_finds_every_spelling(parent, other_parent, again):
    one = ChildFactory(guardian=parent, first_name="Inès", last_name="Amrani", birth_date=_day())
    other = ChildFactory(guardian=other_parent, first_name=again, last_name="Amrani", birth_date=_day())
    assert list(directory.twins_of(one)) == [other] and list(directory.twins_of(other)) == [one]


def test_a_child_of_more_parts_is_one_joined_or_parted():
    for other in ("Nour Eddine", "NOUR-EDDINE", "noureddine", "Nour’Eddine"):
        assert is_spelled_as("Noureddine", other)
    assert not is_spelled_as("Noureddine", "Nouredine")


def test_names_are_stored_composed_by_every_form_and_verb(logged_in, parent, desk):
    typed = unicodedata.normalize("NFD", "Zoé Hélène")
    desk.post(
        reverse("office_new_family"),
        {"name": typed, "phone": "0661000009", "email": "", "language": "fr"},
    )
    assert UserFactory._meta.model.objects.filter(name="Zoé Hélène").exists()
    child = add_child(first_name=NFD, last_name="Naïm", birth_date=_day(), by=parent)
    assert child.first_name == "Inès"
    logged_in(parent).post(
        reverse("child_change", args=[child.pk]), {"first_name": typed, "last_name": "Naïm"} | born()
    )
    child.refresh_from_db()
    assert child.first_name == "Zoé Hélène"


# ---- what the form begins with


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Salwa", ""),
        ("  Salwa ", ""),
        ("", ""),
        ("Salwa Amrani", "Amrani"),
        ("Salwa El Amrani", "El Amrani"),
        ("Fatima Zahra Ben Abdellah", "Ben Abdellah"),
        ("El Amrani", "Amrani"),
        ("سلوى العمراني", "العمراني"),
        ("سلوى بن علي", "بن علي"),
        ("Karim Ait El Haj", "Ait El Haj"),
    ],
)
def test_the_family_name_is_read_from_a_full_name_and_never_from_one_name(name, family):
    assert family_name_in(name) == family


def test_a_parent_with_one_name_is_asked_for_the_family_name(logged_in, desk):
    alone = UserFactory(name="Salwa")
    page = desk.get(reverse("office_child_add", args=[alone.pk]))
    assert not page.context["form"]["last_name"].value()
    assert 'value="Salwa"' not in logged_in(alone).get(reverse("child_add")).content.decode()


def test_the_next_child_begins_with_the_family_name_and_the_relation_of_the_last(logged_in, parent):
    client = logged_in(parent)
    add(client, last_name="Tazi", relation="father")
    assert usual_facts(parent) == {"last_name": "Tazi", "relation": "father"}
    form = client.get(reverse("child_add")).context["form"]
    assert (form["last_name"].value(), form["relation"].value()) == ("Tazi", "father")


# ---- mother, father or guardian


def test_who_registers_is_asked_and_nothing_is_assumed(logged_in, parent):
    client = logged_in(parent)
    page = client.get(reverse("child_add"))
    assert [value for value, _label in page.context["form"].fields["relation"].choices] == [
        "mother",
        "father",
        "guardian",
    ]
    assert not page.context["form"]["relation"].value()
    refused = add(client, relation="")
    assert refused.status_code == 422 and 'value="Salma"' in refused.content.decode()
    assert not Child.objects.exists()


def test_a_guardian_corrects_what_they_are_to_the_child_whatever_their_rights(
    logged_in, parent, other_parent
):
    child = ChildFactory(guardian=parent)
    Guardianship.objects.create(child=child, guardian=other_parent, rights="informed")
    url = reverse("guardian_relation", args=[child.pk])
    for person, relation in ((parent, "mother"), (other_parent, "father")):
        assert logged_in(person).post(url, {"relation": relation}).status_code == 302
        assert Guardianship.objects.get(guardian=person).relation == relation
    assert Guardianship.objects.get(guardian=other_parent).rights == "informed"
    logged_in(parent).post(url, {"relation": "aunt"})
    assert Guardianship.objects.get(guardian=parent).relation == "mother"


def test_the_desk_corrects_it_too(desk, parent):
    child = ChildFactory(guardian=parent)
    tie = Guardianship.objects.get(child=child)
    url = reverse("office_guardian_relation", args=[child.pk, tie.pk])
    assert desk.post(url, {"relation": ""}).status_code == 422
    assert desk.post(url, {"relation": "father"}).status_code == 302
    tie.refresh_from_db()
    assert tie.relation == "father"
