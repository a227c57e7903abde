"""Money that is not recorded twice, credit notes until a receipt is used up, and papers and refunds that say
later what they said first.
"""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext

from courses.models import Session
from courses.timetable import scheduling
from enrollments.families import guardian_accounts
from enrollments.models import Enrollment, Letter, Receipt, ReceiptPaper
from enrollments.money import papers, receipts
from enrollments.places import admission, offers, withdrawal
from enrollments.privacy import erasure
from tests.factories import ChildFactory, CourseFactory, GuardianshipFactory, SessionFactory, StaffFactory
from tests.queues import DAY, HOUR, join, soon, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def row(parent, now):
    return join(soon(capacity=3, price=1600), ten(parent), at=now, by=parent)


def pay(row, amount, *, by, at, payer=None):
    return receipts.receive(
        row.reference, amount=Decimal(amount), method="cash", payer=payer, by=by, at=at, form_key=uuid4()
    )


def opened(client, url) -> dict:
    """Return what the form on this page sends when only the way of paying is chosen."""
    form = client.get(url).context["form"]
    told = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in told.items() if value is not False} | {
        "payer": "",
        "method": "cash",
    }


# ---- the same money once


def test_two_tills_open_take_the_money_once_and_the_second_is_asked(logged_in, front_desk, row):
    url = reverse("office_till", args=[row.reference])
    colleague = StaffFactory(role="Front desk", name="Nadia Exemple")
    mine, theirs = opened(logged_in(front_desk), url), opened(logged_in(colleague), url)
    assert logged_in(colleague).post(url, theirs).status_code == 302
    client = logged_in(front_desk)
    answer = client.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 422 and Receipt.objects.count() == 1
    assert "Nadia" in page and Receipt.objects.get().code in page and 'type="checkbox"' in page
    form = answer.context["form"]
    again = {name: form[name].value() for name in form.fields if name != "confirmed"} | {"payer": ""}
    assert client.post(url, again).status_code == 422, "still more than is due"
    assert client.post(url, again | {"confirmed": "on"}).status_code == 302
    assert Receipt.objects.count() == 2


def test_back_and_press_again_gives_the_same_receipt(logged_in, front_desk, row):
    url, client = reverse("office_till", args=[row.reference]), logged_in(front_desk)
    sent = opened(client, url)
    first = client.post(url, sent).url
    assert client.post(url, sent).url == first and Receipt.objects.count() == 1


@pytest.mark.parametrize(("amount", "status"), [("1600", 302), ("1600.01", 422), ("99999", 422)])
def test_more_than_is_due_is_asked_about(logged_in, front_desk, row, amount, status):
    url, client = reverse("office_till", args=[row.reference]), logged_in(front_desk)
    sent = opened(client, url) | {"amount": amount}
    answer = client.post(url, sent)
    assert answer.status_code == status
    if status == 422:
        assert amount in answer.content.decode() and not Receipt.objects.exists()


@pytest.mark.parametrize(("after", "taken"), [(9 * MINUTE, True), (10 * MINUTE, False), (DAY, False)])
def test_the_desk_takes_its_own_receipt_back_for_ten_minutes(front_desk, row, now, after, taken):
    receipt = pay(row, 1600, by=front_desk, at=now)
    if taken:
        note = receipts.void(receipt, by=front_desk, at=now + after)
        assert (note.amount, note.corrects) == (Decimal(-1600), receipt)
        assert receipts.void(receipt, by=front_desk, at=now + after) == note, "pressed twice"
        assert receipts.account_of(row.reference).due == 1600
    else:
        with pytest.raises(receipts.Refused, match="late"):
            receipts.void(receipt, by=front_desk, at=now + after)


def test_nobody_takes_a_colleagues_receipt_back(logged_in, front_desk, manager, row, now):
    receipt = pay(row, 1600, by=manager, at=now)
    url = reverse("office_receipt_void", args=[receipt.pk])
    assert url not in logged_in(front_desk).get(reverse("office_receipt", args=[receipt.pk])).content.decode()
    logged_in(front_desk).post(url)
    assert Receipt.objects.count() == 1
    logged_in(manager).post(url)
    assert Receipt.objects.count() == 2


def test_what_was_confirmed_is_the_sum_that_was_seen(front_desk, manager, row, now):
    sent = {"method": "cash", "payer": None, "by": front_desk, "at": now, "seen": Decimal(0)}
    with pytest.raises(receipts.Refused, match="exceeds"):
        receipts.receive(row.reference, amount=Decimal(1700), form_key=uuid4(), confirmed=False, **sent)
    pay(row, 1600, by=manager, at=now)
    with pytest.raises(receipts.Refused, match="changed"):
        receipts.receive(row.reference, amount=Decimal(1700), form_key=uuid4(), confirmed=True, **sent)


