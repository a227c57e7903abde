"""Catalogue filters: parse an untrusted query string and write its single canonical form. Pure functions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from courses.ages import age_on
from home.language.table import LANGUAGES

YOUNGEST, OLDEST = 3, 18
LONGEST_SEARCH = 80
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SORTS = ("soonest", "age", "price", "title")
CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
MANY = ("track", "weekday", "language", "venue")  # several values of one filter are combined with OR


@dataclass(frozen=True)
class Filters:
    """The filters of a request.

    `notes` are sentences about what was ignored; `page` is None if it is not a page number.
    """

    q: str = ""
    age: int | None = None
    born: date | None = None
    track: tuple[str, ...] = ()
    weekday: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    venue: tuple[str, ...] = ()
    places: bool = False
    sort: str = "soonest"
    page: int | None = 1
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def active(self) -> list[str]:
        """Return the names of the active filters; age and birth date count as one."""
        found = [name for name in ("q", *MANY, "places") if getattr(self, name)]
        return [*found, "age"] if self.age is not None or self.born else found

    def pairs(self) -> list[tuple[str, str]]:
        """Return names and values in canonical order."""
        pairs = [("q", self.q)] if self.q else []
        if self.born:
            pairs.append(("born", self.born.isoformat()))
        elif self.age is not None:
            pairs.append(("age", str(self.age)))
        pairs += [(name, value) for name in MANY for value in getattr(self, name)]
        if self.places:
            pairs.append(("places", "1"))
        if self.sort != SORTS[0]:
            pairs.append(("sort", self.sort))
        if self.page and self.page > 1:
            pairs.append(("page", str(self.page)))
        return pairs

    def query(self) -> str:
        """Return "?age=8&track=CODE", or "" without filters."""
        pairs = self.pairs()
        return f"?{urlencode(pairs)}" if pairs else ""

    def but(self, **changes: Any) -> "Filters":
        """Return the same filters with these changes, on the first page."""
        return replace(self, **({"page": 1} | changes))

    def without(self, name: str) -> "Filters":
        empty = {"q": "", "places": False}.get(name, ())
        return self.but(age=None, born=None) if name == "age" else self.but(**{name: empty})

    def toggled(self, name: str, value: Any) -> "Filters":
        """Return the filters with this option toggled."""
        if name == "age":
            return self.but(age=None if self.age == value else value, born=None)
        if name == "places":
            return self.but(places=not self.places)
        values = set(getattr(self, name)) ^ {value}
        return self.but(**{name: _ordered(name, values)})


def _ordered(name: str, values: Iterable[str]) -> tuple[str, ...]:
    known = {"weekday": WEEKDAYS, "language": tuple(LANGUAGES)}.get(name)
    return tuple(sorted(values, key=known.index)) if known else tuple(sorted(values))


def number(text: str, lowest: int, highest: int) -> int | None:
    """Parse a whole number between two bounds, in any script's digits (٨ is 8); None for anything else."""
    text = text.strip()
    if not 0 < len(text) <= 6 or not text.isdecimal():
        return None
    value = int(text)
    return value if lowest <= value <= highest else None


def clean(text: str, longest: int = LONGEST_SEARCH) -> str:
    """Return one line of plain characters, cut to the maximum length."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 2]).split())[
        :longest
    ].strip()


def birth_date(query: QueryDict) -> tuple[date | None, bool]:
    """Return the birth date in the query (`born`, or the boxes day, month, year), and whether one was given
    at all.
    """
    parts = (
        query.get("born", "").split("-")[:4]
        if query.get("born")
        else [query.get(name, "") for name in ("year", "month", "day")]
    )
    if not any(part.strip() for part in parts):
        return None, False
    numbers = [
        number(part, low, high) for part, low, high in zip(parts, (1900, 1, 1), (2200, 12, 31), strict=False)
    ]
    year, month, day = [*numbers, None, None, None][:3]
    if len(parts) != 3 or year is None or month is None or day is None:
        return None, True
    try:
        return date(year, month, day), True
    except ValueError:
        return None, True


def read(query: QueryDict, today: date | None = None) -> Filters:
    """Parse a query string. Never fails: invalid values are ignored, with a note.

    `today` (in the academy's time zone) bounds birth dates; without it, they are only checked to exist.
    """
    notes: list[str] = []
    found: dict[str, Any] = {}
    typed = query.get("q", "")
    found["q"] = clean(typed)
    if len(typed) > LONGEST_SEARCH:
        notes.append(_("Your search was too long. We only searched for the first words."))

    found["born"], meant = birth_date(query)
    if meant and found["born"] is None:
        notes.append(_("This birth date does not exist, so we ignored it."))
    elif found["born"] and today and not YOUNGEST <= age_on(found["born"], today) <= OLDEST:
        found["born"] = None
        notes.append(_("With this birth date, the child is under 3 or over 18 today, so we ignored it."))
    if found["born"] is None and query.get("age", "").strip():
        found["age"] = number(query.get("age", ""), YOUNGEST, OLDEST)
        if found["age"] is None:
            notes.append(_("An age must be a number from 3 to 18. We ignored this one."))

    unknown = False
    for name in MANY:
        chosen = [value for value in query.getlist(name)[:20] if value]
        known = {"weekday": WEEKDAYS, "language": tuple(LANGUAGES)}.get(name)
        values = {value for value in chosen if (value in known if known else CODE.fullmatch(value))}
        found[name] = _ordered(name, values)
        unknown |= len(values) < len(set(chosen))
    if query.get("places", "") not in {"", "0", "1"}:
        unknown = True
    found["places"] = query.get("places") == "1"
    found["sort"] = query.get("sort") if query.get("sort") in SORTS else SORTS[0]
    unknown |= query.get("sort", "") not in {"", *SORTS}
    if unknown:
        notes.append(unknown_words())
    found["page"] = number(query.get("page", ""), 1, 999_999) if "page" in query else 1
    return Filters(**found, notes=tuple(notes))


def unknown_words() -> str:
    return _("We ignored a filter we did not recognise.")


def is_canonical(query: QueryDict) -> bool:
    """Return whether this query string is in canonical form, so that visitors may share the cached response.

    Searches and birth dates are never shared: there are too many of them, and a birth date belongs to a
    child.
    """
    filters = read(query)
    if filters.q or filters.born or filters.notes or filters.page is None:
        return False
    return [(name, value) for name, values in query.lists() for value in values] == filters.pairs()


def way(filters: Filters) -> str:
    """Return the URL of these filters on this page; "?" clears the query string."""
    return filters.query() or "?"
