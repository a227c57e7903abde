"""A process killed after any statement leaves all of its writes or none: rows, counters,
events and emails.

The daily run kills after odd statements on SQLite and after even ones on PostgreSQL; THOROUGH=1 kills after
each on both.
"""

import os

import pytest
from django.db import connection

from enrollments.places import audit
from tests import databases
from tests.depth import usually
from tests.races.crowd import at_once
from tests.races.scene import AT, OFFERED, VERBS, Scene

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 120  # statements of the longest verb
STEP = usually(3, thorough=1)
FIRST = STEP if databases.SERVER else 1


def killed_after(count: int, act):
    """Run the act in a process killed after this many statements."""

    def dies():
        seen = 0

        def kill(execute, *arguments):
            nonlocal seen
            result = execute(*arguments)
            seen += 1
            if seen == count:
                os._exit(9)
            return result

        with connection.execute_wrapper(kill):
            act()

    return dies


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.fault
def test_killed_after_any_statement_nothing_or_all_of_it(verb):
    died = 0
    scene = Scene()
    if verb in OFFERED:
        scene.offer()
    before = scene.picture()
    for fatal in range(FIRST, MOST, STEP):
        ((kind, said),) = at_once(killed_after(fatal, lambda: VERBS[verb](scene) and None))
        assert kind in {"died", "done"}, said
        assert [str(fault) for fault in audit.check(AT)] == [], (verb, fatal)
        if kind == "done":
            assert scene.picture() != before, "the verb did something"
            break
        died += 1
        assert scene.picture() == before, (
            verb,
            fatal,
            "every statement stands before the commit: nothing of it may be left",
        )
    assert died * STEP >= 5, "it was killed on the way"