def test_a_form_of_a_voided_receipt_or_with_another_amount_is_not_answered_as_done(front_desk, row, now):
    key = uuid4()
    sent = {"method": "cash", "payer": None, "by": front_desk, "at": now, "form_key": key}
    receipt = receipts.receive(row.reference, amount=Decimal(1600), **sent)
    with pytest.raises(receipts.Refused, match="changed"):
        receipts.receive(row.reference, amount=Decimal(700), **sent)
    receipts.void(receipt, by=front_desk, at=now)
    with pytest.raises(receipts.Refused, match="changed"):
        receipts.receive(row.reference, amount=Decimal(1600), **sent)


def test_a_refund_that_became_less_while_the_page_was_open_is_said_first(
    logged_in, parent, front_desk, row, now
):
    pay(row, 1600, by=front_desk, at=now)
    client, url = logged_in(parent), reverse("place_leave", args=[row.pk])
    assert 'name="refund" value="1600.00"' in client.get(url).content.decode()
    Session.objects.filter(pk=row.session_id).update(first_at=now + DAY)
    again = client.post(url, {"refund": "1600.00"})
    assert again.status_code == 409 and 'name="refund" value="800.00"' in again.content.decode()
    assert gettext("The refund has changed while the page was open. Please read it again.") in (
        again.content.decode()
    )
    row.refresh_from_db()
    assert row.state == "seated"
    assert client.post(url, {"refund": "800.00"}).url == reverse("family")


# ---- credit notes until the receipt is used up


def test_two_children_of_one_receipt_leave_one_after_the_other(parent, front_desk, manager, now):
    session = SessionFactory(first_on=now.date() + 20 * DAY, price=1600)
    children = [ChildFactory(guardian=parent, age=10, first_name=name) for name in ("Lina", "Adam")]
    rows = admission.enroll_together(children=children, session=session, by=parent, at=now)
    receipt = pay(rows[0], 3200, by=front_desk, at=now)
    for row in rows:
        withdrawal.withdraw(row, by=parent, at=now)
        owed = receipts.account_of(row.reference).too_much
        assert owed == 1600 and receipts.to_be_corrected([row.reference])[row.reference] == receipt
        receipts.give_back(receipt, amount=owed, reason="left", by=manager, at=now, form_key=uuid4())
    assert receipts.account_of(rows[0].reference).paid == 0
    assert receipts.to_be_corrected([rows[0].reference]) == {}
    with pytest.raises(receipts.Refused, match="corrected"):
        receipts.give_back(receipt, amount=Decimal(1), reason="left", by=manager, at=now, form_key=uuid4())


@pytest.mark.parametrize(
    ("amount", "is_taken"), [("1000", True), ("1000.01", False), ("0", False), ("-5", False)]
)
def test_no_more_is_refunded_than_is_left_of_the_receipt(front_desk, manager, row, now, amount, is_taken):
    receipt = pay(row, 1600, by=front_desk, at=now)
    receipts.give_back(receipt, amount=Decimal(600), reason="left", by=manager, at=now, form_key=uuid4())
    assert receipts.rest_of(receipt) == 1000
    more = {"amount": Decimal(amount), "reason": "left", "by": manager, "at": now, "form_key": uuid4()}
    if is_taken:
        receipts.give_back(receipt, **more)
    else:
        with pytest.raises(receipts.Refused, match="amount"):
            receipts.give_back(receipt, **more)


# ---- what the press said


@pytest.mark.parametrize(("in_days", "moved_by"), [(9, -4), (3, 10)])
def test_a_refund_does_not_change_when_the_academy_moves_a_class(parent, front_desk, now, in_days, moved_by):
    session = SessionFactory(first_on=now.date() + timedelta(days=in_days), price=1600)
    row = join(session, ChildFactory(guardian=parent, age=10), at=now, by=parent)
    pay(row, 1600, by=front_desk, at=now)
    withdrawal.withdraw(row, by=parent, at=now)
    said = receipts.account_of(row.reference).too_much
    first = session.meetings.order_by("number").first()
    scheduling.move(
        first, on=first.on + timedelta(days=moved_by), starts=first.starts, ends=first.ends, at=now
    )
    assert receipts.account_of(row.reference).too_much == said > 0
    body = Letter.objects.filter(kind="withdrawn", recipient=parent).get().body
    assert f"{said:,.0f}".replace(",", "\u202f")[:1] in body


