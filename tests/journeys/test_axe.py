"""Accessibility and width, seen by axe-core in a browser on the furnished demonstration: nothing scrolls
sideways, a visitor's pages not even at 320 px, and no control is covered.

`make test` looks at each of our routes once, on a telephone: every other one in French, the rest in Arabic.
`make thorough` looks at all of them in both, and `make axe` (a part of it) in three languages, both themes
and two widths.
"""

import pytest

from tests.depth import part
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.pressing import covered
from tests.journeys.routes import pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(visited, complaints_of_axe, rows, *, language, size, theme):
    """Visit these pages as their users; return one line per problem."""
    wrong = []
    for name, who, page, answer in visited(rows, language=language, size=size, theme=theme):
        expected = 404 if name == "missing" else 200
        if answer.status != expected or "reauthenticate" in page.url:
            wrong.append(f"{name}: {answer.status} {page.url}")
            continue
        said = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
        if said != [language, "rtl" if language == "ar" else "ltr"]:
            wrong.append(f"{name}: the page says {said}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{name}: scrolls sideways at {size[0]} px")
        wrong += [f"{name}: {line}" for line in complaints_of_axe(page)]
        wrong += [f"{name}{line}" for line in covered(page)]
        if who is None:
            page.set_viewport_size({"width": 320, "height": 640})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wrong.append(f"{name}: scrolls sideways at 320 px")
        page.set_viewport_size({"width": size[0], "height": size[1]})
    return wrong


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_every_route_is_accessible_on_a_telephone(demonstration, visited, complaints_of_axe, language):
    rows = part(pages(language), ["fr", "ar"].index(language), of=2)
    assert look(visited, complaints_of_axe, rows, language=language, size=PHONE, theme="light") == []


@pytest.mark.matrix
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_every_page_is_accessible(demonstration, visited, complaints_of_axe, language, theme, size):
    assert look(visited, complaints_of_axe, pages(language), language=language, size=size, theme=theme) == []


def test_control_a_fault_is_seen_when_there_is_one(demonstration, new_page, complaints_of_axe):
    page = new_page()
    page.goto("/fr/contact/")
    assert complaints_of_axe(page) == []
    page.evaluate("document.querySelector('main').append(document.createElement('button'), new Image())")
    seen = " ".join(complaints_of_axe(page))
    assert "button-name" in seen and "image-alt" in seen
