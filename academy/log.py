"""Log lines in Morocco's time, by Python's own zone data: the C library reads the machine's, which may still
be an hour off (domain §2).
"""

import logging
from datetime import UTC, datetime

from django.utils import timezone


class LineFormatter(logging.Formatter):
    """One line per record; the time with its offset, as in 2026-11-29T15:00:00+00:00."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 — logging's name
        at = datetime.fromtimestamp(record.created, UTC).astimezone(timezone.get_default_timezone())
        return at.isoformat(timespec="milliseconds")