def test_a_withdrawal_taken_back_says_nothing_any_more(parent, other_parent, now):
    child = ChildFactory(guardian=parent, age=10)
    GuardianshipFactory(child=child, guardian=other_parent)
    row = join(soon(price=1600), child, at=now, by=parent)
    withdrawal.withdraw(row, by=other_parent, at=now)
    row.refresh_from_db()
    assert (row.state, row.refund_amount) == ("seated", 1600)
    withdrawal.take_back(row, by=parent, at=now + HOUR)
    row.refresh_from_db()
    assert row.refund_amount is None


def test_a_withdrawal_in_force_after_the_day_of_grace_keeps_what_was_said(parent, other_parent, now):
    child = ChildFactory(guardian=parent, age=10)
    GuardianshipFactory(child=child, guardian=other_parent)
    session = SessionFactory(first_on=now.date() + timedelta(days=8), price=1600)
    row = join(session, child, at=now, by=parent)
    withdrawal.withdraw(row, by=other_parent, at=now)
    from enrollments.places import waiting_list

    waiting_list.settle_due(now + 2 * DAY)
    row.refresh_from_db()
    assert (row.state, row.refund_amount) == ("withdrawn", 1600), (
        "a week before when it was pressed, not after"
    )


@pytest.mark.parametrize("amount", [-1, 1601])
def test_the_database_refuses_a_refund_beyond_the_price(row, amount):
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.filter(pk=row.pk).update(refund_amount=amount)


def test_the_page_of_leaving_speaks_of_money_only_where_some_was_paid(
    logged_in, parent, front_desk, row, now
):
    client, url = logged_in(parent), reverse("place_leave", args=[row.pk])
    page = client.get(url).content.decode()
    assert "Rien n’a été payé" in page and "liste d’attente" not in page.split("<main")[1].split("</form>")[0]
    assert " DH" not in page.replace("\xa0", " ").split("<main")[1].split("</main>")[0]
    pay(row, 1600, by=front_desk, at=now)
    page = client.get(url).content.decode().replace("\xa0", " ")
    assert "Rien n’a été payé" not in page and "800,00 DH" in page


# ---- the paper as it was issued


def test_a_receipt_printed_again_says_the_same(parent, front_desk, logged_in, now):
    first = soon(course=CourseFactory(title_fr="PREMIER"), capacity=3)
    second = soon(course=CourseFactory(title_fr="SECOND"), capacity=3)
    row = join(first, ten(parent), at=now, by=parent)
    receipt = pay(row, row.price, by=front_desk, at=now, payer=parent)
    url, client = reverse("office_receipt", args=[receipt.pk]), logged_in(front_desk)
    before = client.get(url).content.decode().split("<article")[1].split("</article>")[0]
    withdrawal.move(row, second, by=front_desk, at=now)
    guardian_accounts.change_contact(
        parent, name="Autre Nom", phone="+212661000777", language="fr", by=front_desk, at=now
    )
    row.child.first_name = "Autre"
    row.child.save()
    after = client.get(url).content.decode().split("<article")[1].split("</article>")[0]
    assert after == before and "PREMIER" in after and "Salwa Amrani" in after


def test_a_receipt_is_read_in_the_readers_language(row, front_desk, now):
    from django.utils import translation

    receipt = pay(row, 1600, by=front_desk, at=now)
    with translation.override("ar"):
        assert papers.read(receipt, Decimal(0)).lines[0].course == row.session.course.title_ar


def test_a_child_protected_since_stands_on_its_receipt_by_initials(row, front_desk, now):
    receipt = pay(row, 1600, by=front_desk, at=now)
    row.child.is_protected = True
    row.child.save()
    child = row.child
    assert papers.read(receipt, Decimal(0)).lines[0].child == f"{child.first_name[0]}. {child.last_name[0]}."


def test_an_erased_colleague_leaves_no_name_on_a_receipt(row, front_desk, now):
    pay(row, 1600, by=front_desk, at=now)
    papers.forget(person=front_desk.pk)
    assert front_desk.get_short_name() not in str(ReceiptPaper.objects.get().said)


def test_an_older_receipt_says_that_its_words_are_todays(logged_in, row, front_desk, now):
    receipt = pay(row, 1600, by=front_desk, at=now)
    ReceiptPaper.objects.all().delete()
    page = logged_in(front_desk).get(reverse("office_receipt", args=[receipt.pk])).content.decode()
    assert row.child.full_name in page and "ceux d’aujourd’hui" in page


def test_an_erased_family_leaves_no_name_on_a_receipt(row, parent, front_desk, manager, now):
    pay(row, 1600, by=front_desk, at=now, payer=parent)
    name = row.child.full_name
    withdrawal.withdraw(row, by=parent, at=now)
    erasure.erase_account(parent, by=manager, at=now)
    said = str(ReceiptPaper.objects.get().said)
    assert name not in said and parent.name not in said and f"C-{row.child_id}" in said


