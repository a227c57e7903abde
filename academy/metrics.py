"""Count requests for Prometheus: by the name of the route, never by an address or a person.

Off until gunicorn's first process begins it (academy/deploy/gunicorn.conf.py). Each worker writes its numbers
into files of its own, and one process reads them all (academy.metrics_port).
"""

import logging
import os
from typing import Any

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
TOO_MANY = 429
log = logging.getLogger(__name__)


class Counts:
    """The numbers of this process. `folder` is shared by all processes of one gunicorn."""

    def __init__(self, folder: str) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, values  # 3.5 MB, if asked for

        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # where the package's files of each process are
        values.ValueClass = values.MultiProcessValue()
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "academy_requests", "Requests answered, by class of status.", ["route", "method", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.limited = Counter(
            "academy_rate_limited", "Requests answered with 429.", ["route"], registry=self.registry
        )
        self.seconds = Histogram(
            "academy_request_seconds", "Time until an answer began.", ["route"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.known: dict[tuple[str, str, int], Any] = {}

    def add(self, route: str, method: str, status: int, seconds: float) -> None:
        key = (route, method, status // 100)
        if key not in self.known:
            kind = f"{status // 100}xx"
            self.known[key] = self.requests.labels(route, method, kind), self.seconds.labels(route)
        requests, duration = self.known[key]
        requests.inc()
        duration.observe(seconds)
        if status == TOO_MANY:
            self.limited.labels(route).inc()


_counts: Counts | None = None


def begin(folder: str) -> None:
    """Count from now on, in this process and those that it forks."""
    global _counts
    _counts = Counts(folder)


def end() -> None:
    global _counts
    _counts = None


def count(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request, if metrics are on. A folder that is gone ends them, and fails no request."""
    if _counts is None:
        return
    try:
        _counts.add(route, method, status, seconds)
    except OSError as fault:
        log.warning("This process counts no more: %s", type(fault).__name__)
        end()
