"""What a confirmation says besides the place: what is due, what is refunded until when, and which children we
still ask about for the way home.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from courses.models import Meeting, Session
from courses.timetable.joining_price import JoiningPrice
from enrollments.models import Child, Enrollment
from enrollments.money.refund_policy import Band, bands_ahead


@dataclass(frozen=True)
class Terms:
    """The terms of some seats in one session. `price` in MAD, 0 for children who only wait."""

    price: Decimal = Decimal(0)
    bands: tuple[Band, ...] = ()
    asks_collection: list[Child] = field(default_factory=list)


def joined_late(row: Enrollment, meetings: Iterable[Meeting]) -> JoiningPrice | None:
    """Return the lines that explain the price of a seat taken after the session's first class, without a
    query; None where they do not add up to what was agreed. `meetings`: the session's, none cancelled.
    """
    starts = [meeting.starts_at for meeting in meetings]
    missed = sum(1 for start in starts if row.seated_at and start <= row.seated_at)
    joining = JoiningPrice(row.session.price, len(starts), missed)
    return joining if missed and joining.total == row.price else None


def terms_of(rows: Iterable[Enrollment], session: Session, at: datetime) -> Terms:
    """Return the terms of these rows' seats from now on, without a query; `rows` with their children."""
    seated = [row for row in rows if row.state == Enrollment.State.SEATED]
    if not seated:
        return Terms()
    price = sum((row.price for row in seated), Decimal(0))
    silent = [row.child for row in seated if row.child.collection_confirmed_at is None]
    return Terms(price, bands_ahead(session, price, at) if price else (), silent)
