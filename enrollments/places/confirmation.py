"""What a confirmation says besides the place: what is due, what is refunded until when, and which children we
still ask about for the way home.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from courses.models import Session
from enrollments.models import Child, Enrollment
from enrollments.money.refund_policy import Band, bands_ahead


@dataclass(frozen=True)
class Terms:
    """The terms of some seats in one session. `price` in MAD, 0 for children who only wait."""

    price: Decimal = Decimal(0)
    bands: list[Band] = field(default_factory=list)
    asks_collection: list[Child] = field(default_factory=list)


def terms_of(rows: Iterable[Enrollment], session: Session, at: datetime) -> Terms:
    """Return the terms of these rows' seats from now on, without a query; `rows` with their children."""
    seated = [row for row in rows if row.state == Enrollment.State.SEATED]
    if not seated:
        return Terms()
    price = sum((row.price for row in seated), Decimal(0))
    silent = [row.child for row in seated if row.child.collection_confirmed_at is None]
    return Terms(price, bands_ahead(session, price, at) if price else [], silent)
