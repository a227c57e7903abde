"""Clashes: a place at the same time, with the way between two venues counted."""

from datetime import date, time

import pytest
from django.utils import translation

from enrollments.places.eligibility import obstacles
from tests.enrollments.test_eligibility import AT, FIRST, busy, codes, seat, session_of, ten
from tests.factories import (
    CourseFactory,
    VenueFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("starts", "ends", "clash"),
    [
        (time(15, 29), time(17), True),
        (time(15, 30), time(17), False),
        (time(12, 30), time(14), False),
        (time(12, 30), time(14, 1), True),
    ],
)
def test_in_one_venue_a_class_may_begin_when_the_other_ends(starts, ends, clash):
    child = ten()
    busy(child)
    assert codes(child, session_of(starts=starts, ends=ends)) == (["clash"] if clash else [])


@pytest.mark.parametrize(
    ("starts", "ends", "clash"),
    [
        (time(16, 29), time(18), True),
        (time(16, 30), time(18), False),
        (time(11), time(13), False),
        (time(11), time(13, 1), True),
    ],
)
def test_between_two_venues_of_a_city_an_hour_is_needed(starts, ends, clash):
    child = ten()
    busy(child, venue=VenueFactory(code="autre"))
    assert codes(child, session_of(starts=starts, ends=ends)) == (["clash"] if clash else [])


@pytest.mark.parametrize(("first_on", "clash"), [(FIRST, True), (date(2026, 12, 6), False)])
def test_another_city_is_never_the_same_day(first_on, clash):
    child = ten()
    busy(child, venue=VenueFactory(code="casablanca", city_fr="Casablanca"), starts=time(8), ends=time(9))
    assert codes(child, session_of(first_on=first_on, starts=time(20), ends=time(21))) == (
        ["clash"] if clash else []
    )


def test_waiting_elsewhere_is_no_clash():
    child = ten()
    full = session_of(capacity=1)
    seat(ten(), full)
    assert seat(child, full).state == "waiting"
    assert codes(child, session_of()) == []


def test_a_meeting_that_is_over_or_cancelled_is_no_clash():
    child = ten()
    busy(child, first_on=date(2026, 11, 28))  # 28 November, 5 and 12 December
    other = session_of(first_on=date(2026, 11, 28), count=1)
    assert codes(child, other) == ["clash"]
    assert codes(child, session_of(first_on=date(2026, 12, 19))) == []
    for meeting in other.meetings.all():
        type(meeting).objects.filter(pk=meeting.pk).update(cancelled_at=AT)
    assert codes(child, other) == []


def test_a_clash_names_the_course_the_day_and_the_hours():
    child = ten()
    seat(child, session_of(course=CourseFactory(title_en="Games")))
    with translation.override("en"):
        [refusal] = obstacles(child=child, session=session_of(), at=AT)
    assert refusal.detail == "Games, Saturday 5 December 2026, 14:00–15:30."
