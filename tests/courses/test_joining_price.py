"""What a child pays that joins a session which has begun: the remaining classes, rounded once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses.timetable import scheduling
from courses.timetable.joining_price import JoiningPrice, joining_price
from tests.factories import CourseFactory, SessionFactory

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def session(db):
    """Return three classes of a session that costs 1,000 MAD, the first in a week."""
    course = CourseFactory(price=Decimal(1000))
    return SessionFactory(course=course, first_on=timezone.localdate() + timedelta(days=7))


@pytest.mark.parametrize(
    ("number", "gap", "off", "total"),
    [
        (1, -MOMENT, "0", "1000"),
        (1, timedelta(), "333.33", "666.67"),
        (2, -MOMENT, "333.33", "666.67"),
        (2, timedelta(), "666.67", "333.33"),
        (3, timedelta(), "1000", "0"),
    ],
)
def test_a_class_that_has_begun_is_not_paid_for(session, number, gap, off, total):
    meeting = session.meetings.get(number=number)
    price = joining_price(session, meeting.starts_at + gap)
    assert (price.off, price.total) == (Decimal(off), Decimal(total))


def test_a_cancelled_class_counts_neither_way(session):
    second = session.meetings.get(number=2)
    scheduling.cancel(second, at=timezone.now(), reason="Panne")
    session.refresh_from_db()
    price = joining_price(session, session.meetings.get(number=1).starts_at)
    assert (price.classes, price.missed, price.total) == (2, 1, Decimal(500))


def test_before_the_first_class_nothing_is_asked(session, queries):
    with queries() as seen:
        assert joining_price(session, timezone.now()).total == session.price
    assert seen == []


def test_without_dates_the_price_is_whole(db):
    session = SessionFactory(laid_out=False)
    assert joining_price(session, timezone.now()).total == session.price


@given(
    st.decimals(0, 99999, places=2),
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
)
def test_the_lines_always_add_up_and_never_leave_the_price(full, classes):
    price = JoiningPrice(full, *classes)
    assert price.total + price.off == full and 0 <= price.total <= full
    assert price.off == price.off.quantize(Decimal("0.01"))
