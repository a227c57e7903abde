"""Ask the servers of files for a sign of life. A folder always gives it."""

import logging
import time
from collections.abc import Callable

from django.core.files.storage import storages

log = logging.getLogger(__name__)
REMEMBERED = 5.0  # seconds
_found: dict[str, tuple[float, bool]] = {}  # by alias: when it was asked, and what it said


class Away(ConnectionError):
    """Raised when the server of files does not answer, or refuses: try again later."""


def state() -> str | None:
    """Return "ok" or "away" for the buckets, asked every five seconds at most; None where there are none."""
    checks = {alias: getattr(storages[alias], "check", None) for alias in ("default", "private")}
    answers = [_answers(alias, check) for alias, check in checks.items() if check]
    return ("ok" if all(answers) else "away") if answers else None


def _answers(alias: str, check: Callable[[], None]) -> bool:
    asked_at, answered = _found.get(alias, (0.0, True))
    if not asked_at or time.monotonic() - asked_at >= REMEMBERED:
        try:
            check()
            answered = True
        except Away as fault:
            log.warning("the bucket of %s is away: %s", alias, fault)
            answered = False
        _found[alias] = (time.monotonic(), answered)
    return answered
