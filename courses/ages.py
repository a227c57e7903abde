"""How old somebody is on a day, and when an age is reached. Pure: dates in, numbers and dates out."""

from datetime import date


def birthday_in(birth_date: date, year: int) -> date:
    """The day of that year on which somebody turns a year older.

    Born on 29 February: on 1 March of a common year, as civil registries count completed years.
    """
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def age_on(birth_date: date, day: date) -> int:
    """Whole years completed on that day; negative before birth."""
    return day.year - birth_date.year - (day < birthday_in(birth_date, day.year))


def turns(birth_date: date, age: int) -> date:
    """The day on which this age is reached: from then on, that birthday included."""
    return birthday_in(birth_date, birth_date.year + age)
