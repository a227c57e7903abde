"""Helpers for tests of places: a session with seated and waiting children."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from enrollments.places import admission, withdrawal
from tests.factories import ChildFactory, SessionFactory, UserFactory, saturday_in

FIRST = date(2026, 12, 5)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def local(*words) -> datetime:
    """Return an aware datetime of Moroccan local time."""
    return datetime(*words, tzinfo=timezone.get_default_timezone())


def session_of(**facts):
    """Create a session with one place and no minimum, by default on 5 December 2026."""
    return SessionFactory(**({"first_on": FIRST, "capacity": 1, "minimum": 0} | facts))


def soon(**facts):
    """Create the same session three Saturdays from today, for tests of pages that read the clock."""
    return session_of(**({"first_on": saturday_in(3)} | facts))


def ten(parent=None, **facts):
    """Create a child whose age every factory age band admits on FIRST."""
    return ChildFactory(**({"birth_date": date(2016, 6, 1), "guardian": parent or UserFactory()} | facts))


def join(session, child=None, at=AT, by=None):
    return admission.enroll(child=child or ten(), session=session, by=by, at=at)


def queue(session, count):
    """Create one seated child and `count` waiting ones."""
    return [join(session) for _child in range(count + 1)]


def withdraw(row, at=AT):
    return withdrawal.withdraw(row, by=row.child.guardians.first(), at=at)


def state(row) -> str:
    row.refresh_from_db()
    return row.state
