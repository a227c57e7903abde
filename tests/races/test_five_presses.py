"""The same form submitted five times in parallel has the effect of one: rows, counters, events, emails and
receipts.
"""

import pytest
from django.db import connections

from enrollments.models import Enrollment, Letter, PlaceEvent, Receipt, SessionEvent
from enrollments.places import audit
from tests.races.crowd import at_once
from tests.races.scene import AT, OFFERED, VERBS, Scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
KEPT = (Enrollment, PlaceEvent, SessionEvent, Letter, Receipt)


def written(scene, act) -> list[int]:
    """Return how many rows of each kind the act adds."""
    before = [model.objects.count() for model in KEPT]
    act()
    return [model.objects.count() - count for model, count in zip(KEPT, before, strict=True)]


@pytest.mark.parametrize("verb", VERBS)
def test_five_presses_at_one_instant_are_one(verb):
    once = Scene()
    if verb in OFFERED:
        once.offer()
    alone = written(once, lambda: VERBS[verb](once))
    crowd, outcomes = Scene(), []
    if verb in OFFERED:
        crowd.offer()

    def together():
        outcomes.extend(at_once(*[lambda: VERBS[verb](crowd) and None] * 5))
        connections.close_all()

    added = written(crowd, together)
    assert any(kind == "done" for kind, _said in outcomes)
    assert all(
        kind == "done" or "Refused" in str(said) or "NotAdmissible" in str(said) for kind, said in outcomes
    ), outcomes
    assert added == alone
    assert [str(fault) for fault in audit.check(AT)] == []
