"""Course catalogue: apply the filters in the query string, count results per filter option, and suggest
alternatives when nothing matches.

Two queries whatever the number of sessions: the courses that have a page (courses/catalogue/course_cards.py)
and the sessions that are not over. Facets are counted in one pass, each with the other filters applied.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from courses.catalogue import filters as address
from courses.catalogue.course_cards import Told, told
from courses.catalogue.filters import Filters, way
from courses.catalogue.matching import Candidate, judge
from courses.catalogue.no_results import Empty, nothing
from courses.catalogue.search import found_courses
from courses.catalogue.session_rows import SessionRow, current_lines, with_place
from courses.models import Session
from home.cms.shared import shared
from home.database.compiled import for_each_language
from home.language.alphabet import order_of
from home.language.dates import date_words, money_words, weekday_words
from home.language.table import LANGUAGES

PER_PAGE, LINES = 12, 3


@dataclass(frozen=True, slots=True)
class Card:
    """A course in the list, with its next sessions that match the filters."""

    course: Told
    lines: tuple[SessionRow, ...]
    more: int
    lowest: Decimal
    varies: bool

    @property
    def price(self) -> str:
        return money_words(self.lowest)

    @property
    def order(self) -> tuple[Any, ...]:
        return self.lines[0].order if self.lines else (8,)

    @property
    def more_words(self) -> str:
        return ngettext("%(count)s more session", "%(count)s more sessions", self.more) % {"count": self.more}


@dataclass(frozen=True, slots=True)
class Option:
    """One filter option: label, number of matching courses, and the URL that toggles it."""

    value: str
    words: str
    count: int
    on: bool
    url: str


@dataclass(frozen=True, slots=True)
class FilterBox:
    """The filters as a visitor sets them, on the page at `path`."""

    path: str
    filters: Filters
    options: tuple[tuple[str, tuple[Option, ...]], ...]

    @property
    def facets(self) -> dict[str, tuple[Option, ...]]:
        return dict(self.options)

    @property
    def hidden(self) -> dict[str, list[tuple[str, str]]]:
        """Return the hidden fields a form needs to preserve the other filters."""
        pairs = self.filters.but().pairs()
        return {
            "q": [pair for pair in pairs if pair[0] != "q"],
            "born": [pair for pair in pairs if pair[0] not in {"born", "age"}],
        }

    @property
    def more_open(self) -> bool:
        """Return whether any collapsed filter is in use."""
        return bool(
            {"weekday", "language", "venue", "places"} & set(self.filters.active) or self.filters.born
        )

    @property
    def is_typed(self) -> bool:
        """Return whether it shows what a visitor typed: words, a date of birth."""
        return bool(self.filters.q or self.filters.born)


@dataclass
class Catalogue:
    """Template context of the catalogue."""

    path: str
    filters: Filters
    facets: dict[str, list[Option]]
    cards: Sequence[Card]
    total: int
    pager: Page[Card]
    notes: list[str]
    is_canonical: bool
    active: list[tuple[str, str]] = field(default_factory=list)
    sorts: list[Option] = field(default_factory=list)
    empty: Empty | None = None

    @property
    def total_words(self) -> str:
        return ngettext("%(count)s course", "%(count)s courses", self.total) % {"count": self.total}

    @property
    def box(self) -> FilterBox:
        options = tuple((name, tuple(options)) for name, options in self.facets.items())
        return FilterBox(self.path, self.filters, options)

    @property
    def query(self) -> str:
        """Return the query string of these filters without the page number, for pagination."""
        return self.filters.but().query()[1:]


CURRENT = for_each_language(lambda language, on: with_place(Session.objects.listed().current(on), language))


def browse(request: HttpRequest, at: datetime) -> Catalogue:
    """Return the catalogue for this URL at that time. Raises Http404 for a page that does not exist."""
    now, language = at, get_language()
    today = timezone.localdate(now)
    asked = address.read(request.GET, today)
    shelf = shared(("shelf", language), lambda: told(language))
    lines = current_lines(CURRENT[language](on=today), now)
    asked, notes = known_only(asked, shelf, lines)
    found = found_courses(asked.q, language) if asked.q else []
    candidates = judge(shelf, lines, asked, set(found), today)
    cards = ordered(make_cards(candidates), asked, found)
    paginator = Paginator(cards, PER_PAGE)
    try:
        pager = paginator.page(asked.page or 0)
    except EmptyPage:
        raise Http404 from None
    catalogue = Catalogue(
        path=request.path,
        filters=asked,
        facets=facets(candidates, shelf, lines, asked),
        cards=cast(list[Card], pager.object_list),
        total=len(cards),
        pager=pager,
        notes=notes,
        is_canonical=address.is_canonical(request.GET) and not notes,
        sorts=[
            Option(name, words, 0, asked.sort == name, way(asked.but(sort=name)))
            for name, words in sort_words(searching=bool(found)).items()
        ],
    )
    catalogue.active = active_words(catalogue)
    if not cards:
        catalogue.empty = nothing(candidates, shelf, asked, today, now)
    return catalogue


def known_only(asked: Filters, shelf: dict[int, Told], lines: list[SessionRow]) -> tuple[Filters, list[str]]:
    """Return the filters without unknown tracks and venues, with notes about what was ignored."""
    known = {
        "track": {course.track for course in shelf.values()},
        "venue": {line.session.venue_code for line in lines},
    }
    notes, changes = list(asked.notes), {}
    for name, values in known.items():
        kept = tuple(value for value in getattr(asked, name) if value in values)
        if kept != getattr(asked, name):
            changes[name] = kept
    if changes:
        notes.append(address.unknown_words())
        asked = asked.but(page=asked.page, **changes)
    return asked, list(dict.fromkeys(notes))


def make_cards(candidates: list[Candidate]) -> list[Card]:
    by_course: dict[int, tuple[Told, list[SessionRow]]] = {}
    for candidate in candidates:
        if not candidate.fails:
            lines = by_course.setdefault(candidate.course.pk, (candidate.course, []))[1]
            if candidate.line:
                lines.append(candidate.line)
    cards = []
    for course, lines in by_course.values():
        prices = {line.session.price for line in lines} or {course.price}
        cards.append(Card(course, tuple(lines[:LINES]), len(lines[LINES:]), min(prices), len(prices) > 1))
    return cards


def ordered(cards: list[Card], asked: Filters, found: list[int]) -> list[Card]:
    """Return the cards in the requested order; a search without one is sorted by relevance."""
    if asked.sort == "price":
        return sorted(cards, key=lambda card: (card.lowest, card.order))
    if asked.sort == "age":
        return sorted(cards, key=lambda card: (card.course.min_age, card.course.position, card.order))
    if asked.sort == "title":
        return sorted(cards, key=lambda card: order_of(address.clean(card.course.title)))
    if found:
        return sorted(cards, key=lambda card: found.index(card.course.pk))
    return sorted(cards, key=lambda card: card.order)


def sort_words(*, searching: bool = False) -> dict[str, str]:
    """Return the available orders. By default, a search is sorted by relevance and a list by date."""
    return {
        "soonest": _("Best match first") if searching else _("Earliest first"),
        "age": _("By age"),
        "price": _("By price"),
        "title": _("By title"),
    }


def facets(
    candidates: list[Candidate], shelf: dict[int, Told], lines: list[SessionRow], asked: Filters
) -> dict[str, list[Option]]:
    """Return the options of each filter with their course counts, other filters applied."""
    counts: defaultdict[tuple[str, object], set[int]] = defaultdict(set)  # keys of courses by option
    for candidate in candidates:
        fails, course, line = candidate.fails, candidate.course, candidate.line
        if len(fails) > 1:
            continue
        if fails <= {"age"}:
            for age in range(course.min_age, course.max_age + 1):
                counts["age", age].add(course.pk)
        if fails <= {"track"}:
            counts["track", course.track].add(course.pk)
        if line:
            session = line.session
            if fails <= {"weekday"} and session.weekday is not None:
                counts["weekday", address.WEEKDAYS[session.weekday]].add(course.pk)
            if fails <= {"language"}:
                counts["language", session.language].add(course.pk)
            if fails <= {"venue"}:
                counts["venue", session.venue_code].add(course.pk)
            if fails <= {"places"} and line.standing.has_places:
                counts["places", "1"].add(course.pk)

    def options(name: str, words: Mapping[Any, str], on: Callable[[Any], bool]) -> list[Option]:
        return [
            Option(
                str(value),
                label,
                len(counts.get((name, value), ())),
                on(value),
                way(asked.toggled(name, value)),
            )
            for value, label in words.items()
        ]

    ages = {age for course in shelf.values() for age in range(course.min_age, course.max_age + 1)}
    if asked.age is not None:
        ages.add(asked.age)
    tracks = {
        course.track: course.track_name
        for course in sorted(shelf.values(), key=lambda course: course.position)
    }
    weekdays = sorted({line.session.weekday for line in lines if line.session.weekday is not None})
    days = {address.WEEKDAYS[day]: weekday_words(day) for day in weekdays}
    languages = {code: str(language.taught_in) for code, language in LANGUAGES.items()}
    taught = {line.session.language for line in lines}
    venues = {line.session.venue_code: line.city for line in lines}
    return {
        "age": options("age", {age: str(age) for age in sorted(ages)}, lambda age: asked.age == age),
        "track": options("track", tracks, lambda code: code in asked.track),
        "weekday": options("weekday", days, lambda day: day in asked.weekday),
        "language": options(
            "language",
            {k: v for k, v in languages.items() if k in taught},
            lambda code: code in asked.language,
        ),
        "venue": options(
            "venue", dict(sorted(venues.items(), reverse=True)), lambda code: code in asked.venue
        ),
        "places": options("places", {"1": _("Only with places left")}, lambda _value: asked.places),
    }


def active_words(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return the active filters, each with the URL that removes it."""
    asked, found = catalogue.filters, []
    if asked.q:
        found.append((way(asked.without("q")), _("“%(words)s”") % {"words": asked.q}))
    if asked.born:
        found.append((way(asked.without("age")), _("born on %(day)s") % {"day": date_words(asked.born)}))
    elif asked.age is not None:
        found.append((way(asked.without("age")), age_words(asked.age)))
    for name in (*address.MANY, "places"):
        found += [(option.url, option.words) for option in catalogue.facets[name] if option.on]
    return found


def age_words(age: int) -> str:
    return ngettext("%(age)s year old", "%(age)s years old", age) % {"age": age}
