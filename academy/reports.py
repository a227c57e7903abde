"""Error reports to a server that speaks Sentry's protocol, if SENTRY_DSN names one.

A report is composed here and not by the package, which only sends it: types, places in the code and codes of
each exception (academy.faults), the route's name, the number of the request. No local variables, no bodies,
no breadcrumbs, no cookies, no user, no query, no message of an exception.
"""

import atexit
import logging
import socket
import time
from typing import Any

from sentry_sdk import Client
from sentry_sdk.types import Event
from sentry_sdk.utils import BadDsn

from academy import faults
from academy.env import Missing
from academy.log import request_number

OURS = ("academy/", "courses/", "enrollments/", "home/", "templates/")
PAUSE = 60.0  # seconds in which a process reports one fault of one place once
PATIENCE = 2.0  # seconds that a process which ends has for what it has not sent
# Whatever a later version of the package adds is left out.
KEPT = frozenset({
    "event_id", "timestamp", "level", "logger", "platform", "exception", "tags",
    "server_name", "release", "environment", "sdk",
})  # fmt: skip
log = logging.getLogger(__name__)


class Reports(logging.Handler):
    """Report each record from ERROR on that carries an exception. Sent by a thread, so that nobody waits.

    Raises Missing for an address that is none.
    """

    def __init__(self, dsn: str, release: str, environment: str) -> None:
        super().__init__(logging.ERROR)
        try:
            self.client = Client(
                dsn=dsn,
                release=release or "unknown",  # or the package would start git to find one
                environment=environment,
                server_name=socket.gethostname(),
                default_integrations=False,
                auto_enabling_integrations=False,
                include_local_variables=False,
                include_source_context=False,
                max_request_body_size="never",
                max_breadcrumbs=0,
                auto_session_tracking=False,
                send_client_reports=False,
                enable_backpressure_handling=False,  # a thread of its own
                enable_metrics=False,
                propagate_traces=False,
                spotlight=False,
                before_send=_only_kept,
            )
        except BadDsn:
            raise Missing(
                "SENTRY_DSN is not the address of a project, such as https://key@sentry.example.org/1."
            ) from None
        self.told: dict[tuple[str, ...], tuple[float, int]] = {}  # when last, and how often since
        atexit.register(self.client.close, timeout=PATIENCE)

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        if fault is None:
            return
        try:
            raised = faults.chain(fault)
            if (repeated := self.due(raised)) is not None:
                tags = _tags(record) | ({"repeated": str(repeated)} if repeated else {})
                self.client.capture_event(_event(record, raised, tags))
        except Exception as trouble:  # noqa: BLE001 — a report must not fail what it reports
            log.warning("A fault could not be reported: %s", type(trouble).__name__)

    def due(self, raised: list[faults.Raised]) -> int | None:
        """Return how often this fault was left out since its last report; None to leave it out now."""
        last = raised[-1]
        place = next((one for one in reversed(last.frames) if one.path.startswith(OURS)), None)
        key = (last.module, last.name, *(map(str, place) if place else ()))
        at, since = self.told.get(key, (-PAUSE, 0))
        now = time.monotonic()
        if now - at < PAUSE:
            self.told[key] = (at, since + 1)
            return None
        self.told[key] = (now, 0)
        return since


def _event(record: logging.LogRecord, raised: list[faults.Raised], tags: dict[str, str]) -> Event:
    return {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "tags": tags,
        "exception": {
            "values": [
                {
                    "type": one.name,
                    "module": one.module,
                    "value": one.detail,
                    "stacktrace": {
                        "frames": [
                            {
                                "filename": frame.path,
                                "function": frame.function,
                                "lineno": frame.line,
                                "in_app": frame.path.startswith(OURS),
                            }
                            for frame in one.frames
                        ]
                    },
                }
                for one in raised
            ]
        },
    }


def _tags(record: logging.LogRecord) -> dict[str, str]:
    """Return what says where to look: the request's number, the route's name, facts of a job."""
    tags = {"request": request_number.get()}
    if match := getattr(getattr(record, "request", None), "resolver_match", None):
        tags["route"] = match.view_name
    if isinstance(facts := getattr(record, "facts", None), dict):
        tags |= {name: str(value) for name, value in facts.items()}
    return {name: value for name, value in tags.items() if value}


def _only_kept(event: Event, _hint: dict[str, Any]) -> Event:
    return {name: value for name, value in event.items() if name in KEPT}  # type: ignore[return-value]
