"""Lists in each language's way, with one function for all of them."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from home.language.lists import listed, listed_apart

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("home", "courses", "enrollments", "academy")


@pytest.mark.parametrize(
    ("language", "comma", "semicolon"),
    [("fr", "a, b", "a\xa0; b"), ("ar", "a، b", "a؛ b"), ("en", "a, b", "a; b")],
)
def test_a_list_has_the_comma_of_its_language(language, comma, semicolon):
    with translation.override(language):
        assert (listed(["a", "b"]), listed(["a"]), listed([])) == (comma, "a", "")
        assert listed_apart(["a", "b"]) == semicolon


def test_nobody_joins_a_list_by_hand():
    """What people read is joined by home.language.lists; machines read env.py, checks.py and exceptions."""
    machines = ["academy/env.py", "academy/checks.py", "academy/messages.py", "academy/work_health.py"]
    machines += ["enrollments/privacy/child_merge.py", "home/pictures/cleaning.py"]
    found = [
        f"{path}: {line.strip()}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        for line in path.read_text().splitlines()
        if re.search(r'"[,;] "\.join', line) and str(path.relative_to(ROOT)) not in machines
    ]
    found += [
        f"{path}: {line.strip()}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for line in path.read_text().splitlines()
        if re.search(r'join:"[,;] |forloop.last %}[,;] ', line)
    ]
    assert [line for line in found if "academy/demo/" not in line] == []


BLOCK = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.S)


def test_two_names_are_not_joined_by_a_comma_of_one_language():
    """A venue and its room: {{ venue.name|comma:room.name }}, in Python listed(...)."""
    found = [
        f"{path}: {bare}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for bare in re.findall(r".*}}, {{.*", BLOCK.sub("", path.read_text()))
    ]
    found += [
        f"{path}: {bare}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        for bare in re.findall(r".*name}, {.*", path.read_text())
        if "commands" not in path.parts and path.name != "backward.py"  # for those who run the site
    ]
    assert found == []
