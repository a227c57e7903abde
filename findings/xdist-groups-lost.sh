#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0 (PyPI; source: xdist/remote.py, pytest_collection_modifyitems; pytest-dev/pytest-xdist issue 1386; seen 2026-11-30 with Python 3.11): tests of one group run in all workers, and nothing is said.
#
# --dist loadgroup promises that the tests of one xdist_group run in one worker. The plugin tells the scheduler by
# writing "@group" into item._nodeid; pytest 9.2 keeps the identity of a test elsewhere, so that the assignment is
# kept and read by nobody. Both releases are the newest, pip installs them together, all tests pass. Met when a module
# that boots a cluster of servers once booted it in each of three workers, and a test that reads at the end what the
# whole module had done found nothing. With pytest 9.1.1 the group holds. The answer of one's own: pytest<9.2, and a
# test that counts the workers of a group.
#
# Output seen
#   pytest 9.2.0: the group of 8 tests ran in 2 workers
#   pytest 9.1.1: the group of 8 tests ran in 1 worker
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/test_grouped.py" <<'PYTHON'
import os
import time

import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("number", range(8))
def test_it(number):
    time.sleep(0.05)
    open(f"ran-{os.getpid()}", "w").close()
PYTHON

cd "$folder"
ran_in() {
  python3 -m venv --clear "$folder/venv"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pytest==$1" "pytest-xdist==3.8.0" 2>/dev/null
  rm -f ran-*
  "$folder/venv/bin/python" -m pytest -n 2 --dist loadgroup -q test_grouped.py >said 2>&1 || { cat said >&2; exit 1; }
  find . -maxdepth 1 -name 'ran-*' | wc -l
}
newer=$(ran_in 9.2.0)
older=$(ran_in 9.1.1)
echo "pytest 9.2.0: the group of 8 tests ran in $newer workers"
echo "pytest 9.1.1: the group of 8 tests ran in $older worker"
[ "$newer" = 2 ] && [ "$older" = 1 ] || { echo "The behaviour has changed."; exit 1; }
