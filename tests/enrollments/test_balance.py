"""What a family reads of money on the confirmation, its paper and the page of leaving: the desk's figures."""

import io
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.urls import reverse
from pypdf import PdfReader

from enrollments.models import Letter
from enrollments.money import receipts, refund_policy
from enrollments.places import admission, basket, withdrawal
from home.language.dates import money_words
from tests.factories import CourseFactory, GuardianshipFactory, UserFactory, saturday_in
from tests.queues import AT, HOUR, join, soon, ten

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


# ---- what is refunded, and what is still owed after leaving


def leave_page_of(client, row) -> str:
    page = said(client.get(reverse("place_leave", args=[row.pk])).content.decode())
    return page.split("<main")[1].split("</main>")[0]


@pytest.fixture
def late(parent, now):
    """A place in a session of four classes whose first was last Saturday."""
    session = soon(first_on=saturday_in(0) - timedelta(days=7), count=4, price=1600, capacity=3)
    return join(session, ten(parent, first_name="Salma"), at=now, by=parent)


def test_only_the_refunds_still_in_reach_are_listed():
    session = SimpleNamespace(first_at=AT)
    week = timedelta(days=7)
    shown = [
        [str(band.amount) for band in refund_policy.bands_ahead(session, Decimal(1600), moment)]
        for moment in (AT - week - HOUR, AT - week, AT - HOUR, AT)
    ]
    half, none = "800.00", "0.00"
    assert shown == [["1600.00", half, none], [half, none], [half, none], [none]]


def test_who_joins_late_reads_that_nothing_is_refunded_and_no_day_that_has_passed(logged_in, parent, late):
    sentence = "La session a commencé : il n'y a pas de remboursement si vous libérez la place."
    ten(parent, first_name="Lina")
    page = said(logged_in(parent).get(reverse("enroll", args=[late.session_id])).content.decode())
    letter = said(Letter.objects.get(kind="enrolled", recipient=parent).body)
    refunds = page.split('<details class="more">')[-1].split("</details>")[0]
    for text in (refunds, letter):
        assert sentence in text and "jusqu'au" not in text and "ensuite" not in text


def test_a_place_left_without_a_refund_leaves_no_rest_to_pay(logged_in, parent, front_desk, late, now):
    pay(late, 500, front_desk, now)
    page = leave_page_of(logged_in(parent), late)
    rest = late.price - 500
    assert "il n'y a plus de remboursement" in page and "jusqu'au" not in page
    assert f"Vous n'avez plus à payer le reste ({said(money_words(rest))})." in page
    withdrawal.withdraw(late, by=parent, at=now)
    account = receipts.account_of(late.reference)
    assert (account.due, account.too_much) == (0, 0)
    assert "plus à payer le reste" in said(Letter.objects.get(kind="withdrawn").body)


@pytest.mark.parametrize(("paid", "sentence"), [
    (0, "Rien n'a été payé"),
    (1600, "Nous vous rembourserons 1 600,00 DH."),
    (600, "Nous vous rembourserons 600,00 DH."),
])  # fmt: skip
def test_page_and_letter_of_leaving_say_the_sum_that_is_refunded(
    logged_in, parent, front_desk, row, now, paid, sentence
):
    if paid:
        pay(row, paid, front_desk, now)
    page = leave_page_of(logged_in(parent), row)
    assert sentence in page and "au plus" not in page and "sera libérée" in page
    withdrawal.withdraw(row, by=parent, at=now)
    assert sentence in said(Letter.objects.get(kind="withdrawn").body)
    assert receipts.account_of(row.reference).too_much == paid


