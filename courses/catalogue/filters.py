"""The catalogue's filters: read from an address that anybody may have typed, and written back in one way
only.

Pure.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
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
MANY = ("track", "weekday", "language", "venue")  # several values of one filter widen it


@dataclass(frozen=True)
class Filters:
    """What a visitor asks for.

    `notes` are sentences about what was left out; `page` is None when it is no page number.
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
        """The names of the filters in use; age and birth date are one."""
        found = [name for name in ("q", *MANY, "places") if getattr(self, name)]
        return [*found, "age"] if self.age is not None or self.born else found

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values in the one order that addresses are written in."""
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
        """ "?age=8&track=CODE", or "" when nothing is asked."""
        pairs = self.pairs()
        return f"?{urlencode(pairs)}" if pairs else ""

    def but(self, **changes) -> "Filters":
        """The same filters with these changes, on the first page."""
        return replace(self, **({"page": 1} | changes))

    def without(self, name: str) -> "Filters":
        empty = {"q": "", "places": False}.get(name, ())
        return self.but(age=None, born=None) if name == "age" else self.but(**{name: empty})

    def toggled(self, name: str, value) -> "Filters":
        """The filters after a touch on this option: on becomes off, off becomes on."""
        if name == "age":
            return self.but(age=None if self.age == value else value, born=None)
        if name == "places":
            return self.but(places=not self.places)
        values = set(getattr(self, name)) ^ {value}
        return self.but(**{name: _ordered(name, values)})


def _ordered(name: str, values) -> tuple[str, ...]:
    known = {"weekday": WEEKDAYS, "language": tuple(LANGUAGES)}.get(name)
    return tuple(sorted(values, key=known.index)) if known else tuple(sorted(values))


def number(text: str, lowest: int, highest: int) -> int | None:
    """A whole number between two bounds, in any script's digits (٨ is 8); None for anything else."""
    text = text.strip()
    if not 0 < len(text) <= 6 or not text.isdecimal():
        return None
    value = int(text)
    return value if lowest <= value <= highest else None


def clean(text: str, longest: int = LONGEST_SEARCH) -> str:
    """One line of plain characters, no longer than allowed."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 2]).split())[
        :longest
    ].strip()


def birth_date(query: QueryDict) -> tuple[date | None, bool]:
    """The birth date in the address (`born`, or the boxes day, month, year), and whether one was meant at
    all.
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
    if len(parts) != 3 or None in numbers:
        return None, True
    try:
        return date(*numbers), True
    except ValueError:
        return None, True


def read(query: QueryDict, today: date | None = None) -> Filters:
    """What an address asks for. Never fails: what makes no sense is left out, with a note that says so.

    `today` (the academy's day) bounds birth dates; without it they are only checked to exist.
    """
    notes, found = [], {}
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
        found["age"] = number(query["age"], YOUNGEST, OLDEST)
        if found["age"] is None:
            notes.append(_("An age must be a number from 3 to 18. We ignored this one."))

    unknown = False
    for name in MANY:
        typed = [value for value in query.getlist(name)[:20] if value]
        known = {"weekday": WEEKDAYS, "language": tuple(LANGUAGES)}.get(name)
        values = {value for value in typed if (value in known if known else CODE.fullmatch(value))}
        found[name] = _ordered(name, values)
        unknown |= len(values) < len(set(typed))
    if query.get("places", "") not in {"", "0", "1"}:
        unknown = True
    found["places"] = query.get("places") == "1"
    found["sort"] = query.get("sort") if query.get("sort") in SORTS else SORTS[0]
    unknown |= query.get("sort", "") not in {"", *SORTS}
    if unknown:
        notes.append(unknown_words())
    found["page"] = number(query["page"], 1, 999_999) if "page" in query else 1
    return Filters(**found, notes=tuple(notes))


def unknown_words() -> str:
    return _("We ignored a filter we did not recognise.")


def is_canonical(query: QueryDict) -> bool:
    """Whether this address is written the way the catalogue writes it, so that visitors may share its answer.

    Searches and birth dates are never shared: there are too many of them, and a birth date belongs to a
    child.
    """
    filters = read(query)
    if filters.q or filters.born or filters.notes or filters.page is None:
        return False
    return [(name, value) for name, values in query.lists() for value in values] == filters.pairs()
