"""Waiting lists and places: offered, accepted, declined, given up, each within its taps, with and without
scripts.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from enrollments.models import Enrollment
from enrollments.places import offer_links, withdrawal
from tests.factories import add_course_page
from tests.journeys.conftest import PHONE
from tests.queues import join, soon, ten

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOTH = pytest.mark.parametrize(("language", "scripts"), [("fr", True), ("ar", True), ("ar", False)])


class Finger:
    """A page that counts its taps."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, selector, address=None):
        self.page.locator(selector).first.click()
        self.taps += 1
        if address:
            self.page.wait_for_url(address)


@BOTH
def test_joining_a_waiting_list_takes_two_taps(
    academy_settings, site_tree, parent, new_page, log_in, now, language, scripts
):
    session = soon()
    queue_of(session, 1, now)
    add_course_page(site_tree, session.course)
    child = ten(parent)
    page = log_in(new_page(language=language, size=PHONE, scripts=scripts), parent.email, language=language)
    page.goto(f"/{language}/cours/{session.course.code.lower()}/")
    finger = Finger(page)
    finger.tap(f"a[href='/{language}/family/enroll/{session.pk}/']", "**/family/enroll/**")
    finger.tap("main form button.button--primary", "**/family/enrollments/AL-*/")
    assert finger.taps == 2 and Enrollment.objects.get(child=child).state == "waiting"


def queue_of(session, count, now):
    for _child in range(count):
        join(session, ten(), now)


@BOTH
@pytest.mark.parametrize(("answer", "state"), [("yes", "seated"), ("no", "declined")])
def test_an_offer_is_answered_from_its_letter_in_two_taps_without_a_login(
    academy_settings, parent, new_page, now, language, scripts, answer, state
):
    session = soon()
    first, row = join(session, ten(), now), join(session, ten(parent), now)
    withdrawal.withdraw(first, by=first.child.guardians.first(), at=now)
    row.refresh_from_db()
    assert row.state == "offered"
    page = new_page(language=language, size=PHONE, scripts=scripts)
    link = reverse("offer", args=[offer_links.token_for(row, parent)]).replace("/fr/", f"/{language}/", 1)
    for _scanner in range(3):
        page.goto(link)  # the first tap is on the link in the letter
    row.refresh_from_db()
    assert row.state == "offered", "a mail scanner answers nothing"
    page.locator(f"button[name=answer][value={answer}]").click()
    expect(page.locator("button[name=answer][value=no]")).to_have_count(
        0
    )  # a policy "no-referrer" would send Origin: null, which is refused
    row.refresh_from_db()
    assert row.state == state


@BOTH
def test_a_place_is_given_up_in_three_taps_with_the_consequence_first(
    academy_settings, parent, new_page, log_in, now, language, scripts
):
    session = soon()
    row = join(session, ten(parent), now, by=parent)
    page = log_in(new_page(language=language, size=PHONE, scripts=scripts), parent.email, language=language)
    page.goto(f"/{language}/family/")
    finger = Finger(page)
    finger.tap(f"a[href$='/family/enrollments/{row.reference}/']", "**/family/enrollments/**")
    finger.tap(f"a[href$='/family/places/{row.pk}/leave/']", "**/leave/")
    assert page.locator("main ul li").count() >= 2, "what it means stands first"
    finger.tap("button.button--danger")
    page.wait_for_url("**/family/**")
    row.refresh_from_db()
    assert finger.taps == 3 and row.state == "withdrawn"
