"""One session as a line to read: its words, its state and its button, the same on every list and page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.models import Session
from courses.standing import Standing, standing
from home.language.dates import clock_words, date_words, day_short, day_tile, day_words, money_words
from home.language.table import language

# What a family can act on comes first; what is behind us last.
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


@dataclass(slots=True)
class SessionRow:
    """A session with its standing, ready to print; `enroll_url` is empty where there is nothing to do."""

    session: Session
    standing: Standing
    venue: str
    city: str
    started: bool = False

    @property
    def rank(self) -> int:
        """What one may join from its first meeting comes before what has begun."""
        rank = RANKS.get(self.standing.code, 7)
        return 1 if rank == 0 and self.started else rank

    @property
    def order(self) -> tuple:
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
        return reverse("enroll", args=[self.session.pk]) if self.standing.action else ""

    @property
    def action_label(self) -> str:
        """The button's words with the day, for those who hear buttons without their surroundings."""
        return _("%(action)s: %(when)s") % {"action": self.standing.action_words, "when": self.starts_words}

    @property
    def tile(self) -> tuple[str, str, str] | None:
        """Weekday, number and month of the first meeting, for the small calendar leaf; None without dates."""
        return day_tile(self.session.first_on) if self.session.first_on else None

    @property
    def starts_words(self) -> str:
        """ "samedi 5 décembre 2026", or that the dates are still to come."""
        return day_words(self.session.first_on) if self.session.first_on else _("Dates to be confirmed")

    @property
    def short(self) -> str:
        """ "sam. 5 déc. · 14:00", "since sam. 5 déc. · 14:00", or that the dates are still to come."""
        session = self.session
        if not session.first_on:
            return _("Dates to be confirmed")
        when = f"{day_short(session.first_on)} · {clock_words(session.starts)}"
        return _("since %(when)s") % {"when": when} if self.started else when

    @property
    def is_open(self) -> bool:
        """Whether a family can do something with it now, or soon."""
        return self.rank <= RANKS["to_be_scheduled"]

    @property
    def span(self) -> str:
        """ "from 5 December 2026 to 27 February 2027"; empty without dates."""
        if not self.session.first_on:
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
        """ "in French": the language spoken in class."""
        return str(language(self.session.language).taught_in)

    @property
    def price(self) -> str:
        return money_words(self.session.price)


def with_place(sessions: QuerySet, language: str, *, whole: bool = False) -> QuerySet:
    """Adds the venue's code and words to each session, without a second query and without three more objects
    per row.

    `whole` adds its address, directions and map link.
    """
    columns = ("name", "city", "address", "directions") if whole else ("name", "city")
    words = {"map_url": F("room__venue__map_url")} if whole else {}
    for column in columns:
        words[f"{column}_own"] = F(f"room__venue__{column}_{language}")
        words[f"{column}_french"] = F(f"room__venue__{column}_fr")
    return sessions.annotate(venue_code=F("room__venue__code"), **words)


def place_words(session: Session, column: str) -> str:
    """Name, city, address or directions of the venue in the reader's language, in French where they are
    missing.
    """
    return getattr(session, f"{column}_own") or getattr(session, f"{column}_french") or ""


def current_lines(sessions: Iterable[Session], at: datetime) -> list[SessionRow]:
    """The sessions that are not over, as lines; expects the columns of `with_place`."""
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
