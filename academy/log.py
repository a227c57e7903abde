"""Log lines: the time in Morocco, and no address that opens something for anyone who reads it.

LOG_FORMAT chooses their form: `line` is for eyes; `json` for machines that keep lines for long: an object a
line, with the number of its request, without paths, queries and persons.

The time is by Python's own zone data: the C library reads the machine's, which may still be an hour off
(domain §2).
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.utils import timezone

from academy import faults

FORMS = ("line", "json")
request_number: ContextVar[str] = ContextVar("request_number", default="")  # academy.seen sets it


def moment(record: logging.LogRecord) -> str:
    """Return when it happened, with the offset, as in 2026-11-29T15:00:00.000+00:00."""
    at = datetime.fromtimestamp(record.created, UTC).astimezone(timezone.get_default_timezone())
    return at.isoformat(timespec="milliseconds")


class LineFormatter(logging.Formatter):
    """One line per record; the time with its offset, as in 2026-11-29T15:00:00+00:00."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 — logging's name
        return moment(record)


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
_WATCHED = ("django.request", "django.security", "gunicorn")


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


# Whose messages quote what a client sent; gunicorn's do when they begin so.
QUOTING = ("django.request", "django.security")
QUOTES = ("Invalid request", "Error handling request")
_PERSONAL = (
    re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),  # an email address
    re.compile(r"(?<!\w)(?:\+|00)?\d(?:[ .-]?\d){8,14}(?![\w:-])"),  # a phone number, as people type it
    # An address of the site and all that follows: what a person typed into it may hold spaces.
    re.compile(r"/(?:fr|ar|en|cms|documents|media|social|calendar)/.*", re.DOTALL),
)


def without_person(text: str) -> str:
    """Return the text with "…" for email addresses, phone numbers and addresses of the site. Names cannot be
    told from other words: no message of ours holds one.
    """
    for personal in _PERSONAL:
        text = personal.sub("…", text)
    return text


def fixed_words(record: logging.LogRecord) -> str:
    """Return what is the same in each message of this kind: nothing that was put into it."""
    return re.split(r"[:({%='\"]", str(record.msg), maxsplit=1)[0].strip()


class JsonFormatter(logging.Formatter):
    """One object per record. A record may carry `facts`, a dictionary that replaces its message."""

    def format(self, record: logging.LogRecord) -> str:
        told = {"time": moment(record), "level": record.levelname, "logger": record.name}
        if number := request_number.get():
            told["request"] = number
        if isinstance(facts := getattr(record, "facts", None), dict):
            told |= facts
        else:
            told["message"] = self.message(record)
        if record.exc_info and record.exc_info[1]:
            told["trace"] = [
                {
                    "type": f"{one.module}.{one.name}",
                    "detail": one.detail,
                    "at": [f"{frame.path}:{frame.line} {frame.function}" for frame in one.frames],
                }
                for one in faults.chain(record.exc_info[1])
            ]  # type: ignore[assignment]
        return json.dumps(told, default=str)  # ASCII: no sign in it ends a line, or cannot be written

    @staticmethod
    def message(record: logging.LogRecord) -> str:
        """Return the message without what a client sent, and without a person."""
        if record.name.startswith(QUOTING) or str(record.msg).startswith(QUOTES):
            status = getattr(record, "status_code", None)
            known = {one.value: one.phrase for one in HTTPStatus}
            return known.get(status, "") if isinstance(status, int) else fixed_words(record)
        try:
            said = record.getMessage()
        except Exception:  # noqa: BLE001 — logging would print the values that do not fit
            return fixed_words(record)
        return without_person(without_secret(said))


def take_over(own: logging.Logger) -> None:
    """Let the lines of a server that writes its own go the way of all others."""
    own.handlers.clear()
    own.propagate = True


def config(*, level: str, form: str, reports: dict[str, str] | None = None) -> dict[str, Any]:
    """Return settings.LOGGING: every line to standard error, from this level on, in one of FORMS; with
    `reports`, the arguments of academy.reports.Reports, faults go there too.
    """
    logging.captureWarnings(form == "json")  # a warning of Python's is a line too
    told: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "academy.log.LineFormatter",
                "format": "{asctime} {levelname} {name} {message}",
                "style": "{",
            },
            "json": {"()": "academy.log.JsonFormatter"},
        },
        "filters": {"secret": {"()": "academy.log.SecretAddresses"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["secret"]}},
        "loggers": {"django.request": {"filters": ["secret"]}},
        "root": {"handlers": ["console"], "level": level},
    }
    if reports:  # only then is the package loaded
        told["handlers"]["reports"] = {"class": "academy.reports.Reports"} | reports
        told["root"]["handlers"].append("reports")
    return told
