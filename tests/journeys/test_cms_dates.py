"""Boxes of day and time in the CMS keep what is typed and say it in words."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from courses.models import Closure
from tests.factories import StaffFactory
from tests.journeys.conftest import DESKTOP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_typed_stays_and_is_said_in_words(academy_settings, new_page, log_in):
    manager = StaffFactory(role="Programme managers")
    page = log_in(new_page(size=DESKTOP), manager.email)
    page.goto(reverse("closures:add"))
    page.fill('input[name="name_fr"]', "Pont")
    page.fill('input[name="name_ar"]', "عطلة")
    page.fill('input[name="name_en"]', "Bridge day")
    first, last = page.locator('input[name="starts_on"]'), page.locator('input[name="ends_on"]')
    for typed, said in [
        ("31/02/2027", "Le 31/02/2027 n’existe pas\xa0: vérifiez la date."),
        ("2027-09-20", "lundi 20 septembre 2027"),
        ("1/12/2027", "mercredi 1er décembre 2027"),
    ]:
        first.click()
        first.press("Control+a")
        first.press_sequentially(typed)
        first.press("Tab")
        expect(page.locator("#id_starts_on-words")).to_have_text(said)
        assert first.input_value() == typed
    last.fill("02/12/2027")
    last.press("Tab")
    page.locator('form button[type="submit"]:visible').last.click()
    page.wait_for_url("**/closures/")
    kept = Closure.objects.get(name_fr="Pont")
    assert (str(kept.starts_on), str(kept.ends_on)) == ("2027-12-01", "2027-12-02")


def test_publication_is_not_scheduled_for_this_minute_when_the_box_cannot_be_read(
    academy_settings, new_page, log_in, site_tree
):
    editor = StaffFactory(role="Editors")
    page = log_in(new_page(size=DESKTOP), editor.email)
    page.goto(reverse("wagtailadmin_pages:edit", args=[site_tree.home["fr"].pk]))
    page.locator('[data-side-panel-toggle="status"]').click()
    page.locator('[data-a11y-dialog-show="schedule-publishing-dialog"]:visible').click()
    box = page.locator('input[name="go_live_at"]')
    for typed, said in [
        ("5 février", "Indiquez une date comme 05/02/2027\xa0: jour, mois, année."),
        ("05/02/2027 18h", "vendredi 5 février 2027 à 18:00"),
    ]:
        box.click()
        expect(page.locator(".xdsoft_datetimepicker:visible")).to_have_count(1)
        box.press("Control+a")
        box.press_sequentially(typed)
        box.press("Tab")
        expect(page.locator("#id_go_live_at-words")).to_have_text(said)
        assert box.input_value() == typed
        expect(page.locator(".xdsoft_datetimepicker:visible")).to_have_count(
            1
        )  # of the box that has the focus
