"""What a child pays for a session: the price, less the classes that have begun before it joins.

Pure functions but for one query; amounts in MAD, rounded half up once per line (domain §6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from courses.models import Meeting, Session

CENT = Decimal("0.01")


@dataclass(frozen=True)
class JoiningPrice:
    """The price of a place taken at one moment.

    full    the price of the whole session
    classes how many classes it has, without cancelled ones
    missed  how many of them have begun
    """

    full: Decimal
    classes: int
    missed: int

    @property
    def off(self) -> Decimal:
        """Return what the missed classes take off."""
        if not self.missed or not self.classes:
            return Decimal(0)
        return (self.full * self.missed / self.classes).quantize(CENT, ROUND_HALF_UP)

    @property
    def less(self) -> Decimal:
        """Return it as the line of a sum: negative."""
        return -self.off

    @property
    def total(self) -> Decimal:
        return self.full - self.off


def joining_price(session: Session, at: datetime) -> JoiningPrice:
    """Return the price of joining this session now. One query once it has begun, none before."""
    if session.first_at is None or session.first_at > at:
        return JoiningPrice(session.price, session.meetings_count, 0)
    begun = Meeting.objects.filter(session=session, cancelled_at=None, starts_at__lte=at).count()
    return JoiningPrice(session.price, session.meetings_count, begun)


def joining_prices(sessions: Iterable[Session], at: datetime) -> dict[int, JoiningPrice]:
    """Return the prices of several sessions by primary key."""
    return {session.pk: joining_price(session, at) for session in sessions}
