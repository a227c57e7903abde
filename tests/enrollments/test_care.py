"""Pick-up lists, and safety notes with dedicated keys."""

import logging
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from enrollments.families import pickup, safety_notes
from enrollments.letters import delivery
from enrollments.models import Letter, ReadRecord, SafetyNote
from enrollments.places import admission
from enrollments.privacy import data_export
from tests.factories import ChildFactory, GuardianshipFactory, SessionFactory

pytestmark = pytest.mark.django_db
SECRET = {
    "may_happen": "Arachides-Zanzibar",
    "what_to_do": "Stylo-Orange",
    "medicine": "Sac-Violet",
    "whom_to_call": "Tante-Quartz",
}


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, first_name="Salma", age=8)


@pytest.fixture
def takes_notes(academy_settings):
    academy_settings.cndp_number = "D-000/2026"
    academy_settings.save()


def collection_form(*persons, alone="no", **more):
    """Return the browser's form data: the rows as shown on the screen."""
    data = {"person-TOTAL_FORMS": len(persons), "person-INITIAL_FORMS": 0, "may_go_alone": alone}
    for number, (name, relation, phone) in enumerate(persons):
        data |= {
            f"person-{number}-name": name,
            f"person-{number}-relation": relation,
            f"person-{number}-phone": phone,
        }
    return data | more


# ---- going home


def test_the_way_home_is_said_on_one_screen_and_told_to_all_full_guardians(
    logged_in, parent, other_parent, child
):
    GuardianshipFactory(child=child, guardian=other_parent)
    informed = GuardianshipFactory(child=child, rights="informed").guardian
    form = collection_form(
        ("Fatima", "grand-mère", "٠٦١٢٣٤٥٦٧٨"), emergency_name="Ali", emergency_phone="00212 612345679"
    )
    assert logged_in(parent).post(reverse("child_collection", args=[child.pk]), form).status_code == 302
    child.refresh_from_db()
    person = child.pickup_persons.get()
    assert (person.name, person.relation, str(person.phone)) == ("Fatima", "grand-mère", "+212612345678")
    assert (child.may_go_alone, child.emergency_name, str(child.emergency_phone)) == (
        False,
        "Ali",
        "+212612345679",
    )
    assert child.collection_confirmed_at
    assert set(Letter.objects.values_list("recipient", flat=True)) == {parent.pk, other_parent.pk}
    assert informed.letters.count() == 0


def test_the_same_form_again_tells_nobody_twice(logged_in, parent, child):
    form = collection_form(("Fatima", "grand-mère", "0612345678"))
    for _time in range(3):
        logged_in(parent).post(reverse("child_collection", args=[child.pk]), form)
    assert (child.pickup_persons.count(), Letter.objects.count()) == (1, 1)


def test_alone_is_off_until_a_full_guardian_allows_it(logged_in, parent, child):
    assert child.may_go_alone is False
    logged_in(parent).post(reverse("child_collection", args=[child.pk]), collection_form(alone="yes"))
    child.refresh_from_db()
    assert child.may_go_alone is True
    assert "peut rentrer sans adulte" in Letter.objects.get().body


def test_a_person_is_taken_off_the_list(logged_in, parent, child):
    at = timezone.now()
    pickup.settle_collection(
        child,
        persons=[{"name": "Fatima", "relation": "tante", "phone": "+212612345678"}],
        may_go_alone=False,
        emergency={"name": "", "relation": "", "phone": ""},
        by=parent,
        at=at,
    )
    form = collection_form(
        ("Fatima", "tante", "+212612345678"), **{"person-0-DELETE": "on", "person-INITIAL_FORMS": 1}
    )
    assert logged_in(parent).post(reverse("child_collection", args=[child.pk]), form).status_code == 302
    assert child.pickup_persons.count() == 0 and Letter.objects.count() == 2


