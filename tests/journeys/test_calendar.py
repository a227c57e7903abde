"""A family's classes in the phone's calendar: two taps from the family page."""

import pytest

from enrollments.places import admission
from tests.factories import ChildFactory, SessionFactory
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_classes_are_in_the_calendar_after_two_taps(
    academy_settings, parent, new_page, log_in, now, language
):
    session = SessionFactory(count=3)
    admission.enroll(child=ChildFactory(guardian=parent), session=session, by=parent, at=now)
    page = log_in(new_page(language=language, size=PHONE), parent.email, language=language)
    page.goto(f"/{language}/family/")
    page.locator("section[aria-labelledby=coming] a[href*='/family/enrollments/']").first.click()
    with page.expect_download() as waited:
        page.locator("a[href$='/classes.ics']").first.click()
    with open(waited.value.path(), "rb") as file:
        assert file.read().count(b"BEGIN:VEVENT") == 3
