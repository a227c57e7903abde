"""The facts of a session as a family reads them: when, where, for whom, in which language, the price."""

from dataclasses import dataclass
from datetime import date

from courses.models import Session
from courses.standing import Standing
from home.language.dates import money_words


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """All words of the facts; equal ones look the same. `left`: how many classes are the child's who joined
    late; None for all. `price` is empty where nothing is to be bought any more.
    """

    first_on: date | None
    last_on: date | None
    rhythm: str
    classes: int
    left: int | None
    venue: str
    map_url: str
    band: str
    band_name: str
    language: str
    beginners_welcome: bool
    price: str
    standing: Standing | None


def facts_of(session: Session, standing: Standing | None, left: int | None) -> SessionFacts:
    """Return the facts in the active language; `session` comes with its room, venue, course and band."""
    venue, band = session.room.venue, session.course.band
    is_past = standing is not None and standing.code in {"cancelled", "finished"}
    return SessionFacts(
        first_on=session.first_on,
        last_on=session.last_on,
        rhythm=session.rhythm,
        classes=session.meetings_count,
        left=left,
        venue=venue.name,
        map_url=venue.map_url,
        band=band.code,
        band_name=band.name,
        language=str(Session.Language(session.language).label),  # Django's way words all of them
        beginners_welcome=session.beginners_welcome,
        price="" if is_past else money_words(session.price),
        standing=standing,
    )
