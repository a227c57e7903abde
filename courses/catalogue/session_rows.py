"""A session as one row: its text, status and button, the same on every list and page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from courses.models import Session
from courses.models.timetable import SessionQuerySet
from courses.standing import Standing, standing
from home.cms.kept_addresses import kept_address
from home.language.dates import NO_BREAK, clock_words, date_words, day_short, day_tile, day_words, money_words
from home.language.table import language

# Sessions a family can act on come first, past ones last.
RANKS = {
    "places": 0,
    "last_places": 0,
    "waiting_list": 2,
    "opens_later": 3,
    "to_be_scheduled": 4,
    "running": 5,
    "closed": 5,
    "cancelled": 6,
}
ICONS = {"good": "check", "few": "ticket", "wait": "wait", "soon": "clock", "past": "calendar", "off": "x"}


# What a row shows of its session: two rows that agree in these, and in their own fields, look the same.
FACTS = attrgetter(
    "pk", "first_on", "last_on", "weekday", "starts", "ends", "language", "price", "beginners_welcome"
)


@dataclass(slots=True, eq=False)
class SessionRow:
    """A session with its status, ready to render; `enroll_url` is empty if there is nothing to do.

    Rows that look the same are equal.
    """

    session: Session
    standing: Standing
    venue: str
    city: str
    started: bool = False
    key: tuple[Any, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.key = (*FACTS(self.session), self.standing, self.venue, self.city, self.started)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SessionRow) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def rank(self) -> int:
        """Return the sort key: sessions not yet started come before started ones."""
        rank = RANKS.get(self.standing.code, 7)
        return 1 if rank == 0 and self.started else rank

    @property
    def order(self) -> tuple[Any, ...]:
        return (
            self.rank,
            self.session.first_on or date.max,
            self.session.starts is None,
            self.session.starts,
            self.session.pk,
        )

    @property
    def is_current(self) -> bool:
        return self.standing.code not in {"finished", "draft"}

    @property
    def icon(self) -> str:
        return ICONS[self.standing.tone]

    @property
    def enroll_url(self) -> str:
        return kept_address("enroll", [self.session.pk]) if self.standing.action else ""

    @property
    def action_label(self) -> str:
        """Return the button's label with the day, for screen readers."""
        return _("%(action)s: %(when)s") % {"action": self.standing.action_words, "when": self.starts_words}

    @property
    def tile(self) -> tuple[str, str, str] | None:
        """Return weekday, day and month of the first class, for the small calendar; None without dates."""
        return day_tile(self.session.first_on) if self.session.first_on else None

    @property
    def starts_words(self) -> str:
        """Return "samedi 5 décembre 2026", or that the dates are to be confirmed."""
        return day_words(self.session.first_on) if self.session.first_on else _("Dates to be confirmed")

    @property
    def short(self) -> str:
        """Return "sam.

        5 déc. · 14:00", "since sam. 5 déc. · 14:00", or that the dates are to be confirmed.
        """
        session = self.session
        if not session.first_on or session.starts is None:
            return _("Dates to be confirmed")
        when = f"{day_short(session.first_on)}{NO_BREAK}· {clock_words(session.starts)}"
        return _("since %(when)s") % {"when": when} if self.started else when

    @property
    def is_open(self) -> bool:
        """Return whether a family can act on it now, or soon."""
        return self.rank <= RANKS["to_be_scheduled"]

    @property
    def span(self) -> str:
        """Return "from 5 December 2026 to 27 February 2027"; empty without dates."""
        if not self.session.first_on or not self.session.last_on:
            return ""
        return _("from %(first)s to %(last)s") % {
            "first": date_words(self.session.first_on),
            "last": date_words(self.session.last_on),
        }

    @property
    def rhythm(self) -> str:
        return self.session.rhythm

    @property
    def taught_in(self) -> str:
        """Return "in French": the language spoken in class."""
        return str(language(self.session.language).taught_in)

    @property
    def price(self) -> str:
        """Return the price; empty for what cannot be bought: a closed, running or cancelled session."""
        return money_words(self.session.price) if self.is_open else ""


def with_place(sessions: SessionQuerySet, language: str, *, whole: bool = False) -> SessionQuerySet:
    """Annotate each session with the venue's code and texts, without a second query or three more objects per
    row.

    `whole` adds its address, directions and map link.
    """
    columns = ("name", "city", "address", "directions") if whole else ("name", "city")
    words = {"map_url": F("room__venue__map_url")} if whole else {}
    for column in columns:
        words[f"{column}_own"] = F(f"room__venue__{column}_{language}")
        words[f"{column}_french"] = F(f"room__venue__{column}_fr")
    rows: SessionQuerySet = sessions.annotate(venue_code=F("room__venue__code"), **words)
    return rows


def place_words(session: Session, column: str) -> str:
    """Return the venue's name, city, address or directions in the active language, falling back to French."""
    return getattr(session, f"{column}_own") or getattr(session, f"{column}_french") or ""


def current_lines(sessions: Iterable[Session], at: datetime) -> list[SessionRow]:
    """Return the sessions that are not over as rows; expects the columns of `with_place`."""
    lines = []
    for session in sessions:
        started = session.first_at is not None and session.first_at <= at
        lines.append(
            SessionRow(
                session,
                standing(session, at),
                place_words(session, "name"),
                place_words(session, "city"),
                started,
            )
        )
    return [line for line in lines if line.is_current]