# ---- the price that was agreed


def test_a_waiting_child_pays_the_lower_of_two_prices(parent, now):
    for then, pays in ((1200, 1200), (2000, 1600)):
        session = soon(capacity=1, price=1600)
        seat, row = join(session, at=now), join(session, ten(parent), at=now, by=parent)
        Session.objects.filter(pk=session.pk).update(price=then)
        withdraw(seat, at=now)
        row.refresh_from_db()
        assert (row.state, row.price) == ("offered", pays)
        offers.accept(row, by=parent, at=now)
        row.refresh_from_db()
        assert (row.state, row.price) == ("seated", pays)


def test_a_child_that_joins_a_running_course_pays_and_sees_the_remaining_classes(logged_in, parent, now):
    session = SessionFactory(first_on=now.date() - DAY, price=1500)
    child = ChildFactory(guardian=parent, age=10)
    client, url = logged_in(parent), reverse("enroll", args=[session.pk])
    page = client.get(url).content.decode().replace("\xa0", " ").replace("\u202f", " ")
    assert "1 500,00 DH" in page and "500,00 DH" in page and "1 000,00 DH" in page
    answer = client.post(url, {"children": [child.pk]}, follow=True)
    row = Enrollment.objects.get()
    assert row.price == 1000
    shown = answer.content.decode()
    first, _second, _third = session.meetings.order_by("number")
    held = shown.split('class="timeline"')[1].split("</ol>")[0]
    assert held.count("<li>") == 2 and first.hours in held.replace("\u2060", "")
    assert "Votre première séance" in Letter.objects.get(kind="enrolled").body


def test_a_move_between_running_sessions_charges_no_class_twice(parent, front_desk, now):
    course = CourseFactory()
    here, there = (SessionFactory(course=course, first_on=now.date() - n * DAY, price=1500) for n in (1, 2))
    row = join(here, ChildFactory(guardian=parent, age=10), at=now - 2 * DAY, by=parent)
    assert row.price == 1500
    new = withdrawal.move(row, there, by=front_desk, at=now)
    assert (new.price, receipts.account_of(row.reference).price) == (1000, 1500), "one class had, two to come"


def test_a_move_to_a_session_that_has_not_begun_charges_it_whole(parent, front_desk, now):
    course = CourseFactory()
    running = SessionFactory(course=course, first_on=now.date() - 8 * DAY, price=1500)
    coming = SessionFactory(course=course, first_on=now.date() + 14 * DAY, price=1500)
    row = join(running, ChildFactory(guardian=parent, age=10), at=now, by=parent)
    assert row.price == 500
    assert withdrawal.price_after_move(row, coming, now) == 1500
    assert withdrawal.move(row, coming, by=front_desk, at=now).price == 1500


def test_classes_a_child_had_are_not_refunded_after_a_move(parent, front_desk, now):
    course = CourseFactory()
    running = SessionFactory(course=course, first_on=now.date() - 8 * DAY, price=1500)
    coming = SessionFactory(course=course, first_on=now.date() + 14 * DAY, price=1500)
    row = join(running, ChildFactory(guardian=parent, age=10), at=now - 9 * DAY, by=parent)
    pay(row, 1500, by=front_desk, at=now)
    new = withdrawal.move(row, coming, by=front_desk, at=now)
    withdrawal.withdraw(new, by=parent, at=now)
    assert receipts.account_of(row.reference).too_much == 500, "two of three classes were had"


def test_leaving_and_returning_forgives_no_class(parent, now):
    session = SessionFactory(first_on=now.date() - 8 * DAY, price=1500)
    child = ChildFactory(guardian=parent, age=10)
    row = join(session, child, at=now - 9 * DAY, by=parent)
    withdrawal.withdraw(row, by=parent, at=now)
    assert join(session, child, at=now, by=parent).price == 1500


# ---- what the accepted terms say


def test_the_terms_say_the_refund_policy_in_force():
    """The sentences below say the policy's numbers: change both, and the text that families accept."""
    from pathlib import Path

    import yaml

    from enrollments.money import refund_policy

    assert (timedelta(days=7), Decimal("0.5")) == (refund_policy.ALL_UNTIL, refund_policy.HALF)
    terms = yaml.safe_load(Path("academy/demo/policies.yaml").read_text(encoding="utf-8"))[0]["texts"]
    for language, words in {
        "fr": ("une semaine avant la première séance", "la moitié", "les séances qui restent"),
        "ar": ("أسبوع قبل الحصة الأولى", "نصفه", "الحصص المتبقية"),
        "en": ("a week before the first class", "half of it", "the remaining classes"),
    }.items():
        assert all(word in terms[language]["body"] for word in words), language
