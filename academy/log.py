"""Log lines: the time in Morocco, and no address that opens something for anyone who reads it.

The time is by Python's own zone data: the C library reads the machine's, which may still be an hour off
(domain §2).
"""

import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone


class LineFormatter(logging.Formatter):
    """One line per record; the time with its offset, as in 2026-11-29T15:00:00+00:00."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 — logging's name
        at = datetime.fromtimestamp(record.created, UTC).astimezone(timezone.get_default_timezone())
        return at.isoformat(timespec="milliseconds")


# First parts of the addresses whose next part is a secret: a link of an email, a printed or spoken code, a
# feed. academy/deploy/nginx.conf names the same ones.
SECRET_ADDRESSES = (
    "survey",
    "certificate",
    "offers",
    "team",
    "pass",
    "letters",
    "card",
    "room",
    "calendar",
    "showcase",
)
_SECRET = re.compile(rf"/({'|'.join(SECRET_ADDRESSES)})/.+", re.IGNORECASE | re.DOTALL)
_WATCHED = ("django.request", "django.security")


def without_secret(text: str) -> str:
    """Return the text with "…" for all that follows such an address: a code may be typed with spaces."""
    return _SECRET.sub(r"/\1/…", text)


class SecretAddresses(logging.Filter):
    """Lets every record pass; takes the secret out of those that tell a refused request's path.

    It belongs on a handler: a logger's filter does not see its children's records (django.security.csrf).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(_WATCHED):
            if isinstance(record.msg, str):
                record.msg = without_secret(record.msg)
            if isinstance(record.args, tuple):
                record.args = tuple(
                    without_secret(one) if isinstance(one, str) else one for one in record.args
                )
        return True


def config(*, level: str) -> dict[str, Any]:
    """Return settings.LOGGING: every line to standard error, from this level on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "academy.log.LineFormatter",
                "format": "{asctime} {levelname} {name} {message}",
                "style": "{",
            }
        },
        "filters": {"secret": {"()": "academy.log.SecretAddresses"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secret"]}
        },
        "loggers": {"django.request": {"filters": ["secret"]}},
        "root": {"handlers": ["console"], "level": level},
    }
