"""Reports and exports read a streaming replica of the database, where REPLICA_URL names one.

Nobody reads a write late, own or not: a report asks the primary how far its log is on the disk, and reads the
replica only when that has replayed as much, within PATIENCE. What was answered "done" is on the disk of the
primary (`synchronous_commit` is on). A replica that is behind or away costs a line in the log: the primary
answers.

Only views that change nothing are decorated; what they record of the reading is written to the primary.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from django.db.models import Model

from home.database.away import is_away

ALIAS = "replica"
PATIENCE = 0.5  # seconds that a report waits for the replica to catch up
LOOKS = 0.02  # seconds between two looks
PAUSE = 10.0  # seconds before a replica that was away is asked again
log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
_is_reading: ContextVar[bool] = ContextVar("reads_replica", default=False)
_away_until = 0.0


class Router:
    """Reads inside a report go to the replica, everything else to the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return ALIAS if _is_reading.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True  # they are the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db != ALIAS


def reads_replica(view: View) -> View:
    """Decorate a view that only reads, below the check of rights. After a fault half-way nothing is recorded
    of the reading, and the primary is asked.
    """

    @wraps(view)
    def reading(request: Any, *args: Any, **more: Any) -> Any:
        if ALIAS not in settings.DATABASES:
            return view(request, *args, **more)
        if not is_level():
            if time.monotonic() >= _away_until:
                log.warning("the replica is behind: the primary answers")
            return view(request, *args, **more)
        token = _is_reading.set(True)
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                return view(request, *args, **more)
        except Error as fault:
            if not is_away(fault):
                raise
            _leave(type(fault).__name__)
        finally:
            _is_reading.reset(token)
        return view(request, *args, **more)

    reading.reads_replica = True  # type: ignore[attr-defined]  # for the test that knows them all
    return cast(View, reading)


def is_level(patience: float = PATIENCE) -> bool:
    """Return whether the replica has every write that was answered before this call; wait for it that many
    seconds at most.
    """
    if time.monotonic() < _away_until:
        return False
    until = time.monotonic() + patience
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()")
        [written] = cursor.fetchone()
    try:
        with connections[ALIAS].cursor() as cursor:
            while True:
                cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [written])
                if cursor.fetchone()[0]:
                    return True
                if time.monotonic() >= until:
                    return False
                time.sleep(LOOKS)
    except Error as fault:
        _leave(type(fault).__name__)
        return False


def state() -> str | None:
    """Return "ok", "behind" or "away"; None without a replica. Waits for a moment."""
    if ALIAS not in settings.DATABASES:
        return None
    try:
        if is_level(patience=5 * LOOKS):
            return "ok"
    except Error:  # it is the primary that is away, and /readyz names it
        return None
    return "away" if time.monotonic() < _away_until else "behind"


def _leave(why: str) -> None:
    """Do without the replica for a while."""
    global _away_until
    _away_until = time.monotonic() + PAUSE
    log.warning("the replica is away (%s): the primary answers", why)
    connections[ALIAS].close()
