"""The suite itself: its lists name tests that exist, and what is dealt out is whole."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests import depth, once

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("named", [*once.ONCE, *once.BOTH])
def test_what_runs_once_or_twice_is_there(named):
    module, _, function = named.partition("::")
    assert (ROOT / module).is_file()
    defined = {
        node.name
        for node in ast.parse((ROOT / module).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert not function or function in defined


def test_each_exception_belongs_to_a_module_that_runs_once():
    assert {named.partition("::")[0] for named in once.BOTH} <= set(once.ONCE)


def test_a_module_that_is_not_listed_runs_on_both():
    assert not once.runs_once("tests/races/test_places.py::test_anything[x]")
    assert once.runs_once("tests/test_matrix.py::test_anything[x]")
    assert not once.runs_once(next(iter(once.BOTH)) + "[x]")


@pytest.mark.parametrize("count", [0, 1, 2, 7, 120])
def test_the_shares_of_two_tests_are_all_the_rows_and_none_twice(monkeypatch, count):
    rows = list(range(count))
    monkeypatch.setattr(depth, "THOROUGH", False)
    assert sorted(depth.part(rows, 0, of=2) + depth.part(rows, 1, of=2)) == rows
    assert depth.usually(2, thorough=20) == 2
    monkeypatch.setattr(depth, "THOROUGH", True)
    assert depth.part(rows, 0, of=2) == depth.part(rows, 1, of=2) == rows
    assert depth.usually(2, thorough=20) == 20


GROUPED = """
import os, time
import pytest

pytestmark = pytest.mark.xdist_group("one")

@pytest.mark.parametrize("number", range(8))
def test_it(number):
    time.sleep(0.02)
    open(f"ran-{os.getpid()}", "w").close()
"""


def test_a_group_of_tests_runs_in_one_worker(tmp_path):
    """What a module builds once (a browser, a cluster of servers) is built once: a release of pytest has made
    its plugin lose all groups without a word.
    """
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    (tmp_path / "pytest.ini").touch()
    command = [sys.executable, "-m", "pytest", "-p", "no:django", "-n", "2", "--dist", "loadgroup", "-q"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "8 passed" in done.stdout, done.stdout + done.stderr
    assert len(list(tmp_path.glob("ran-*"))) == 1
