"""How deep the suite looks. `make test` is for every change; `make thorough` (THOROUGH=1) is for a release.

THOROUGH=1 restores every number that the everyday run lowers: each use of `usually` and `part` below, the
full matrix of tests/journeys/test_axe.py, and on PostgreSQL the modules listed in tests/once.py.
"""

import os

THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}


def usually(number: int, *, thorough: int) -> int:
    """How many examples, lives or repetitions: the first number every day, the second before a release."""
    return thorough if THOROUGH else number


def part(rows: list, number: int, *, of: int) -> list:
    """Every day the share `number` (from 0) of the rows dealt out to `of` tests; before a release all of
    them.
    """
    return rows if THOROUGH else rows[number::of]
