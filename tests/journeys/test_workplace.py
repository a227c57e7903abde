"""The team's shell in a browser: the search has the focus where there is a pointer, and the current tab is in
sight on a telephone.
"""

import pytest

from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK = "desk@example.org"
FOCUS = "document.activeElement.id"
SEEN = """
() => {
  const box = document.querySelector('.tabs--staff [aria-current]').getBoundingClientRect();
  return box.left >= 0 && box.right <= innerWidth && box.top >= 0;
}
"""


def test_the_search_has_the_focus_unless_the_page_has_a_field_of_its_own(demonstration, new_page, log_in):
    page = log_in(new_page(size=DESKTOP), DESK)
    page.goto("/fr/office/")
    assert page.evaluate(FOCUS) == "find"
    page.keyboard.type("tanjaoui")
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/people/?q=tanjaoui")
    assert page.evaluate(FOCUS) == "asked", "the search of the page itself"
    page.goto("/fr/office/people/new/")
    assert page.evaluate(FOCUS) != "find"
    page.locator("body").press("/")
    assert page.evaluate(FOCUS) == "find" and page.input_value("#find") == ""


def test_the_slash_is_a_letter_inside_a_field(demonstration, new_page, log_in):
    page = log_in(new_page(size=DESKTOP), DESK)
    page.goto("/fr/office/people/new/")
    field = page.locator("main form input[type=text]").first
    field.press("/")
    assert field.input_value() == "/"


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_the_current_tab_is_in_sight_on_a_telephone(demonstration, new_page, log_in, language, scripts):
    page = log_in(new_page(size=PHONE, language=language, scripts=scripts), DESK)
    for room in ("office/", "office/team/", "office/sessions/"):
        page.goto(f"/{language}/{room}")
        assert page.evaluate(SEEN), room


def test_no_keyboard_opens_on_a_touch_screen(demonstration, browser, live_server, log_in):
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": 360, "height": 640},
        has_touch=True,
        is_mobile=True,
    )
    page = log_in(context.new_page(), DESK)
    page.goto("/fr/office/")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    context.close()
