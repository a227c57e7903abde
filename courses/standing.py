"""Compute a session's status at a given time. Single source for pages, lists, search, JSON-LD and emails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from courses.models import Session
from home.language.dates import clock_words, day_short, day_words

LAST_PLACES = 3
INSTANT = timedelta(microseconds=1)  # the end of a day is shown as that day, not as the next one


@dataclass(frozen=True)
class Standing:
    """A session's status with its texts.

    code    places, last_places, waiting_list, opens_later, closed, running, finished, cancelled,
            to_be_scheduled or draft
    tone    how it looks: good, few, wait, soon, past or off
    words   the status in the active language, a few words at most
    detail  whether it will run, or the last day to join; may be empty
    action  enroll, wait or "", and the button's label
    at      the relevant time (opening, decision, end), or None
    """

    code: str
    tone: str
    words: str
    detail: str = ""
    action: str = ""
    action_words: str = ""
    at: datetime | None = None

    @property
    def has_places(self) -> bool:
        return self.code in {"places", "last_places"}

    @property
    def availability(self) -> str:
        """Return the schema.org ItemAvailability for this status."""
        return {
            "places": "InStock",
            "last_places": "LimitedAvailability",
            "waiting_list": "BackOrder",
            "opens_later": "PreSale",
            "to_be_scheduled": "PreSale",
            "cancelled": "Discontinued",
        }.get(self.code, "SoldOut")


def standing(session: Session, at: datetime) -> Standing:
    """Return the session's status at that time, in the active language. Makes no queries."""
    if session.published_at is None or session.published_at > at:
        return Standing("draft", "off", _("Not published"))
    if session.cancelled_at:
        return Standing("cancelled", "off", _("Cancelled"), at=session.cancelled_at)
    if session.first_at is None or session.over_at is None:
        return Standing("to_be_scheduled", "soon", _("Dates to be confirmed"))
    if session.is_over(at):
        return Standing("finished", "past", _("Finished"), at=session.over_at)
    started = at >= session.first_at
    joinable_until = cast(datetime, session.joinable_until)  # what has meetings has a last day to join
    if at >= joinable_until:
        if started:
            return Standing("running", "past", _("Started"), _("Enrollment has closed."), at=session.over_at)
        return Standing("closed", "past", _("Enrollment closed"), at=joinable_until)
    if session.opens_at and at < session.opens_at:
        words = _("Opens %(day)s at %(hour)s") % {
            "day": day_short(session.opens_at),
            "hour": clock_words(session.opens_at),
        }
        return Standing("opens_later", "soon", words, at=session.opens_at)
    detail, free = _will_it_run(session, at, joinable_until if started else None), session.free
    if free == 0 or session.waiting_count:
        words = _("Full: waiting list")
        if session.waiting_count:
            words = ngettext(
                "Full: %(count)s child on the waiting list",
                "Full: %(count)s children on the waiting list",
                session.waiting_count,
            ) % {"count": session.waiting_count}
        return Standing(
            "waiting_list",
            "wait",
            words,
            detail or _("Confirmed"),
            "wait",
            _("Join the waiting list"),
            joinable_until,
        )
    return _with_places(free, detail, joinable_until, get_language())


@lru_cache(maxsize=1_000)
def _with_places(free: int, detail: str, joinable_until: datetime, _language: str) -> Standing:
    """Return the status of a session that has free places; `detail` is empty for one that is confirmed."""
    words = ngettext("%(count)s place left", "%(count)s places left", free) % {"count": free}
    code, tone = ("last_places", "few") if free <= LAST_PLACES else ("places", "good")
    return Standing(code, tone, words, detail or _("Confirmed"), "enroll", _("Enroll"), joinable_until)


def _will_it_run(session: Session, at: datetime, joinable_until: datetime | None) -> str:
    """Return "Needs 6 children. We decide on Thursday 3 December 2026 at 18:00", the last day to join, or
    nothing for a session that is confirmed.
    """
    if joinable_until:
        return _("Started. You can join until %(day)s") % {"day": day_short(joinable_until - INSTANT)}
    return unconfirmed(session, at)


def unconfirmed(session: Session, at: datetime) -> str:
    """Return how many children a session that has not begun still needs to run, and when we decide; "" if it
    is confirmed.
    """
    if session.confirmed_at or session.minimum == 0 or session.seats_taken >= session.minimum:
        return ""
    if session.first_at and session.first_at <= at:
        return ""
    if session.decision_at and session.decision_at > at:
        return ngettext(
            "Needs %(count)s child. We decide on %(day)s at %(hour)s",
            "Needs %(count)s children. We decide on %(day)s at %(hour)s",
            session.minimum,
        ) % {
            "count": session.minimum,
            "day": day_words(session.decision_at),
            "hour": clock_words(session.decision_at),
        }
    return ngettext("Needs %(count)s child", "Needs %(count)s children", session.minimum) % {
        "count": session.minimum
    }
