"""A family at the front desk: found or registered, enrolled, paid, receipt printed.

Taps and fields are counted, on a phone.

A tap is a touch on a field, a link or a button. At three seconds per tap and ten per typed field,
twelve taps and two fields take under a minute, and the budgets below for a new family under three.
"""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from courses.models import Course
from enrollments.families.children import add_child
from enrollments.models import Enrollment, Receipt
from tests.factories import SessionFactory, saturday_in


class Desk:
    """The front desk's screen, counting taps and typed fields."""

    def __init__(self, page):
        self.page, self.taps, self.typed = page, 0, 0

    def tap(self, selector, address=None):
        self.page.locator(selector).first.click()
        self.taps += 1
        if address:
            self.page.wait_for_url(address)

    def type(self, selector, words):
        self.tap(selector)
        self.page.keyboard.type(words)
        self.typed += 1


@pytest.fixture
def desk(demonstration, new_page, log_in):
    page = log_in(new_page(), demonstration.logins["desk"])
    page.wait_for_url("**/fr/office/")
    return Desk(page)


@pytest.fixture
def session(demonstration):
    course = Course.objects.filter(prerequisites=None, band__code="B").order_by("code").first()
    return SessionFactory(course=course, first_on=saturday_in(1))


def enroll_and_pay(desk, session):
    """Go from the child's file to the printed receipt; return the receipt."""
    desk.tap("a[href$='/enroll/'].button", "**/enroll/")
    desk.tap(f"form:has(input[name=session][value='{session.pk}']) button", "**/office/children/*/")
    desk.tap("section[aria-labelledby=places] a[href*='/office/till/']", "**/office/till/AL-*/")
    desk.tap("[name=method][value=cash]")
    desk.tap("main form button[type=submit].button--primary", "**/office/receipts/*/")
    receipt = Receipt.objects.order_by("-pk").first()
    row = Enrollment.objects.get(reference=receipt.reference)
    assert (row.state, row.session_id, receipt.amount) == ("seated", session.pk, session.price)
    assert receipt.code in desk.page.locator("main").inner_text()
    return receipt


def test_a_known_family_is_found_enrolled_and_has_its_receipt_in_twelve_taps(desk, session):
    parent = get_user_model().objects.create_user(
        "known@example.org", name="Samia Connue", phone="+212661239876", password=None, is_demo=True
    )
    add_child(
        first_name="Ritaj",
        last_name="Connue",
        birth_date=timezone.localdate().replace(year=2016, month=3, day=1),
        by=parent,
    )
    desk.tap("nav.tabs a[href$='/office/people/']", "**/office/people/")
    desk.type("#asked", "9876")
    desk.tap("form[role=search] button", "**/office/people/?q=9876")
    desk.tap("td a:has-text('Ritaj')", "**/office/children/*/")
    enroll_and_pay(desk, session)
    assert desk.taps <= 12 and desk.typed <= 1, (desk.taps, desk.typed)


def test_a_new_family_is_written_down_enrolled_and_has_its_receipt(desk, session):
    desk.tap("nav.tabs a[href$='/office/people/']", "**/office/people/")
    desk.tap("a[href$='/office/people/new/']", "**/office/people/new/")
    desk.type("[name=name]", "Karima Nouvelle")
    desk.type("[name=phone]", "0661234599")
    desk.tap("main form button[type=submit].button--primary", "**/children/add/")
    desk.type("[name=first_name]", "Anas")
    if not desk.page.input_value("[name=last_name]"):
        desk.type("[name=last_name]", "Nouvelle")
    for box, figures in (("day", "1"), ("month", "3"), ("year", "2016")):
        desk.type(f"[name=birth_date_{box}]", figures)
    desk.tap("[name=relation][value=mother]")
    desk.tap("main form button[type=submit].button--primary", "**/office/children/*/")
    enroll_and_pay(desk, session)
    assert desk.taps <= 20 and desk.typed <= 8, (desk.taps, desk.typed)
