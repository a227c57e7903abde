"""The last places through HTTP: real server processes, hundreds of families, every button pressed more than
once.

The rush on PostgreSQL is done once, with THOROUGH=1 twenty times, or as often as RUSHES says.
"""

import os
import random
from collections import Counter

import pytest
from django.db import connection

from courses.models import Session
from enrollments.models import Enrollment
from enrollments.places import audit
from tests.depth import usually
from tests.factories import ChildFactory, SessionFactory, UserFactory, saturday_in
from tests.races.server import press, served, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
RUSHES = int(os.environ.get("RUSHES", usually(1, thorough=20)))


def families(count: int) -> list[tuple[int, str]]:
    """Return this many (child, cookies of the signed-in guardian)."""
    found = []
    for _family in range(count):
        guardian = UserFactory(password=None)
        found.append((ChildFactory(guardian=guardian, age=10).pk, signed_in(guardian)))
    return found


def rush(port, session, known, *, callers, presses) -> list:
    orders = [
        (child, cookies, f"/fr/family/enroll/{session.pk}/", {"children": child})
        for child, cookies in known
        for _press in range(random.randint(*presses))
    ]
    random.shuffle(orders)
    answers = press(port, orders, callers=callers)
    connection.close()
    assert len(answers) == len(orders)
    return answers


def holds(session, known, answers, seats) -> None:
    """Check that exactly the seats are taken, the rest wait in ticket order without gaps, everybody gets the
    same answer each time, no errors.
    """
    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) == {302}, statuses
    led = {}
    for answer in answers:
        led.setdefault(answer.who, set()).add(answer.led_to)
    assert {len(places) for places in led.values()} == {1}, "the same form again: the same answer"
    rows = list(Enrollment.objects.filter(session=session).order_by("ticket"))
    assert [row.ticket for row in rows] == list(range(1, len(known) + 1))
    assert [row.state for row in rows] == ["seated"] * seats + ["waiting"] * (len(known) - seats)
    session = Session.objects.get(pk=session.pk)
    assert (session.seats_taken, session.waiting_count) == (seats, len(known) - seats)
    assert audit.check(rows[-1].created_at, [session.pk]) == []


@pytest.mark.postgres
def test_twelve_seats_hundreds_of_children_sixty_four_callers(academy_settings):
    known = families(usually(200, thorough=500))
    with served(processes=4, threads=8) as port:
        for _rush in range(RUSHES):
            session = SessionFactory(capacity=12, first_on=saturday_in(3))
            holds(session, known, rush(port, session, known, callers=64, presses=(1, 2)), 12)
            Enrollment.objects.all().delete()


@pytest.mark.postgres
def test_eight_presses_of_each_are_one(academy_settings):
    known = families(40)
    with served(processes=4, threads=8) as port:
        session = SessionFactory(capacity=12, first_on=saturday_in(3))
        holds(session, known, rush(port, session, known, callers=64, presses=(2, 8)), 12)


def test_the_embedded_server_serves_eight_at_once(academy_settings):
    """Test SQLite with one process of eight threads, as `make run`: no "database is locked"."""
    known = families(40)
    with served(processes=1, threads=8) as port:
        session = SessionFactory(capacity=12, first_on=saturday_in(3))
        holds(session, known, rush(port, session, known, callers=8, presses=(1, 2)), 12)
