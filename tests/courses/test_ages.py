"""Ages on a day: the day before, the day, and 29 February."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.ages import age_on, birthday_in, turns

BORN = date(2019, 5, 14)
LEAP = date(2020, 2, 29)


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [
        (BORN, date(2026, 5, 13), 6),  # the eve of the seventh birthday
        (BORN, date(2026, 5, 14), 7),  # the day
        (BORN, date(2028, 5, 13), 8),  # the eve of the ninth
        (BORN, date(2028, 5, 14), 9),
        (LEAP, date(2027, 2, 28), 6),  # a common year: one turns on 1 March
        (LEAP, date(2027, 3, 1), 7),
        (LEAP, date(2028, 2, 28), 7),  # a leap year: on the day itself
        (LEAP, date(2028, 2, 29), 8),
        (date(2019, 12, 31), date(2026, 1, 1), 6),
        (BORN, BORN, 0),
        (BORN, BORN - timedelta(days=1), -1),
    ],
)
def test_an_age_is_counted_in_completed_years(birth_date, day, age):
    assert age_on(birth_date, day) == age


def test_an_age_is_reached_on_the_birthday():
    assert turns(BORN, 7) == date(2026, 5, 14)


def test_who_is_born_on_29_february_turns_on_1_march_of_a_common_year():
    assert turns(LEAP, 7) == date(2027, 3, 1)
    assert turns(LEAP, 8) == date(2028, 2, 29)
    assert birthday_in(LEAP, 2100) == date(2100, 3, 1)


days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@given(birth_date=days, age=st.integers(0, 40))
def test_the_eve_is_one_year_younger_than_the_day(birth_date, age):
    day = turns(birth_date, age)
    assert (age_on(birth_date, day - timedelta(days=1)), age_on(birth_date, day)) == (age - 1, age)


@given(birth_date=days, day=days)
def test_an_age_never_falls_as_days_pass(birth_date, day):
    assert (
        age_on(birth_date, day) <= age_on(birth_date, day + timedelta(days=1)) <= age_on(birth_date, day) + 1
    )


@given(birth_date=days, day=days)
def test_an_age_lies_between_two_of_its_days(birth_date, day):
    age = age_on(birth_date, day)
    assert turns(birth_date, age) <= day < turns(birth_date, age + 1)
