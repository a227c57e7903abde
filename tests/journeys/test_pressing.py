"""Every control can be pressed where it lies: nothing covers it, on a telephone and on a wide screen.

tests/journeys/test_axe.py asks the same of half of the pages in each language, as it visits them; here are
the others.
"""

import pytest

from tests.depth import part
from tests.journeys.conftest import PHONE
from tests.journeys.pressing import COVERED, covered
from tests.journeys.routes import pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_every_control_can_be_pressed_where_it_lies(demonstration, visited, language):
    rows, wrong = part(pages(language), ["ar", "fr"].index(language), of=2), []
    for name, _who, page, _answer in visited(rows, language=language, size=PHONE):
        wrong += [f"{name}{line}" for line in covered(page)]
    assert wrong == []


def test_control_a_covered_control_is_seen(demonstration, new_page):
    page = new_page()
    page.goto("/fr/contact/")
    assert page.evaluate(COVERED) == []
    page.evaluate(
        """() => {
          const sheet = document.createElement('div');
          Object.assign(sheet.style, { position: 'absolute', inset: 0, blockSize: '9999px', zIndex: 9 });
          document.body.append(sheet);
        }"""
    )
    assert page.evaluate(COVERED) != []
