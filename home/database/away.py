"""Faults of a database that is away: it restarts, it is full, or a lock was waited for too long."""

from django.db import InterfaceError, InternalError, OperationalError


def is_away(fault: BaseException | None) -> bool:
    """Return whether the same request may be well in a moment.

    When a server dies, PgBouncer tells its client so unasked, and psycopg takes that for a second result of
    the next command: an InternalError without a code. With a code it is a fault of ours.
    """
    if isinstance(fault, InternalError):
        return getattr(fault.__cause__, "sqlstate", "") is None
    return isinstance(fault, OperationalError | InterfaceError)