WRONG = [
    "",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "a@b.org",
    "12345",
    "🙂",
    "http://x.org",
]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_name_is_refused_with_a_sentence_and_what_was_typed_stays(logged_in, parent, child, name):
    form = collection_form((name, "tante", "0612345678"))
    answer = logged_in(parent).post(reverse("child_collection", args=[child.pk]), form)
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert 'value="tante"' in answer.content.decode() and "<script>alert" not in answer.content.decode()
    assert child.pickup_persons.count() == 0


@pytest.mark.parametrize("phone", ["", "12", "abc", "06123456789999", "<b>", "🙂"])
def test_a_wrong_number_is_refused(logged_in, parent, child, phone):
    answer = logged_in(parent).post(
        reverse("child_collection", args=[child.pk]), collection_form(("Fatima", "tante", phone))
    )
    assert answer.status_code == 422 and child.pickup_persons.count() == 0


def test_more_than_six_persons_or_one_twice_is_refused(logged_in, parent, child):
    seven = [(f"Fatima {letter}", "tante", f"061234567{number}") for number, letter in enumerate("ABCDEFG")]
    twice = [("Fatima", "tante", "0612345678")] * 2
    for persons in (seven, twice):
        answer = logged_in(parent).post(
            reverse("child_collection", args=[child.pk]), collection_form(*persons)
        )
        assert answer.status_code == 422
    assert child.pickup_persons.count() == 0


@pytest.mark.parametrize("route", ["child_collection", "child_change"])
def test_an_informed_guardian_and_a_stranger_change_nothing(logged_in, other_parent, child, route):
    address = reverse(route, args=[child.pk])
    missing = (
        logged_in(other_parent)
        .get(reverse(route, args=[999_999]))
        .content.replace(b"/999999/", b"/%d/" % child.pk)
    )
    assert logged_in(other_parent).get(address).content == missing
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    assert logged_in(other_parent).post(address, collection_form()).status_code == 404


# ---- speak with me first


def test_the_wish_to_speak_stands_until_the_desk_has_ticked_it(logged_in, parent, front_desk, child):
    logged_in(parent).post(reverse("child_safety", args=[child.pk]), {"speak_first": "yes"})
    child.refresh_from_db()
    assert child.must_be_spoken_for
    assert pickup.note_spoken(child, by=front_desk, at=timezone.now()) is True
    assert pickup.note_spoken(child, by=front_desk, at=timezone.now()) is False
    child.refresh_from_db()
    assert not child.must_be_spoken_for
    pickup.ask_to_speak(child, wish=False)
    pickup.ask_to_speak(child, wish=True)
    child.refresh_from_db()
    assert child.must_be_spoken_for  # asked anew


# ---- the safety note


def test_no_note_is_taken_without_the_cndp_number(logged_in, parent, child, academy_settings):
    page = logged_in(parent).get(reverse("child_safety", args=[child.pk])).content.decode()
    assert 'name="may_happen"' not in page and 'name="speak_first"' in page
    logged_in(parent).post(reverse("child_safety", args=[child.pk]), {"speak_first": "no", **SECRET})
    assert not SafetyNote.objects.exists()
    with pytest.raises(PermissionError):
        safety_notes.write_note(child, parts=SECRET, by=parent, at=timezone.now())


def test_the_note_cannot_be_read_in_the_database(logged_in, parent, child, takes_notes):
    logged_in(parent).post(reverse("child_safety", args=[child.pk]), {"speak_first": "no", **SECRET})
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = str(cursor.fetchall())
            assert [word for word in SECRET.values() if word in rows] == [], table
    assert safety_notes.open_note(SafetyNote.objects.get()) == SECRET
    page = logged_in(parent).get(reverse("child_safety", args=[child.pk])).content.decode()
    assert all(word in page for word in SECRET.values())


