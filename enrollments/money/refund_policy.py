"""Refund policy for family cancellations: one policy for every session, shown before confirming.

Pure functions; amounts in MAD.

Full refund until a week before the first class, half until the first class, nothing afterwards. Full refund
while a place is only offered or on the waiting list (nothing was paid), and whenever the academy cancels.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from courses.models import Session

ALL_UNTIL, HALF, NOTHING = timedelta(days=7), Decimal("0.5"), Decimal(0)


@dataclass(frozen=True)
class Band:
    """Until this time (None: from then on), this share of the price and this amount is refunded."""

    until: datetime | None
    share: Decimal
    amount: Decimal


def bands(session: Session, price: Decimal) -> list[Band]:
    """Return a session's refund bands in chronological order."""
    if session.first_at is None:
        return [Band(None, Decimal(1), price)]
    steps = [(session.first_at - ALL_UNTIL, Decimal(1)), (session.first_at, HALF), (None, NOTHING)]
    return [
        Band(until, share, (price * share).quantize(Decimal("0.01"), ROUND_HALF_UP)) for until, share in steps
    ]


def bands_ahead(session: Session, price: Decimal, at: datetime) -> tuple[Band, ...]:
    """Return the bands still in reach, the one in effect first: who joins late is shown no day that has
    passed.
    """
    return tuple(band for band in bands(session, price) if band.until is None or at < band.until)


def band_at(session: Session, price: Decimal, at: datetime) -> Band:
    """Return the band in effect at that time."""
    return bands_ahead(session, price, at)[0]
