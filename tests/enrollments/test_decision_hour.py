"""The hour of a session's decision: who was promised an answer hears it, without a manager (domain §5)."""

from datetime import timedelta

import pytest

from academy import clockwork
from courses.models import Session
from enrollments.models import Letter, SessionEvent
from enrollments.places import overrides, withdrawal
from tests.factories import ChildFactory
from tests.queues import join, soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def decided(parent, now):
    """Return a session of two children, confirmed from two, decided in an hour."""
    session = soon(capacity=4)
    Session.objects.filter(pk=session.pk).update(minimum=2, decision_at=now + timedelta(hours=1))
    rows = [join(session, ChildFactory(guardian=parent, age=10), at=now, by=parent) for _two in range(2)]
    Letter.objects.all().delete()
    return session, rows


def told() -> list:
    return list(Letter.objects.filter(kind="session_confirmed").values_list("recipient__email", flat=True))


@pytest.mark.parametrize(("after", "answered"), [(59 * MINUTE, False), (60 * MINUTE, True)])
def test_enough_children_at_the_hour_of_the_decision_confirm_the_session(
    decided, parent, now, after, answered
):
    session, _rows = decided
    assert overrides.confirm_due(now + after) == answered
    session.refresh_from_db()
    assert (session.confirmed_at == now + after) == answered
    assert told() == ([parent.email] if answered else []), "one letter for both children"
    if answered:
        assert SessionEvent.objects.get(what="confirmed").by_ref is None
        assert overrides.confirm_due(now + after + MINUTE) == 0 and len(told()) == 1, "once"


def test_too_few_children_wait_for_a_manager(decided, parent, now):
    session, rows = decided
    withdrawal.withdraw(rows[0], by=parent, at=now)
    assert overrides.confirm_due(now + timedelta(hours=2)) == 0
    session.refresh_from_db()
    assert session.confirmed_at is None and told() == []


def test_a_cancelled_session_and_one_decided_long_ago_are_left_alone(decided, manager, now):
    session, _rows = decided
    assert overrides.confirm_due(now + timedelta(days=3)) == 0
    withdrawal.cancel_session(session, by=manager, at=now, reason="few")
    assert overrides.confirm_due(now + timedelta(hours=2)) == 0 and told() == []


def test_the_clock_does_it(decided, now):
    clockwork.run_due(now + timedelta(hours=1))
    assert Session.objects.get(pk=decided[0].pk).confirmed_at is not None and told()
