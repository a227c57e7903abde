"""Cases of a first season, each under its number: places given up or closed, and the money paid for them."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.timetable import scheduling
from enrollments.families import guardian_accounts
from enrollments.money import receipts
from enrollments.places import admission, withdrawal
from tests.enrollments.test_queue_end import edit_data
from tests.factories import ChildFactory, CourseFactory, SessionFactory
from tests.queues import HOUR, join, soon, state, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def pay(row, amount, *, by, at, payer=None):
    """Take the first money for a reference, as the form does that saw nothing received."""
    return receipts.receive(
        row.reference, amount=Decimal(amount), method="cash", payer=payer, by=by, at=at, form_key=uuid4(),
        seen=Decimal(0), confirmed=False,
    )  # fmt: skip


def test_case_15_two_children_of_one_receipt_leave_one_after_the_other(parent, front_desk, manager, now):
    session = SessionFactory(first_on=timezone.localdate(now) + timedelta(days=20), price=1600)
    children = [ChildFactory(guardian=parent, age=10, first_name=name) for name in ("Lina", "Adam")]
    rows = admission.enroll_together(children=children, session=session, by=parent, at=now)
    receipt = pay(rows[0], 3200, by=front_desk, at=now)
    for row in rows:
        withdrawal.withdraw(row, by=parent, at=now)
        account = receipts.account_of(row.reference)
        receipts.give_back(
            receipt, amount=account.too_much, reason="left", by=manager, at=now, form_key=uuid4(),
            seen=account.paid, confirmed=False,
        )  # fmt: skip
    assert receipts.account_of(rows[0].reference).paid == 0


@pytest.mark.parametrize(("in_days", "moved_by", "refund"), [(9, -4, 1600), (3, 10, 800)])
def test_case_16_what_is_given_back_does_not_change_when_the_academy_moves_a_class(
    parent, front_desk, now, in_days, moved_by, refund
):
    session = SessionFactory(first_on=timezone.localdate(now) + timedelta(days=in_days), price=1600)
    row = join(session, ChildFactory(guardian=parent, age=10), at=now, by=parent)
    pay(row, 1600, by=front_desk, at=now)
    withdrawal.withdraw(row, by=parent, at=now)
    said = receipts.account_of(row.reference).too_much
    first = session.meetings.get(number=1)
    day = first.on + timedelta(days=moved_by)
    scheduling.move(first, on=day, starts=first.starts, ends=first.ends, at=now, reason="Panne")
    assert (said, receipts.account_of(row.reference).too_much) == (refund, refund)


def test_case_17_a_receipt_printed_again_says_the_same(parent, front_desk, logged_in, now):
    first = soon(course=CourseFactory(title_fr="PREMIER"), capacity=3)
    second = soon(course=CourseFactory(title_fr="SECOND"), capacity=3)
    row = join(first, ten(parent), at=now, by=parent)
    receipt = pay(row, row.price, by=front_desk, at=now, payer=parent)
    url, client = reverse("office_receipt", args=[receipt.pk]), logged_in(front_desk)
    before = client.get(url).content.decode()
    withdrawal.move(row, second, by=front_desk, at=now, asked_by=parent)
    guardian_accounts.change_contact(
        parent, name="Autre Nom", phone="+212661000777", language="fr", by=front_desk, at=now
    )
    after = client.get(url).content.decode()
    words = ("PREMIER", "SECOND", "Salwa Amrani", "Autre Nom")
    shown = [[word in page for word in words] for page in (before, after)]
    assert shown == [[True, False, True, False]] * 2


def test_case_44_joining_closed_by_mistake_and_opened_again_keeps_the_queue(logged_in, manager, now):
    session = soon(capacity=1)
    rows = [join(session, at=now) for _child in range(3)]
    client, url = logged_in(manager), reverse("sessions:edit", args=[session.pk])
    closed = edit_data(session, closes_at=f"{timezone.localtime(now - HOUR):%d/%m/%Y %H:%M}")
    # Stricter than the case: the form asks first, and ends nobody before the answer.
    asked = client.post(url, closed).context["form"]
    assert [state(row) for row in rows] == ["seated", "waiting", "waiting"]
    client.post(url, closed | {"seen": asked.cautions_mark})
    assert [state(row) for row in rows] == ["seated", "lapsed", "lapsed"]
    client.post(url, edit_data(session))
    assert [state(row) for row in rows] == ["seated", "waiting", "waiting"]
