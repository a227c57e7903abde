"""Scarce places under real concurrency.

Tests marked `postgres` need its row locks; the others hold on SQLite too.
"""

import time as clock
from collections import Counter
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection, transaction
from django.db.models import F, QuerySet

from courses.models import Session
from enrollments.models import Enrollment, PlaceEvent
from enrollments.places import admission, seat_log
from home.database.compiled import Compiled
from tests.factories import ChildFactory, SessionFactory
from tests.races.crowd import at_once, in_threads

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = date(2026, 12, 5)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def session_of(**facts):
    return SessionFactory(**({"first_on": FIRST} | facts))


def ten():
    return ChildFactory(birth_date=date(2016, 6, 1))


def seat(child, session):
    """Return an act that gives this child a place in this session; its value is state and ticket."""

    def act():
        row = admission.enroll(child=child, session=session, by=None, at=AT)
        return row.state, row.ticket

    return act


def states(session) -> Counter:
    return Counter(Enrollment.objects.filter(session=session).values_list("state", flat=True))


def in_order(session) -> bool:
    """Check that tickets run from 1 without gaps, seated first, and that events have the same order."""
    rows = list(Enrollment.objects.filter(session=session).order_by("ticket"))
    told = list(
        PlaceEvent.objects.filter(session_ref=session.pk)
        .order_by("pk")
        .values_list("enrollment_ref", flat=True)
    )
    ranks = [row.state != "seated" for row in rows]
    return (
        [row.ticket for row in rows] == list(range(1, len(rows) + 1))
        and ranks == sorted(ranks)
        and told == [row.pk for row in rows]
    )


def counted(session) -> bool:
    """Check that the session's counters match its rows."""
    session.refresh_from_db()
    seated = states(session)
    return (session.seats_taken, session.waiting_count, session.next_ticket) == (
        seated["seated"],
        seated["waiting"],
        seated.total() + 1,
    )


@pytest.mark.parametrize("together", [at_once, in_threads])
def test_eight_at_once_for_the_last_place_one_is_seated_and_seven_wait_in_order(together):
    session = session_of(capacity=1)
    outcomes = together(*[seat(ten(), session) for _child in range(8)])
    assert sorted(outcomes, key=lambda outcome: outcome[1][1]) == [("done", ("seated", 1))] + [
        ("done", ("waiting", ticket)) for ticket in range(2, 9)
    ]
    assert in_order(session) and counted(session)


def test_two_hundred_callers_on_twenty_seats():
    session = session_of(capacity=20)
    families = [[ten() for _child in range(25)] for _process in range(8)]

    def call(children):
        return lambda: [seat(child, session)() for child in children] and None

    assert at_once(*[call(children) for children in families]) == [("done", None)] * 8
    assert states(session) == {"seated": 20, "waiting": 180}
    assert in_order(session) and counted(session)


def test_the_same_child_in_two_tabs_gets_one_enrollment():
    session, child = session_of(), ten()
    outcomes = at_once(*[seat(child, session) for _tab in range(5)])
    assert Counter(kind for kind, _value in outcomes) == {"done": 1, "refused": 4}
    assert all("already_in" in value for kind, value in outcomes if kind == "refused")
    assert states(session) == {"seated": 1} and counted(session)
    assert PlaceEvent.objects.count() == 1


def test_two_classes_at_one_time_only_one_is_given():
    child, one, other = ten(), session_of(), session_of(starts=time(15), ends=time(16))
    outcomes = at_once(seat(child, one), seat(child, other))
    assert sorted(kind for kind, _value in outcomes) == ["done", "refused"]
    assert "clash" in next(value for kind, value in outcomes if kind == "refused")
    assert Enrollment.objects.count() == 1


def test_families_that_name_their_children_in_another_order_do_not_block_each_other():
    one, other = ten(), ten()
    for week in range(4):
        morning = session_of(starts=time(9), ends=time(10), first_on=date(2027, 1, 4 + week), count=1)
        evening = session_of(starts=time(17), ends=time(18), first_on=date(2027, 1, 4 + week), count=1)

        def together(children, session):
            return lambda: len(admission.enroll_together(children=children, session=session, by=None, at=AT))

        outcomes = at_once(together([one, other], morning), together([other, one], evening))
        assert outcomes == [("done", 2), ("done", 2)]


@pytest.mark.postgres
def test_control_without_lock_and_condition_the_database_itself_stops_the_collision(monkeypatch):
    """Control: if the race above proved nothing, this test would pass without the constraint being named."""
    session = session_of(capacity=1)
    with (
        connection.cursor() as cursor
    ):  # this one speaks first of such a row; the other must be able to stand alone
        cursor.execute("ALTER TABLE courses_session DROP CONSTRAINT session_keeps_its_held_places")

    def append_blindly(child, session, *, by, at, reference, **_more):
        Session.objects.filter(pk=session.pk).update(
            seats_taken=F("seats_taken") + 1, next_ticket=F("next_ticket") + 1
        )
        ticket = Session.objects.values_list("next_ticket", flat=True).get(pk=session.pk) - 1
        return Enrollment.objects.create(
            child=child,
            session=session,
            state="seated",
            ticket=ticket,
            reference=reference,
            price=session.price,
            first_meeting_on=session.first_on,
            created_at=at,
            changed_at=at,
            seated_at=at,
        )

    monkeypatch.setattr(seat_log, "append", append_blindly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    for name in ("CHILDREN", "SESSION_ITSELF"):  # made anew, by the processes of the race, without their lock
        monkeypatch.setattr(seat_log, name, Compiled(getattr(seat_log, name).rows))
    outcomes = at_once(*[seat(ten(), session) for _child in range(8)])
    assert Counter(kind for kind, _value in outcomes) == {"done": 1, "refused": 7}
    assert all("session_never_overbooked" in value for kind, value in outcomes if kind == "refused")
    assert states(session) == {"seated": 1}


@pytest.mark.postgres
def test_a_lock_is_waited_for_three_seconds_at_most():
    session, child = session_of(), ten()
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=session.pk)
        ours = connection.connection
        connection.connection = None  # kept open through the fork: the lock must outlive it
        started = clock.monotonic()
        ((kind, said),) = at_once(seat(child, session))
        waited = clock.monotonic() - started
        connection.connection = ours
    assert (kind, "lock timeout" in said) == ("refused", True)
    assert 2.5 < waited < 10
    assert not Enrollment.objects.exists()


@pytest.mark.postgres
def test_days_are_not_computed_by_the_servers_own_zone_files():
    """The server may have older zone data; the stored time must be the one Python computed."""
    session = session_of(starts=time(15), ends=time(16))
    assert session.meetings.get(number=1).starts_at == datetime(2026, 12, 5, 15, tzinfo=UTC)
