"""A session closed by a slip and reopened while families press "Enroll"."""

import time as clock
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connections, transaction

from enrollments.models import Enrollment
from enrollments.places import admission, audit, overrides, queue_end
from tests.factories import ChildFactory, SessionFactory, StaffFactory
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def queued():
    """Return a full session with two waiting children, and a manager."""
    session = SessionFactory(first_on=date(2026, 12, 5), capacity=1, minimum=0)
    rows = [admission.enroll(child=ten(), session=session, by=None, at=AT) for _child in range(3)]
    return session, rows, StaffFactory(role="Programme managers")


def ten():
    return ChildFactory(birth_date=date(2016, 6, 1))


def opening(session, closes_at, by, at):
    mark = queue_end.mark(session)
    overrides.set_opening(session, None, closes_at, reason="calendar", by=by, at=at, agreed=mark)


@pytest.mark.postgres
def test_a_family_that_joins_while_its_entry_comes_back_is_told_so_and_keeps_the_ticket():
    """It has read that it has no entry, and waits for the session that is just giving it back."""
    session, (_seated, waits, _last), manager = queued()
    opening(session, AT - timedelta(days=1), manager, AT)
    said = []

    def join():
        try:
            admission.enroll(child=waits.child, session=session, by=None, at=AT + MINUTE)
        except Exception as refusal:  # noqa: BLE001 — whatever happens is the outcome
            said.append(repr(refusal))
        finally:
            connections.close_all()

    tab = Thread(target=join)
    with transaction.atomic():
        opening(session, None, manager, AT + MINUTE)
        tab.start()
        clock.sleep(1)
        assert not said, "it waits for the session"
    tab.join(20)
    assert len(said) == 1 and "already_in" in said[0]
    assert list(Enrollment.objects.filter(child=waits.child).values_list("state", "ticket")) == [
        ("waiting", 2)
    ]


def test_closing_reopening_and_joining_at_once_leave_every_count_and_event_right():
    session, _rows, manager = queued()
    for number in range(4):
        at = AT + number * MINUTE
        newcomer = ten()
        at_once(
            lambda at=at: opening(session, AT - timedelta(days=1), manager, at),
            lambda at=at: opening(session, None, manager, at),
            lambda at=at, newcomer=newcomer: bool(
                admission.enroll(child=newcomer, session=session, by=None, at=at)
            ),
        )
        assert audit.check(at) == []
    opening(session, None, manager, AT + 5 * MINUTE)
    assert audit.check(AT + 5 * MINUTE) == []
    tickets = Enrollment.objects.filter(session=session, state="waiting").values_list("ticket", flat=True)
    assert {2, 3} <= set(tickets)
