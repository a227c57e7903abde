"""In what state a session is, at an instant.

Page, list, search, JSON-LD and letters all ask here; nothing else computes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Session
from home.language.dates import clock_words, day_short, day_words

LAST_PLACES = 3
INSTANT = timedelta(microseconds=1)  # the end of a day is told as that day, not as the next one


@dataclass(frozen=True)
class Standing:
    """A state with its words.

    code   places · last_places · waiting_list · opens_later · closed · running · finished · cancelled ·
    to_be_scheduled · draft tone   good · few · wait · soon · past · off (how it looks) words  the state, in
    the active language, at most a few words detail whether it will run, or until when one may join; may be
    empty action enroll · wait · "" and its words for a button at     the instant that matters (opening,
    decision, end), or None
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
        """The schema.org ItemAvailability that says the same as the words."""
        return {
            "places": "InStock",
            "last_places": "LimitedAvailability",
            "waiting_list": "BackOrder",
            "opens_later": "PreSale",
            "to_be_scheduled": "PreSale",
            "cancelled": "Discontinued",
        }.get(self.code, "SoldOut")


def standing(session: Session, at: datetime) -> Standing:
    """The state of the session at that instant, in the active language. Asks the database nothing."""
    if session.published_at is None or session.published_at > at:
        return Standing("draft", "off", _("Not published"))
    if session.cancelled_at:
        return Standing("cancelled", "off", _("Cancelled"), at=session.cancelled_at)
    if session.first_at is None:
        return Standing("to_be_scheduled", "soon", _("Dates to be confirmed"))
    if at >= session.over_at:
        return Standing("finished", "past", _("Finished"), at=session.over_at)
    started = at >= session.first_at
    if at >= session.joinable_until:
        if started:
            return Standing("running", "past", _("Started"), _("Enrollment has closed."), at=session.over_at)
        return Standing("closed", "past", _("Enrollment closed"), at=session.joinable_until)
    if session.opens_at and at < session.opens_at:
        words = _("Opens %(day)s at %(hour)s") % {
            "day": day_short(session.opens_at),
            "hour": clock_words(session.opens_at),
        }
        return Standing("opens_later", "soon", words, at=session.opens_at)
    detail = _will_it_run(session, at, started)
    if session.free == 0 or session.waiting_count:
        words = _("Full: waiting list")
        if session.waiting_count:
            words = ngettext(
                "Full: %(count)s child on the waiting list",
                "Full: %(count)s children on the waiting list",
                session.waiting_count,
            ) % {"count": session.waiting_count}
        return Standing(
            "waiting_list", "wait", words, detail, "wait", _("Join the waiting list"), session.joinable_until
        )
    words = ngettext("%(count)s place left", "%(count)s places left", session.free) % {"count": session.free}
    code, tone = ("last_places", "few") if session.free <= LAST_PLACES else ("places", "good")
    return Standing(code, tone, words, detail, "enroll", _("Enroll"), session.joinable_until)


def _will_it_run(session: Session, at: datetime, started: bool) -> str:
    """ "Confirmed", "Runs from 6 children, decided Thursday 3 December 2026 at 18:00", or until when one may
    join.
    """
    if started:
        return _("Started. You can join until %(day)s") % {"day": day_short(session.joinable_until - INSTANT)}
    if session.confirmed_at or session.minimum == 0 or session.seats_taken >= session.minimum:
        return _("Confirmed")
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