def test_an_informed_guardian_reads_the_note_and_writes_none(
    logged_in, other_parent, parent, child, takes_notes
):
    safety_notes.write_note(child, parts=SECRET, by=parent, at=timezone.now())
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    client = logged_in(other_parent)
    page = client.get(reverse("child_safety", args=[child.pk])).content.decode()
    assert SECRET["may_happen"] in page and "<textarea" not in page
    assert client.post(reverse("child_safety", args=[child.pk]), {"speak_first": "no"}).status_code == 404


def test_four_empty_parts_erase_the_note(logged_in, parent, child, takes_notes):
    safety_notes.write_note(child, parts=SECRET, by=parent, at=timezone.now())
    empty = dict.fromkeys(SECRET, "")
    assert (
        logged_in(parent)
        .post(reverse("child_safety", args=[child.pk]), {"speak_first": "no", **empty})
        .status_code
        == 302
    )
    assert not SafetyNote.objects.exists()


def test_a_wrong_key_says_that_a_note_exists_and_is_never_written_over(
    logged_in, parent, front_desk, child, takes_notes, settings
):
    safety_notes.write_note(child, parts=SECRET, by=parent, at=timezone.now())
    sealed = SafetyNote.objects.get().sealed
    for keys in ([Fernet.generate_key().decode()], []):
        settings.SAFETY_KEYS = keys
        page = logged_in(parent).get(reverse("child_safety", args=[child.pk])).content.decode()
        assert (
            "nous ne pouvons pas la lire en ce moment" in page
            and "tel:+212539000000" in page
            and "<textarea" not in page
        )
        empty = dict.fromkeys(SECRET, "")
        logged_in(parent).post(reverse("child_safety", args=[child.pk]), {"speak_first": "no", **empty})
        assert SafetyNote.objects.get().sealed == sealed
        page = logged_in(front_desk).post(
            reverse("office_safety_note", args=[child.pk]), {"reason": "incident"}
        )
        assert "nous ne pouvons pas la lire en ce moment" in page.content.decode()


def test_keys_are_changed_twice_and_the_note_stays(parent, child, takes_notes, settings):
    safety_notes.write_note(child, parts=SECRET, by=parent, at=timezone.now())
    for _time in range(2):
        settings.SAFETY_KEYS = [Fernet.generate_key().decode(), *settings.SAFETY_KEYS]
        for _run in range(2):  # safe to run twice
            call_command("rotate_safety_keys", stdout=StringIO())
        settings.SAFETY_KEYS = settings.SAFETY_KEYS[:1]
        assert safety_notes.open_note(SafetyNote.objects.get()) == SECRET


def test_the_rotation_tells_what_no_key_opens_and_leaves_it(parent, child, takes_notes, settings):
    safety_notes.write_note(child, parts=SECRET, by=parent, at=timezone.now())
    sealed, old = SafetyNote.objects.get().sealed, settings.SAFETY_KEYS
    settings.SAFETY_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError):
        call_command("rotate_safety_keys", stdout=StringIO())
    assert SafetyNote.objects.get().sealed == sealed
    settings.SAFETY_KEYS = old
    assert safety_notes.open_note(SafetyNote.objects.get()) == SECRET


def test_the_desk_opens_the_note_with_a_reason_that_is_kept(
    logged_in, parent, front_desk, instructor, editor, child, takes_notes
):
    safety_notes.write_note(child, parts=SECRET, by=parent, at=timezone.now())
    address = reverse("office_safety_note", args=[child.pk])
    for nobody in (parent, instructor, editor):
        assert logged_in(nobody).post(address, {"reason": "incident"}).status_code == 404
    client = logged_in(front_desk)
    assert SECRET["may_happen"] not in client.get(address).content.decode()
    for wrong in ("", "curious", "x" * 5000):
        answer = client.post(address, {"reason": wrong})
        assert answer.status_code == 422 and SECRET["may_happen"] not in answer.content.decode()
    assert not ReadRecord.objects.exists()
    answer = client.post(address, {"reason": "incident"})
    assert SECRET["may_happen"] in answer.content.decode() and answer["Cache-Control"] == "no-store"
    assert list(ReadRecord.objects.values_list("what", "child_ref", "by_ref", "reason")) == [
        ("safety_note", child.pk, front_desk.pk, "incident")
    ]


