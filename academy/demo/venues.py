"""Demo venues with rooms and opening hours, public holidays and school breaks."""

import re
from datetime import date, time, timedelta

import holidays
from django.db import transaction

from academy.demo.words import LANGUAGES, in_three, read
from courses.models import Closure, OpeningHours, Room, Venue

HOLIDAY_LANGUAGES = {"fr": "fr", "ar": "ar", "en": "en_US"}
ESTIMATED = re.compile(r"\s*\((estimé|تقديري|estimated)\)")


@transaction.atomic
def write_venues(today: date, say) -> None:
    """Write venues with rooms and opening hours, and the closures of the years around today."""
    plan = read("season")
    if Venue.objects.filter(code=plan["venues"][0]["code"]).exists():
        return
    say("Venues and closures")
    for row in plan["venues"]:
        words = {}
        for name in ("name", "city", "address", "directions"):
            words |= in_three(name, row[name])
        venue = Venue.objects.create(
            code=row["code"], is_open=row["is_open"], map_url=row["map_url"], **words
        )
        for room in row["rooms"]:
            Room.objects.create(venue=venue, seats=room["seats"], **in_three("name", room["name"]))
        OpeningHours.objects.bulk_create(
            OpeningHours(
                venue=venue,
                weekday=weekday,
                opens=time.fromisoformat(opens),
                closes=time.fromisoformat(closes),
            )
            for weekday, (opens, closes) in row["hours"].items()
        )
    years = range(today.year - 1, today.year + 2)
    Closure.objects.bulk_create([*public_holidays(years), *school_breaks(years, plan["breaks"])])


def public_holidays(years) -> list[Closure]:
    """Return Morocco's public holidays.

    Consecutive days with one name are one closure; religious holidays are estimates.
    """
    by_language = {
        language: holidays.country_holidays("MA", years=years, language=code)
        for language, code in HOLIDAY_LANGUAGES.items()
    }
    closures: list[Closure] = []
    for day in sorted(by_language["fr"]):
        for names in zip(*(by_language[language][day].split("; ") for language in LANGUAGES), strict=False):
            words = {
                language: ESTIMATED.sub("", name) for language, name in zip(LANGUAGES, names, strict=True)
            }
            words["en"] = words["en"].replace("Labor", "Labour")
            before = next(
                (c for c in closures if c.name_fr == words["fr"] and c.ends_on == day - timedelta(days=1)),
                None,
            )
            if before:
                before.ends_on = day
                continue
            estimated = any(ESTIMATED.search(name) for name in names)
            closures.append(
                Closure(starts_on=day, ends_on=day, is_estimate=estimated, **in_three("name", words))
            )
    return closures


def school_breaks(years, rules: list[dict]) -> list[Closure]:
    """Return these years' school breaks at their usual dates, from a Sunday to the Saturday after.

    All are estimates.
    """
    closures = []
    for year in years:
        for rule in rules:
            sundays = [
                day for day in (date(year, rule["month"], n) for n in range(1, 29)) if day.weekday() == 6
            ]
            if rule["nth"] < 0:
                later = [date(year, rule["month"], n) for n in (29, 30, 31)]
                sundays += [day for day in later if day.weekday() == 6]
            first = sundays[rule["nth"] if rule["nth"] < 0 else rule["nth"] - 1]
            closures.append(
                Closure(
                    starts_on=first,
                    ends_on=first + timedelta(days=6),
                    is_estimate=True,
                    **in_three("name", rule["name"]),
                )
            )
    return closures
