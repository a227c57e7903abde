"""Light and dark: the system's wish, the switch, paper, and a browser that does not know `light-dark()`."""

import pytest

from academy import style_sheet
from tests.journeys.conftest import DESKTOP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIGHT, DARK = "rgb(251, 249, 244)", "rgb(15, 22, 38)"
NIGHT = {LIGHT: "rgb(22, 33, 58)", DARK: "rgb(10, 16, 29)"}


def background(page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize(("system", "first", "then"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)])
def test_the_switch_turns_against_the_system_and_back(academy_settings, new_page, system, first, then):
    page = new_page(size=DESKTOP, theme=system)
    page.goto("/fr/")
    bar = page.locator('meta[name="theme-color"]')
    assert (background(page), bar.get_attribute("content")) == (first, NIGHT[first])
    page.locator("[data-theme-switch]:visible").first.click()
    assert (background(page), bar.get_attribute("content")) == (then, NIGHT[then])
    page.reload()
    assert background(page) == then, "the cookie is printed by the server"
    page.locator("[data-theme-switch]:visible").first.click()
    assert (background(page), page.locator("html").get_attribute("data-theme")) == (first, "auto")


def test_paper_is_always_light(academy_settings, new_page):
    page = new_page(size=DESKTOP, theme="dark")
    page.goto("/fr/")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"


def test_a_browser_without_light_dark_is_light(academy_settings, new_page):
    """Whatever the system wishes; and it is not offered a switch that would do nothing."""
    page = new_page(size=DESKTOP, theme="dark")
    older = style_sheet.joined().replace("light-dark(", "not-known-here(")
    page.route("**/academy/css/site*.css", lambda route: route.fulfill(body=older, content_type="text/css"))
    page.goto("/fr/")
    assert background(page) == LIGHT
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.locator("[data-theme-switch]:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.bar')).backgroundColor") == NIGHT[LIGHT]


@pytest.mark.parametrize(("theme", "surface"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(24, 34, 56)")])
def test_an_unchecked_choice_has_the_colours_of_the_theme(academy_settings, new_page, theme, surface):
    page = new_page(size=DESKTOP, theme=theme)
    page.goto("/fr/")
    box = "Object.assign(document.createElement('input'), {type: 'radio'})"
    added = f"document.querySelector('main').appendChild({box})"
    style = page.evaluate(
        f"(({{appearance, backgroundColor}}) => [appearance, backgroundColor])(getComputedStyle({added}))"
    )
    assert style == ["none", surface]
