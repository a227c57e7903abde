"""The office's box finds every number that we ask families to quote, as they type it."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from enrollments.families import quoted_numbers
from enrollments.letters import outbox
from enrollments.models import Enrollment, Letter
from enrollments.money import receipts
from enrollments.places import admission
from tests.factories import ChildFactory, GuardianshipFactory
from tests.queues import join, soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
WAYS = [
    lambda code: code,
    str.lower,
    lambda code: code.replace("-", " "),
    lambda code: code.replace("-", ""),
    lambda code: code.replace("-", "–"),
    lambda code: code.replace("-", "\u2011"),
    lambda code: f"  {code}\u200f ",
    lambda code: code.translate(EASTERN),
    lambda code: f"n° {code}",
]


@pytest.fixture
def place(parent):
    row = join(soon(), ChildFactory(guardian=parent, age=10), at=timezone.now())
    Enrollment.objects.filter(pk=row.pk).update(reference="AL-7K3Q2P")
    row.refresh_from_db()
    return row


@pytest.fixture
def receipt(place, parent, front_desk):
    return receipts.receive(
        place.reference, amount=Decimal(100), method="cash", payer=parent, by=front_desk,
        at=timezone.now(), form_key=uuid4(), seen=Decimal(0),
    )  # fmt: skip


def asked(client, text):
    page = client.get(reverse("office_people"), {"q": text})
    assert page.status_code == 200
    return page


@pytest.mark.parametrize(
    "way", [*WAYS, lambda code: code[3:], lambda code: "al 7k3 q2p", lambda code: "7k3-q2p"]
)
def test_a_reference_leads_to_its_place_its_family_and_its_payments(desk, parent, place, way):
    words = asked(desk, way(place.reference)).content.decode()
    assert reverse("office_person", args=[parent.pk]) in words and parent.name in words
    assert reverse("office_place", args=[place.pk]) in words and place.child.full_name in words
    assert reverse("office_till", args=[place.reference]) in words


@pytest.mark.parametrize("way", WAYS)
def test_a_message_number_leads_to_the_message(desk, parent, way):
    letter = outbox.write("guardian_added", to=parent, at=timezone.now(), name="Karim", child=None)
    words = asked(desk, way(str(letter))).content.decode()
    assert reverse("office_letter", args=[letter.pk]) in words and letter.subject in words.replace(
        "&#x27;", "'"
    )
    box = desk.get(reverse("office_letters"), {"number": way(str(letter))})
    assert box.url == reverse("office_letter", args=[letter.pk])


def test_a_message_that_may_hold_a_code_shows_no_subject(desk, parent):
    at = timezone.now()
    letter = outbox.write_account(
        address=parent.email, user=parent, subject="123456", body="x", language="fr", at=at
    )
    words = asked(desk, str(letter)).content.decode()
    assert reverse("office_letter", args=[letter.pk]) in words and "123456" not in words


@pytest.mark.parametrize(
    "way", [*WAYS, lambda code: code.replace("-000", "/"), lambda code: code.replace("-00000", " ")]
)
def test_a_receipt_number_leads_to_the_receipt_and_says_who_paid(desk, parent, receipt, way):
    words = asked(desk, way(receipt.code)).content.decode()
    assert reverse("office_receipt", args=[receipt.pk]) in words and parent.name in words


def test_every_guardian_with_an_open_account_stands_beside_the_place(desk, parent, other_parent, place):
    GuardianshipFactory(child=place.child, guardian=other_parent, rights="informed")
    closed = GuardianshipFactory(child=place.child, guardian__is_active=False).guardian
    words = asked(desk, place.reference).content.decode()
    pages = [reverse("office_person", args=[person.pk]) for person in (parent, other_parent, closed)]
    assert [page in words for page in pages] == [True, True, False]


def test_a_reference_of_two_children_asks_as_much_as_one(queries, parent, now):
    asked = []
    for names in (["Lina"], ["Adam", "Sami"]):
        family = [ChildFactory(guardian=parent, age=10, first_name=name) for name in names]
        rows = admission.enroll_together(children=family, session=soon(capacity=3), by=parent, at=now)
        with queries() as seen:
            found = quoted_numbers.find(rows[0].reference)
        assert [tie.guardian for row in found.places for tie in row.child.known_ties] == [parent] * len(rows)
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 2


def test_a_credit_note_is_found_by_its_number(desk, receipt, manager):
    note = receipts.give_back(
        receipt, amount=Decimal(40), reason="left", by=manager, at=timezone.now(), form_key=uuid4(),
        seen=Decimal(100),
    )  # fmt: skip
    words = asked(desk, note.code.replace("-", " ")).content.decode()
    assert reverse("office_receipt", args=[note.pk]) in words
    assert reverse("office_receipt", args=[receipt.pk]) not in words


@pytest.mark.parametrize(
    "text",
    ["", "Salwan", "SALMAN", "234567", "06 12 34 56 78", "AL-", "M-", "m-٠", "AL-000000", "M-" + "9" * 30],
)
def test_what_is_no_number_of_ours_finds_none(desk, place, text):
    assert not quoted_numbers.find(text)
    assert asked(desk, text).context["quoted"].places == []


def test_a_name_or_a_phone_asks_the_database_for_no_number(queries, place):
    with queries() as seen:
        quoted_numbers.find("Salwa El Amrani")
    assert len(seen) == 0


def test_the_page_with_a_number_alone_does_not_say_that_no_family_was_found(desk, place):
    page = asked(desk, place.reference)
    assert not page.context["page_obj"].object_list
    assert 'class="empty' not in page.content.decode()
    assert Letter.objects.exists()