def test_what_was_paid_for_a_sibling_is_not_refunded_and_their_rest_is_said(
    logged_in, parent, front_desk, now
):
    children = [ten(parent), ten(parent, first_name="Lina")]
    session = soon(price=1600, capacity=3)
    rows = admission.enroll_together(children=children, session=session, by=parent, at=now)
    pay(rows[0], 1000, front_desk, now)
    page = leave_page_of(logged_in(parent), rows[0])
    assert "sert à vos autres places" in page and "a commencé" not in page
    assert "Reste à payer pour vos autres places de cette référence : 600,00 DH." in page
    withdrawal.withdraw(rows[0], by=parent, at=now)
    account = receipts.account_of(rows[0].reference)
    assert (account.due, account.too_much) == (600, 0)
    assert "sert à vos autres places" in said(Letter.objects.get(kind="withdrawn").body)


def test_a_withdrawal_that_another_guardian_may_undo_says_the_refund_too(parent, other_parent, row, now):
    GuardianshipFactory(child=row.child, guardian=other_parent, rights="full", relation="father")
    withdrawal.withdraw(row, by=other_parent, at=now)
    body = said(Letter.objects.filter(kind="leaving", recipient=parent).get().body)
    assert "Si personne ne garde la place : Rien n'a été payé" in body


def test_no_letter_has_a_gap_of_two_blank_lines(parent, now):
    """Nor does a list of refunds follow without one."""
    one, two = soon(price=1600, capacity=3), soon(course=CourseFactory(code="code-x"), price=900, capacity=3)
    pairs = [(ten(parent).pk, one.pk), (ten(parent, first_name="Lina").pk, two.pk)]
    rows = basket.confirm(pairs, by=parent, at=now, keep_what_fits=False)
    withdrawal.withdraw(rows[0], by=parent, at=now)
    bodies = list(Letter.objects.order_by("pk").values_list("body", flat=True))
    assert len(bodies) == 2 and not any("\n\n\n" in body for body in bodies)
    assert bodies[0].count("\n\nSi vous rendez la place") == 2


# ---- a reference that is shared with another family


@pytest.fixture
def shared(parent, front_desk, now):
    """Return Salma's row, and her father, who is nothing to Adam under the same reference; 1600 was paid."""
    salma, adam = ten(parent, first_name="Salma"), ten(parent, first_name="Adam")
    father = GuardianshipFactory(child=salma, guardian=UserFactory(name="Farid Exemple")).guardian
    session = soon(price=1600, capacity=3)
    rows = admission.enroll_together(children=[salma, adam], session=session, by=parent, at=now)
    pay(rows[0], 1600, front_desk, now)
    return SimpleNamespace(row=next(row for row in rows if row.child_id == salma.pk), father=father)


@pytest.mark.usefixtures("bank")
def test_a_father_reads_nothing_of_the_half_brother_under_his_daughters_reference(logged_in, shared):
    client = logged_in(shared.father)
    page, paper = page_of(client, shared.row), paper_of(client, shared.row)
    for text in (page, paper):
        assert "Adam" not in text and "3 200" not in text and "Payé" not in text
    assert "1 600,00 DH" in page
    leaving = said(client.get(reverse("place_leave", args=[shared.row.pk])).content.decode())
    assert "autres places" not in leaving and "3 200" not in leaving


def test_the_mother_reads_the_whole_reference(logged_in, parent, shared):
    page = page_of(logged_in(parent), shared.row)
    assert "3 200,00 DH" in page and "Payé" in page


def test_the_letter_about_a_place_given_up_says_no_rest_that_is_another_familys(parent, shared, now):
    Letter.objects.all().delete()
    withdrawal.withdraw(shared.row, by=parent, at=now)
    letters = list(Letter.objects.all())
    assert {letter.recipient for letter in letters} >= {shared.father}
    for letter in letters:
        assert "autres places" not in said(letter.body), letter.recipient


def test_who_is_kept_informed_reads_no_price_of_a_place(logged_in, row, now):
    informed = GuardianshipFactory(child=row.child, guardian=UserFactory(), rights="informed").guardian
    assert "Prix :" not in paper_of(logged_in(informed), row)
