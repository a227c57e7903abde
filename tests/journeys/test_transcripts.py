"""Screen-reader transcripts of the two screens every parent meets, compared line by line with reviewed ones.

TRANSCRIPTS=write pytest tests/journeys/test_transcripts.py rewrites them; read the difference before
committing.
"""

import os
import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEPT = Path(__file__).parent / "transcripts"


def heard(page) -> str:
    """Return the accessibility tree of the main part: roles, names, values, in reading order."""
    return re.sub(r"(/url: \S*?)\?\S*", r"\1", page.locator("main").aria_snapshot()) + "\n"


def compare(name: str, text: str) -> None:
    path = KEPT / f"{name}.txt"
    if os.environ.get("TRANSCRIPTS") == "write":
        KEPT.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_registering_is_told_as_it_was_read(academy_settings, new_page, language):
    page = new_page(language=language)
    page.goto(f"/{language}/account/signup/")
    compare(f"register-{language}", heard(page))
    page.locator("main form button[type=submit].button--primary").click()
    page.wait_for_selector("[role=alert]")
    compare(f"register-refused-{language}", heard(page))


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_adding_a_child_is_told_as_it_was_read(academy_settings, parent, new_page, log_in, language):
    page = log_in(new_page(language=language), parent.email, language=language)
    page.goto(f"/{language}/family/children/add/")
    compare(f"child-{language}", heard(page))
    page.fill('main [name="last_name"]', "")
    page.locator("main form button[type=submit].button--primary").click()
    page.wait_for_selector("[role=alert]")
    compare(f"child-refused-{language}", heard(page))
