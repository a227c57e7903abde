"""Boxes of day and time keep what is typed and say it in words: in the CMS, the office and the desk."""

import pytest
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import expect

from courses.models import Closure
from tests.factories import SessionFactory, StaffFactory
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


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "vendredi 5 février 2027"), ("ar", "الجمعة 5 فبراير 2027")]
)
def test_the_picker_of_the_browser_is_said_in_words(academy_settings, new_page, log_in, language, said):
    manager = StaffFactory(role="Programme managers", language=language)
    page = log_in(new_page(), manager.email)
    with translation.override(language):
        page.goto(reverse("office_close_day"))
    day = page.locator('input[name="day"]')
    day.fill("2027-02-05")
    day.press("Tab")
    expect(page.locator(f"#{day.get_attribute('id')}-words")).to_have_text(said)
    assert f"{day.get_attribute('id')}-words" in day.get_attribute("aria-describedby")


def test_the_hour_of_a_moved_class_is_said_in_words(academy_settings, new_page, log_in):
    meeting = SessionFactory().meetings.first()
    manager = StaffFactory(role="Programme managers")
    page = log_in(new_page(), manager.email)
    page.goto(reverse("desk_move", args=[meeting.pk]))
    page.fill("#day", "2027-02-05")
    page.fill("#time", "16:30")
    page.press("#time", "Tab")
    expect(page.locator("#day-words")).to_have_text("vendredi 5 février 2027")
    expect(page.locator("#time-words")).to_have_text("16:30")
    page.fill("#day", "")
    page.press("#day", "Tab")
    expect(page.locator("#day-words")).to_have_text("")
