"""Each of the forty requirements names the tests that show it, and they are what the table says they are.

[P]: runs on PostgreSQL, so marked `postgres` or not left to SQLite (tests/once.py). [B]: in a module marked
`browser`. [F]: marked `fault`; `pytest -m fault` runs them all.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests import once

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "academy" / "docs" / "requirements.md").read_text()
ITEMS = dict(re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^## )", TEXT, re.M | re.S))
ROW = re.compile(r"^\| (\d+) \| `(tests/[\w/]+\.py)::(\w+)` \| ((?:\[[PFB]\] ?)*)\|$", re.M)
ROWS = [
    (item, module, name, set(re.findall(r"\w", marks))) for item, module, name, marks in ROW.findall(TEXT)
]
COMING: set[int] = set()
OWN_PROCESSES = "tests/backups/"  # its tests work on a database of their own, of the run's kind
MOST = {"32": 5, "40": 7}  # tests of an item, otherwise 4: 32 names five places, 40 six faults


@cache
def marks_of(module: str, name: str) -> frozenset[str] | None:
    """Return the pytest markers of a function or class, those of its module too; None where there is none."""
    path = ROOT / module
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    marks, there = set(), False
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            marks |= set(re.findall(r"pytest\.mark\.(\w+)", ast.unparse(node.value)))
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            there = True
            for decorator in node.decorator_list:
                marks |= set(re.findall(r"pytest\.mark\.(\w+)", ast.unparse(decorator)))
    return frozenset(marks) if there else None


def is_what(letter: str, module: str, name: str) -> bool:
    marks = marks_of(module, name)
    if letter == "P":
        if module.startswith(OWN_PROCESSES):
            return not once.runs_once(f"{module}::{name}")
        return "postgres" in marks or ("django_db" in marks and not once.runs_once(f"{module}::{name}"))
    return {"F": "fault", "B": "browser"}[letter] in marks


def letters_of(text: str) -> set[str]:
    return {
        letter
        for marks in re.findall(r"\*\*(\[[PFB\] \[]+)\*\*", text)
        for letter in marks
        if letter.isalpha()
    }


def test_every_requirement_has_its_rows_in_order_and_no_line_of_the_table_is_unread():
    numbers = [int(item) for item, *_row in ROWS]
    assert numbers == sorted(numbers) and set(numbers) == set(range(1, 41)) == set(map(int, ITEMS))
    assert len(ROWS) == len(re.findall(r"^\| \d", TEXT, re.M)) == len({row[:3] for row in ROWS})
    assert [item for item in ITEMS if numbers.count(int(item)) > MOST.get(item, 4)] == []


def test_every_test_that_is_named_exists_and_runs_every_day():
    there = {item: marks_of(module, name) for item, module, name, _letters in ROWS}
    missing = {item for item, module, name, _letters in ROWS if marks_of(module, name) is None}
    assert missing == COMING, "and what has come is expected no longer"
    assert [item for item, marks in there.items() if "matrix" in (marks or ())] == []


@pytest.mark.parametrize("item", [item for item in ITEMS if item not in COMING])
def test_an_item_with_a_letter_names_a_test_that_is_of_that_kind(item):
    rows = [row for row in ROWS if row[0] == item]
    assert set().union(*(letters for *_row, letters in rows)) == letters_of(ITEMS[item])
    wrong = [
        f"{name} is not [{letter}]"
        for _item, module, name, letters in rows
        for letter in letters
        if not is_what(letter, module, name)
    ]
    assert wrong == []


def test_only_what_is_coming_is_called_planned():
    assert {item for item, text in ITEMS.items() if "planned" in text.lower()} == COMING


def test_control_what_is_not_of_a_kind_is_told():
    assert marks_of("tests/test_links.py", "test_nothing") is marks_of("tests/nowhere.py", "test_x") is None
    assert not is_what("P", "tests/test_matrix.py", "test_every_route_stands_in_the_table")
    assert not is_what("F", "tests/test_links.py", "test_looking_ten_times_changes_nothing")
    assert not is_what("B", "tests/test_links.py", "test_looking_ten_times_changes_nothing")
    assert letters_of("a **[P] [F]** b **[B]** [F]") == {"P", "F", "B"}
