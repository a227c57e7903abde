"""Compute ages and birthdays. Pure functions on dates."""

from datetime import date

from django.utils.translation import ngettext


def birthday_in(birth_date: date, year: int) -> date:
    """Return the day of that year on which somebody turns a year older.

    Born on 29 February: on 1 March of a common year, as civil registries count completed years.
    """
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def age_on(birth_date: date, day: date) -> int:
    """Return the whole years completed on that day; negative before birth."""
    return day.year - birth_date.year - (day < birthday_in(birth_date, day.year))


def turns(birth_date: date, age: int) -> date:
    """Return the day this age is reached, that birthday included."""
    return birthday_in(birth_date, birth_date.year + age)


def band_words(first: int, last: int) -> str:
    """Return "Ages 7-8" in the active language; both ages are included."""
    if first == last:
        return ngettext("Age %(age)s", "Age %(age)s", first) % {"age": first}
    words = ngettext("Age %(first)s-%(last)s", "Ages %(first)s-%(last)s", last)
    return words % {"first": first, "last": last}