def test_the_words_of_a_note_are_on_its_own_screens_and_nowhere_else(
    logged_in, parent, other_parent, instructor, front_desk, manager, takes_notes, caplog
):
    """In no log, letter, list or cache, and in no copy but that of a guardian (trust 32)."""
    caplog.set_level(logging.DEBUG)
    child = ChildFactory(guardian=parent, first_name="Salma")
    session = SessionFactory(first_on=timezone.localdate(), instructors=[instructor])
    admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    form = {"speak_first": "yes", **SECRET}
    assert logged_in(parent).post(reverse("child_safety", args=[child.pk]), form).status_code == 302
    note = reverse("office_safety_note", args=[child.pk])
    opened = logged_in(front_desk).post(note, {"reason": "incident"})
    assert SECRET["may_happen"] in opened.content.decode()
    delivery.send_due(timezone.now())

    lists = {
        reverse("desk_roster", args=[session.pk]): instructor,
        reverse("office_roster", args=[session.pk]): front_desk,
        reverse("office_day_pack"): front_desk,
        reverse("office_child", args=[child.pk]): manager,
        reverse("family"): parent,
        reverse("child", args=[child.pk]): parent,
    }
    answers = [logged_in(who).get(address) for address, who in lists.items()]
    assert {answer.status_code for answer in answers} == {200}
    export = logged_in(manager).get(reverse("office_session_export", args=[session.pk]))
    cells = [cell.value for row in load_workbook(BytesIO(export.content)).active for cell in row]
    assert mail.outbox and "Salma" in cells
    everywhere = [
        caplog.text,
        str(cells),
        str(data_export.told_of(other_parent, timezone.now())),
        *(answer.content.decode() for answer in answers),
        *(str(each.message()) for each in mail.outbox),
        *(str(value) for name in settings.CACHES for value in caches[name]._cache.values()),
    ]
    assert SECRET["may_happen"] in str(data_export.told_of(parent, timezone.now()))
    assert [word for word in SECRET.values() if any(word in text for text in everywhere)] == []


# ---- once a year


def test_what_is_written_is_confirmed_once_a_year(logged_in, parent, child):
    from enrollments.places.eligibility import confirmation_due

    at = timezone.now()
    assert not confirmation_due(child, at + timedelta(days=365) - timedelta(minutes=1))
    assert confirmation_due(child, child.created_at + timedelta(days=365, seconds=1))
    began = timezone.localdate(at) + timedelta(days=100)
    later = at + timedelta(days=101)
    assert confirmation_due(child, later, began) and not confirmation_due(
        child, later, began + timedelta(days=9)
    )
    type(child).objects.filter(pk=child.pk).update(confirmed_at=at - timedelta(days=400))
    assert logged_in(parent).post(reverse("confirm_data")).status_code == 302
    child.refresh_from_db()
    assert not confirmation_due(child, timezone.now())


def test_data_not_confirmed_stands_in_the_way_of_a_new_place_and_one_button_mends_it(
    logged_in, parent, child
):
    from tests.factories import SessionFactory

    session = SessionFactory(course__band="A")
    type(child).objects.filter(pk=child.pk).update(confirmed_at=timezone.now() - timedelta(days=400))
    address = reverse("enroll", args=[session.pk])
    client = logged_in(parent)
    assert f"{reverse('confirm_data')}?next={address}" in client.get(address).content.decode()
    assert client.post(address, {"children": [child.pk]}).status_code == 422
    assert client.post(reverse("confirm_data"), {"next": address}).url == address
    assert client.post(address, {"children": [child.pk]}).status_code == 302
