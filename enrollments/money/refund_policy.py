"""What is given back to a family that cancels: one policy for every session, said before the button.

Pure; amounts in MAD.

All of it until a week before the first meeting, half of it until the first meeting, nothing afterwards; all
of it while a place is only offered or waited for (nothing was paid), and whenever the academy itself cancels.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from courses.models import Session

ALL_UNTIL, HALF, NOTHING = timedelta(days=7), Decimal("0.5"), Decimal(0)


@dataclass(frozen=True)
class Band:
    """Until this instant (None: from then on), this share of the price and this amount is given back."""

    until: datetime | None
    share: Decimal
    amount: Decimal


def bands(session: Session, price: Decimal) -> list[Band]:
    """The policy of a session in the order of time."""
    if session.first_at is None:
        return [Band(None, Decimal(1), price)]
    steps = [(session.first_at - ALL_UNTIL, Decimal(1)), (session.first_at, HALF), (None, NOTHING)]
    return [Band(until, share, (price * share).quantize(Decimal("0.01"))) for until, share in steps]


def band_at(session: Session, price: Decimal, at: datetime) -> Band:
    """The band one is in at that moment."""
    return next(band for band in bands(session, price) if band.until is None or at < band.until)
