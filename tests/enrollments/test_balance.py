"""What a family reads of money on the confirmation, its paper and the page of leaving: the desk's figures."""

import io
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from pypdf import PdfReader

from enrollments.money import receipts
from enrollments.places import basket
from tests.factories import CourseFactory, GuardianshipFactory, UserFactory
from tests.queues import join, soon, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def said(text: str) -> str:
    plain = text.replace("\xa0", " ").replace("\u2060", "").replace("\u202f", " ").replace("’", "'")
    return " ".join(plain.split())


@pytest.fixture
def bank(academy_settings):
    academy_settings.bank_details = "RIB 007 640 0001"
    academy_settings.save()


@pytest.fixture
def row(parent, now):
    return join(soon(price=1600, capacity=3), ten(parent, first_name="Salma"), at=now, by=parent)


def pay(row, amount, by, at):
    receipts.receive(
        row.reference, amount=Decimal(amount), method="cash", payer=None, by=by, at=at, form_key=uuid4()
    )


def page_of(client, row) -> str:
    return said(client.get(reverse("enrollment", args=[row.reference])).content.decode())


def paper_of(client, row) -> str:
    body = client.get(reverse("reference_paper", args=[row.reference])).content
    return said(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages))


# ---- the confirmation


@pytest.mark.usefixtures("bank")
@pytest.mark.parametrize(
    ("paid", "left", "asks"), [(0, "1 600,00 DH", True), (600, "1 000,00 DH", True), (1600, "0,00 DH", False)]
)
def test_the_confirmation_and_its_paper_say_what_was_paid_and_what_is_left(
    logged_in, parent, front_desk, row, now, paid, left, asks
):
    if paid:
        pay(row, paid, front_desk, now)
    client = logged_in(parent)
    page, paper = page_of(client, row), paper_of(client, row)
    assert ("Comment payer" in page, "RIB 007" in page) == (asks, asks)
    assert (f"<strong>{left}</strong> à l'accueil" in page) == asks
    assert ("<dt>Payé</dt>" in page) == bool(paid)
    assert (f"Reste à payer</strong></dt> <dd><strong>{left}" in page) == bool(paid)
    assert f"Reste à payer : {left}." in paper
    family = said(client.get(reverse("family")).content.decode())
    assert (f"<strong>{left}</strong>" in family) == asks


def test_each_sheet_of_a_reference_says_that_the_payment_is_for_all_its_sessions(
    logged_in, parent, front_desk, now
):
    child = ten(parent)
    one, two = soon(price=1600, capacity=3), soon(course=CourseFactory(code="code-x"), price=900, capacity=3)
    sibling = ten(parent, first_name="Lina")
    rows = basket.confirm([(child.pk, one.pk), (sibling.pk, two.pk)], by=parent, at=now, keep_what_fits=False)
    pay(rows[0], 2000, front_desk, now)
    paper = paper_of(logged_in(parent), rows[0])
    words = "Payé pour toutes les sessions de cette référence : 2 000,00 DH. Reste à payer : 500,00 DH."
    assert paper.count(words) == 2
    assert "Prix : 1 600,00 DH" in paper and "Prix : 900,00 DH" in paper


def test_more_than_is_due_is_to_be_refunded(logged_in, parent, front_desk, row, now):
    pay(row, 1700, front_desk, now)
    page = page_of(logged_in(parent), row)
    assert "À rembourser</strong></dt> <dd><strong>100,00 DH" in page and "Reste à payer" not in page


@pytest.mark.usefixtures("bank")
def test_who_is_kept_informed_sees_no_payment(logged_in, front_desk, row, now):
    informed = UserFactory(language="fr")
    GuardianshipFactory(child=row.child, guardian=informed, rights="informed", relation="other")
    pay(row, 600, front_desk, now)
    client = logged_in(informed)
    page = page_of(client, row)
    assert "RIB" not in page and "600,00 DH</dd>" not in page.replace("1 600,00", "")
    assert "Reste à payer" not in page + paper_of(client, row)
