"""Payments: receipts numbered without gaps, never changed; a form resubmitted is one receipt;
credit notes.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from enrollments.models import Receipt
from enrollments.money import receipts
from enrollments.places import admission, withdrawal
from enrollments.privacy import erasure
from tests.factories import ChildFactory, SessionFactory, UserFactory, saturday_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def place(parent, now):
    session = SessionFactory(first_on=saturday_in(3), price=1200, minimum=0)
    return admission.enroll(
        child=ChildFactory(guardian=parent, age=10, first_name="Salma"), session=session, by=parent, at=now
    )


def take(place, by, at, amount="100", key=None):
    return receipts.receive(
        place.reference,
        amount=Decimal(amount),
        method="cash",
        payer=None,
        by=by,
        at=at,
        form_key=key or uuid4(),
    )


def test_numbers_run_without_a_gap_within_the_year_of_morocco(place, front_desk):
    last_year = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)  # 22:59 in Morocco too, at UTC since 2026
    taken = [take(place, front_desk, last_year) for _receipt in range(3)]
    taken.append(take(place, front_desk, datetime(2027, 1, 1, 0, 1, tzinfo=UTC)))
    assert [receipt.code for receipt in taken] == ["2026-000001", "2026-000002", "2026-000003", "2027-000001"]


def test_the_same_form_five_times_is_one_receipt(place, front_desk, now):
    key = uuid4()
    assert len({take(place, front_desk, now, key=key).pk for _press in range(5)}) == 1
    assert Receipt.objects.get().amount == 100


@pytest.mark.parametrize("amount", ["0", "-5", "1.005"])
def test_an_amount_that_is_none_is_refused_and_no_number_is_lost(place, front_desk, now, amount):
    with pytest.raises(receipts.Refused):
        take(place, front_desk, now, amount)
    assert take(place, front_desk, now).number == 1


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_change_a_receipt(place, front_desk, now, act):
    take(place, front_desk, now)
    with pytest.raises(DatabaseError, match="receipts never change"), transaction.atomic():
        Receipt.objects.update(amount=5) if act == "update" else Receipt.objects.all().delete()


def test_credit_notes_give_back_what_one_receipt_says_at_most(place, manager, now):
    receipt = take(place, manager, now, "1200")
    with pytest.raises(receipts.Refused):
        receipts.give_back(
            receipt, amount=Decimal(1201), reason="twice", by=manager, at=now, form_key=uuid4()
        )
    note = receipts.give_back(
        receipt, amount=Decimal(600), reason="left", by=manager, at=now, form_key=uuid4()
    )
    assert (note.number, note.amount, note.corrects) == (2, -600, receipt)
    with pytest.raises(receipts.Refused):
        receipts.give_back(receipt, amount=Decimal(601), reason="left", by=manager, at=now, form_key=uuid4())
    with pytest.raises(receipts.Refused):
        receipts.give_back(note, amount=Decimal(1), reason="left", by=manager, at=now, form_key=uuid4())
    assert receipts.account_of(place.reference).paid == 600


def test_what_is_due_follows_the_places_held(place, parent, manager, now):
    assert receipts.account_of(place.reference).due == 1200
    take(place, manager, now, "1200")
    assert receipts.account_of(place.reference).due == 0
    withdrawal.withdraw(place, by=parent, at=now)
    account = receipts.account_of(place.reference)
    assert (account.due, account.too_much) == (0, 1200)


def test_paid_at_the_desk_with_the_receipt_in_hand(logged_in, front_desk, parent, place):
    client, url = logged_in(front_desk), reverse("office_till", args=[place.reference])
    page = client.get(url).content.decode()
    key = page.split('name="form_key" value="')[1].split('"')[0]
    wrong = client.post(url, {"amount": "douze", "method": "cash", "form_key": key})
    assert wrong.status_code == 422 and not Receipt.objects.exists()
    typed = {"amount": "1200", "method": "cash", "payer": parent.pk, "form_key": key, "seen": "0"}
    answers = {client.post(url, typed).url for _press in range(3)}
    receipt = Receipt.objects.get()
    assert answers == {reverse("office_receipt", args=[receipt.pk])}
    paper = client.get(answers.pop()).content.decode()
    assert (
        receipt.code in paper
        and "Salma" in paper
        and parent.name in paper
        and front_desk.get_short_name() in paper
    )
    assert reverse("office_credit_note", args=[receipt.pk]) not in paper, "the desk gives nothing back"


def test_a_stranger_is_not_taken_for_the_payer(logged_in, front_desk, place):
    url = reverse("office_till", args=[place.reference])
    typed = {"amount": "1200", "method": "cash", "payer": UserFactory().pk, "form_key": uuid4()}
    assert logged_in(front_desk).post(url, typed).status_code == 422


def test_a_protected_childs_paper_shows_initials(logged_in, front_desk, place, now):
    place.child.is_protected = True
    place.child.save()
    receipt = take(place, front_desk, now)
    assert (
        "Salma"
        not in logged_in(front_desk).get(reverse("office_receipt", args=[receipt.pk])).content.decode()
    )


def test_a_manager_gives_money_back_with_a_reason(logged_in, manager, place, now):
    receipt = take(place, manager, now, "1200")
    client, url = logged_in(manager), reverse("office_credit_note", args=[receipt.pk])
    typed = {"amount": "600", "reason": "left", "seen": "1200"}
    assert client.post(url, typed | {"form_key": uuid4(), "reason": ""}).status_code == 422
    answer = client.post(url, typed | {"form_key": uuid4()})
    assert "Avoir" in client.get(answer.url).content.decode()
    again = client.post(url, typed | {"form_key": uuid4()})
    assert again.status_code == 422 and Receipt.objects.count() == 2, "the sum it saw has changed"
    assert client.post(url, typed | {"form_key": uuid4(), "seen": "600"}).status_code == 302
    assert client.post(url, typed | {"form_key": uuid4(), "seen": "0"}).status_code == 422, "used up"


def test_an_erased_accounts_receipts_stay_without_a_name(parent, place, manager, now):
    receipt = receipts.receive(
        place.reference,
        amount=Decimal(100),
        method="cash",
        payer=parent,
        by=manager,
        at=now,
        form_key=uuid4(),
    )
    withdrawal.withdraw(place, by=parent, at=now)
    erasure.erase_account(parent, by=parent, at=now)
    receipt.refresh_from_db()
    assert receipt.payer is None and receipt.amount == 100


def test_no_way_of_paying_is_chosen_for_the_desk(logged_in, front_desk, parent, now):
    """One press alone, with the amount and the payer proposed, issues no numbered receipt."""
    seat = admission.enroll(child=ChildFactory(guardian=parent), session=SessionFactory(), by=parent, at=now)
    client, url = logged_in(front_desk), reverse("office_till", args=[seat.reference])
    page = client.get(url)
    form = page.context["form"]
    proposed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert "method" not in proposed and {"amount", "payer"} <= set(proposed)
    radios = re.findall(r'<input type="radio" name="method"[^>]*>', page.content.decode())
    assert radios and all("required" in radio and "checked" not in radio for radio in radios)
    assert client.post(url, proposed | {"payer": parent.pk}).status_code == 422
    assert not Receipt.objects.exists()
    assert client.post(url, proposed | {"payer": parent.pk, "method": "cash"}).status_code == 302
