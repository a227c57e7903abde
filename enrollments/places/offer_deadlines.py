"""Compute when an offer expires (domain §5).

Pure functions on aware datetimes; times of day are Moroccan local time.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from courses.models.timetable import instant
from enrollments.models import Enrollment

LASTS = timedelta(hours=48)
BEFORE_MEETING = timedelta(hours=24)  # an offer ends a day before the next class; any later, we phone
UNOPENED = timedelta(hours=12)  # before its end, an unopened offer goes on the call list
CALLED_FOR = timedelta(minutes=20)
SHORTEST = timedelta(hours=1)  # too little time for an offer by email
TAKE_BACK = timedelta(hours=24)
DECLINE_KEPT = timedelta(days=1)  # a decline can be withdrawn (domain §5)
NIGHT_FROM, NIGHT_TO = time(21), time(9)
MORNING, EVENING = time(11), time(20, 59)


@dataclass(frozen=True)
class Deadline:
    """How an offer is made (email or call), and when it expires."""

    kind: str
    until: datetime


def offer_end(
    at: datetime, *, next_meeting_at: datetime | None, joinable_until: datetime | None
) -> Deadline | None:
    """Return when an offer made at that time expires; None if no offer can be made any more.

    48 hours, or until 24 hours before the next class. Never at night: between 21:00 and 09:00 it moves to
    11:00 of that morning, or back to 20:59 if 11:00 would be too late. Less than 24 hours before a class, the
    family is phoned instead.
    """
    if joinable_until is not None and joinable_until <= at:
        return None
    bounds = [
        bound for bound in (next_meeting_at and next_meeting_at - BEFORE_MEETING, joinable_until) if bound
    ]
    call = Deadline(Enrollment.OfferKind.CALL, joinable_until or at + LASTS)
    if next_meeting_at is not None and next_meeting_at - at < BEFORE_MEETING:
        return call
    until = by_day(min([at + LASTS, *bounds]), bounds)
    return Deadline(Enrollment.OfferKind.LETTER, until) if until > at + SHORTEST else call


def by_day(until: datetime, bounds: list[datetime]) -> datetime:
    """Return the same deadline, moved out of the night."""
    local = until.astimezone(ZoneInfo(settings.TIME_ZONE))
    late, early = local.time() >= NIGHT_FROM, local.time() < NIGHT_TO
    if not (late or early):
        return until
    evening_before = local.date() if late else local.date() - timedelta(days=1)
    morning = instant(evening_before + timedelta(days=1), MORNING)
    return morning if all(morning <= bound for bound in bounds) else instant(evening_before, EVENING)
