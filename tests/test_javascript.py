"""The tests of our scripts (tests/javascript), run by Node.

Where there is none, the suite says at its end what was left out.
"""

import subprocess
from pathlib import Path

import pytest

from tests.tools import node

FOLDER = Path(__file__).resolve().parent / "javascript"
FILES = sorted(FOLDER.glob("*.test.mjs"))


@pytest.mark.node
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_scripts(path):
    done = subprocess.run(
        [node(), "--test", "--test-reporter=spec", str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=FOLDER,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " pass 0" not in done.stdout, "the runner found no test"


def test_every_file_of_tests_is_found():
    assert FILES
    assert {path.suffix for path in FOLDER.iterdir()} == {".mjs"}
