"""Families in the office: registration, cards, files with their access log."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from enrollments.families import login_cards, pickup
from enrollments.families.children import add_child
from enrollments.letters import delivery, outbox
from enrollments.models import Barring, Child, Guardianship, Letter, LoginCard, ReadRecord
from tests.enrollments.test_directory import found
from tests.factories import ChildFactory, SessionFactory, StaffFactory, UserFactory
from tests.post import delivered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
User = get_user_model()


def file_of(child) -> str:
    return reverse("office_child", args=[child.pk])


# ---- written down

FAMILY = {"name": "Zineb Ouazzani", "phone": "06 61 00 00 01", "email": "zineb@example.org", "language": "ar"}
CHILD = {"first_name": "Ilyas", "last_name": "Ouazzani", "relation": "mother"}
BORN = {"birth_date_day": "3", "birth_date_month": "4"}


def born(age: int) -> dict[str, str]:
    return BORN | {"birth_date_year": str(timezone.localdate().year - age)}


def test_a_family_is_written_at_the_desk_in_two_screens(desk):
    answer = desk.post(reverse("office_new_family"), FAMILY)
    person = User.objects.get(email="zineb@example.org")
    assert answer.url == reverse("office_child_add", args=[person.pk])
    answer = desk.post(answer.url, CHILD | born(9))
    child = Child.objects.get()
    assert answer.url == file_of(child)
    tie = Guardianship.objects.get()
    assert (tie.guardian, tie.child, tie.rights, tie.relation) == (person, child, "full", "mother")
    letter = Letter.objects.get()
    assert (letter.language, letter.kind, letter.channel) == ("ar", "account_opened", "email")
    assert "/ar/account/password/reset/" in letter.body


def test_the_guardian_chooses_a_password_with_the_address_and_finds_the_child(client, desk):
    person = User.objects.get(pk=desk.post(reverse("office_new_family"), FAMILY).url.split("/")[-4])
    add_child(
        first_name="Ilyas",
        last_name="Ouazzani",
        birth_date=timezone.localdate().replace(year=2017, day=1),
        by=person,
    )
    client.logout()
    client.post(reverse("account_reset_password"), {"email": FAMILY["email"]})
    code = next(
        found for letter in delivered()[::-1] if (found := re.search(r"\b\d{6}\b", letter.body))
    ).group()
    client.post(reverse("account_confirm_password_reset_code"), {"code": code}, follow=True)
    secret = "une-longue-phrase-7"
    client.post(
        reverse("account_complete_password_reset"), {"password1": secret, "password2": secret}, follow=True
    )
    client.post(reverse("account_login"), {"login": FAMILY["email"], "password": secret})
    for letter in delivered()[::-1]:
        if client.get(reverse("family")).status_code == 200:
            break
        if again := re.search(r"\b\d{6}\b", letter.body):
            client.post(reverse("account_email_verification_sent"), {"code": again.group()})
    assert "Ilyas" in client.get(reverse("family")).content.decode()


def test_a_known_telephone_is_shown_before_a_second_account_is_made(desk):
    there = UserFactory(name="Zineb O.", phone="+212661000001")
    page = desk.post(reverse("office_new_family"), FAMILY)
    assert page.status_code == 422 and "Zineb O." in page.content.decode()
    assert User.objects.filter(email=FAMILY["email"]).count() == 0
    assert desk.post(reverse("office_new_family"), FAMILY | {"anyway": there.pk}).status_code == 302


def test_a_known_address_leads_to_its_account_and_never_to_a_colleagues(desk, parent, instructor):
    answer = desk.post(reverse("office_new_family"), FAMILY | {"email": parent.email})
    assert answer.url == reverse("office_person", args=[parent.pk])
    page = desk.post(reverse("office_new_family"), FAMILY | {"email": instructor.email})
    assert page.status_code == 422 and page.context["form"].errors["email"]


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "<b>x</b>"}, {"name": "x" * 151}, {"name": "🙂"}, {"phone": "12"},
     {"phone": ""}, {"email": "no"}, {"email": "a@b.c\nBcc: d@e.f"}, {"language": "xx"}, {"language": ""}],
)  # fmt: skip
def test_wrong_answers_make_no_account_and_lose_nothing(desk, wrong):
    before = User.objects.count()
    page = desk.post(reverse("office_new_family"), FAMILY | wrong)
    assert page.status_code == 422 and page.context["form"].errors
    assert User.objects.count() == before
    kept = {"phone": FAMILY["phone"], "name": FAMILY["name"]} | {
        k: v for k, v in wrong.items() if k in {"phone", "name"}
    }
    assert [page.context["form"][name].value() for name in kept] == list(kept.values())


def test_the_form_sent_twice_makes_one_family(desk):
    for _press in range(2):
        desk.post(reverse("office_new_family"), FAMILY)
        desk.post(
            reverse("office_child_add", args=[User.objects.get(email=FAMILY["email"]).pk]), CHILD | born(9)
        )
    assert User.objects.filter(email=FAMILY["email"]).count() == 1 and Child.objects.count() == 1


def test_a_contact_is_corrected_but_never_the_address(desk, parent):
    url = reverse("office_person_change", args=[parent.pk])
    changed = {
        "name": "Salwa El Fassi",
        "phone": "0677889900",
        "language": "en",
        "email": "thief@example.org",
    }
    desk.post(url, changed)
    parent.refresh_from_db()
    assert (parent.name, str(parent.phone), parent.language) == ("Salwa El Fassi", "+212677889900", "en")
    assert parent.email == "parent@example.org" and found("fassi") == [parent.name]


@pytest.mark.parametrize("page", ["office_person", "office_person_change", "office_child_add", "office_card"])
def test_a_colleagues_account_is_not_worked_with_here(desk, instructor, page):
    assert desk.get(reverse(page, args=[instructor.pk])).status_code == 404
    assert desk.get(reverse(page, args=[99999])).status_code == 404


# ---- the card


@pytest.fixture
def without_address(db):
    return UserFactory(email=None, name="Fatna Drissi", phone="+212655000011", language="ar")


def card_link(desk, person) -> str:
    page = desk.post(reverse("office_card", args=[person.pk]))
    assert "<svg" in page.content.decode()
    return page.context["link"].removeprefix("http://localhost:8000")


def test_a_card_opens_the_account_once_on_the_telephone_that_presses(desk, client, without_address):
    link = card_link(desk, without_address)
    assert "/ar/card/" in link and LoginCard.objects.get().token_hash not in link
    phone = type(client)()
    for _preview in range(3):  # a scanner, a preview: looking changes nothing
        assert phone.get(link).status_code == 200 and "_auth_user_id" not in phone.session
    assert phone.post(link).status_code == 302
    assert phone.get(reverse("family")).status_code == 200
    assert phone.session.get_expiry_age() > 80 * 24 * 3600
    assert phone.post(link).status_code == 302, "the same button again on the same telephone"
    stranger = type(client)()
    assert stranger.post(link).status_code == 410 and "_auth_user_id" not in stranger.session


def test_a_new_card_stops_the_one_before(desk, client, without_address):
    old, new = card_link(desk, without_address), card_link(desk, without_address)
    phone = type(client)()
    assert phone.post(old).status_code == 410 and phone.post(new).status_code == 302


def test_a_card_runs_out_and_a_wrong_code_is_not_found(client, front_desk, without_address):
    at = timezone.now() - login_cards.LASTS
    _card, token = login_cards.issue(without_address, by=front_desk, at=at)
    assert client.get(reverse("login_card", args=[token])).status_code == 410
    assert client.post(reverse("login_card", args=[token])).status_code == 410
    assert client.get(reverse("login_card", args=["x" + token])).status_code == 404


def test_nobody_of_the_team_and_nobody_with_an_address_gets_a_card(desk, front_desk, parent):
    assert desk.post(reverse("office_card", args=[parent.pk])).status_code == 404
    colleague = StaffFactory(email=None, role="Programme managers")
    for person in (parent, colleague):
        with pytest.raises(login_cards.NoCard):
            login_cards.issue(person, by=front_desk, at=timezone.now())
    assert not LoginCard.objects.exists()


def test_a_role_given_later_closes_the_card(client, front_desk, without_address):
    _card, token = login_cards.issue(without_address, by=front_desk, at=timezone.now())
    without_address.groups.add(front_desk.groups.get())
    assert client.post(reverse("login_card", args=[token])).status_code == 410


def test_what_no_letter_can_say_waits_at_the_desk_until_it_is_said(desk, front_desk, without_address):
    child = ChildFactory(guardian=without_address)
    letter = outbox.write(
        "collection_changed", to=without_address, at=timezone.now(), child=child, names=[], alone=True, by="x"
    )
    assert letter.channel == "desk" and delivery.send_due(timezone.now()) == 0 and not mail.outbox
    assert letter.subject in desk.get(reverse("office_people")).content.decode().replace("&#x27;", "'")
    for _press in range(2):
        desk.post(reverse("office_told", args=[letter.pk]))
    letter.refresh_from_db()
    assert (letter.state, letter.told_by_ref) == ("sent", front_desk.pk)
    assert letter.subject not in desk.get(reverse("office_people")).content.decode()


# ---- the file


def test_opening_a_file_is_recorded_and_searching_is_not(desk, front_desk, parent):
    child = ChildFactory(guardian=parent, first_name="Salma")
    desk.get(reverse("office_people"), {"q": "salma"})
    assert not ReadRecord.objects.exists()
    assert "Salma" in desk.get(file_of(child)).content.decode()
    looked = ReadRecord.objects.get()
    assert (looked.what, looked.child_ref, looked.by_ref, looked.role) == (
        "file",
        child.pk,
        front_desk.pk,
        "Front desk",
    )


def test_what_may_be_said_to_a_caller_stands_on_the_file(desk, parent):
    child = ChildFactory(guardian=parent)
    assert "Rappelez le numéro du dossier" in desk.get(file_of(child)).content.decode()
    pickup.protect(child, protected=True)
    text = desk.get(file_of(child)).content.decode()
    assert "Dossier protégé" in text and "pas même que nous connaissons" in text


def test_the_barred_are_shown_to_managers_alone(logged_in, front_desk, manager, parent):
    child = ChildFactory(guardian=parent)
    today = timezone.localdate()
    told = {
        "guardian": "",
        "name": "Hamid Interdit",
        "paper": "judgment",
        "seen_on_day": today.day,
        "seen_on_month": today.month,
        "seen_on_year": today.year,
    }
    url = reverse("office_barred", args=[child.pk])
    assert logged_in(front_desk).post(url, told).status_code == 404 and not Barring.objects.exists()
    client = logged_in(manager)
    assert client.post(url, told | {"paper": ""}).status_code == 422
    assert client.post(url, told | {"seen_on_year": today.year + 1}).status_code == 422
    assert client.post(url, told).status_code == 302
    child.refresh_from_db()
    assert child.is_protected and "Hamid Interdit" in client.get(file_of(child)).content.decode()
    assert "Hamid Interdit" not in logged_in(front_desk).get(file_of(child)).content.decode()
    lift = reverse("office_lift", args=[child.pk, Barring.objects.get().pk])
    assert logged_in(front_desk).post(lift).status_code == 404
    logged_in(manager).post(lift)
    assert Barring.objects.get().lifted_by_ref == manager.pk


def test_a_manager_alone_marks_a_file_as_protected(logged_in, front_desk, manager, parent):
    child, wish = ChildFactory(guardian=parent), {"protected": "yes"}
    url = reverse("office_protected", args=[child.pk])
    assert logged_in(front_desk).post(url, wish).status_code == 404
    assert logged_in(manager).post(url, {"protected": "perhaps"}).status_code == 404
    logged_in(manager).post(url, wish)
    child.refresh_from_db()
    assert child.is_protected


def test_speaking_with_a_guardian_is_ticked_off_once(desk, front_desk, parent):
    child = ChildFactory(guardian=parent)
    pickup.ask_to_speak(child, wish=True)
    assert "demander à l’accueil" in desk.get(file_of(child)).content.decode()
    desk.post(reverse("office_spoken", args=[child.pk]))
    child.refresh_from_db()
    assert child.spoken_by_ref == front_desk.pk and not child.must_be_spoken_for


def test_the_birth_date_of_an_enrolled_child_changes_at_the_desk_and_the_place_is_kept(desk, parent):
    from enrollments.places import admission

    child = ChildFactory(guardian=parent)
    place = admission.enroll(child=child, session=SessionFactory(), by=parent, at=timezone.now())
    url = reverse("office_birth_date", args=[child.pk])
    assert place.session.course.title in desk.get(url).content.decode()
    assert desk.post(url, born(40)).status_code == 422
    assert desk.post(url, born(14)).status_code == 302
    child.refresh_from_db()
    place.refresh_from_db()
    assert child.birth_date.year == timezone.localdate().year - 14 and place.state == "seated"


def test_files_that_may_tell_of_the_same_child_are_shown_to_the_desk_alone(
    desk, client, parent, other_parent
):
    born_on = timezone.localdate().replace(year=timezone.localdate().year - 9, day=1)
    child = ChildFactory(guardian=parent, first_name="Yassine", last_name="Lamrani", birth_date=born_on)
    twin = ChildFactory(guardian=other_parent, first_name="Yassin", last_name="El Amrani", birth_date=born_on)
    ChildFactory(guardian=other_parent, first_name="Salma", last_name="Tazi", birth_date=born_on)
    assert list(desk.get(file_of(child)).context["twins"]) == [twin]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_each_page_speaks_the_language_of_its_address(desk, parent, without_address, language):
    child = ChildFactory(guardian=parent)
    with translation.override(language):
        for url in (
            reverse("office_people") + "?q=salwa",
            reverse("office_person", args=[parent.pk]),
            file_of(child),
            reverse("office_new_family"),
            reverse("office_child_add", args=[parent.pk]),
            reverse("office_birth_date", args=[child.pk]),
            reverse("office_card", args=[without_address.pk]),
            reverse("office_person_change", args=[parent.pk]),
        ):
            page = desk.get(url)
            assert page.status_code == 200 and f'<html lang="{language}"' in page.content.decode()
