"""A session closed by a slip and reopened while families press "Enroll"; a decline taken back twice."""

import time as clock
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connections, transaction

from enrollments.models import Enrollment, PlaceEvent
from enrollments.places import admission, audit, offers, overrides, queue_end, withdrawal
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


def seat_of(child, session):
    """Return an act that enrolls this child a minute later."""
    return lambda: bool(admission.enroll(child=child, session=session, by=None, at=AT + MINUTE))


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


@pytest.mark.postgres
def test_a_decline_taken_back_on_two_phones_while_others_join_and_answer_gives_the_old_ticket_once():
    for _turn in range(3):
        session, (seated, declines, last), manager = queued()
        withdrawal.remove(seated, by=manager, reason="conduct", at=AT)
        declines.refresh_from_db()
        offers.decline(declines, by=None, at=AT)
        declines.refresh_from_db(), last.refresh_from_db()
        assert (declines.state, last.state) == ("declined", "offered")
        newcomer = ten()
        outcomes = at_once(
            lambda row=declines: len(offers.reconsider(row, by=None, at=AT + MINUTE)),
            lambda row=declines: len(offers.reconsider(row, by=None, at=AT + MINUTE)),
            lambda row=last: bool(offers.decline(row, by=None, at=AT + MINUTE)),
            seat_of(newcomer, session),
        )
        assert outcomes == [("done", 1), ("done", 1), ("done", True), ("done", True)]
        assert audit.check(AT + MINUTE) == []
        row = Enrollment.objects.get(child=declines.child)
        assert row.ticket == 2 and row.state in {"waiting", "offered"}, "one entry, with the ticket it had"
        assert PlaceEvent.objects.filter(enrollment_ref=row.pk, reason="reconsidered").count() == 1
        held = Enrollment.objects.filter(session=session, state__in=["seated", "offered", "trial"])
        assert held.count() == 1, "the one seat is given once"


@pytest.mark.postgres
def test_a_decline_taken_back_while_the_family_joins_again_leaves_one_entry():
    for _turn in range(3):
        session, (seated, declines, _last), manager = queued()
        withdrawal.remove(seated, by=manager, reason="conduct", at=AT)
        declines.refresh_from_db()
        offers.decline(declines, by=None, at=AT)
        declines.refresh_from_db()
        outcomes = at_once(
            lambda row=declines: len(offers.reconsider(row, by=None, at=AT + MINUTE)),
            seat_of(declines.child, session),
        )
        assert sorted(kind for kind, _said in outcomes) == ["done", "refused"], outcomes
        assert Enrollment.objects.live().filter(child=declines.child, session=session).count() == 1
        assert audit.check(AT + MINUTE) == []
