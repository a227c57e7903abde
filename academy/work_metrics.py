"""Gauges of the work, read from the database when Prometheus asks: emails, jobs, copies, the check of places.

One process of a machine asks (academy.metrics_port), in seven small queries. No label holds a person.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from academy import clockwork, work_health
from academy.models import JobRun
from enrollments.letters import outbox
from enrollments.models import CopyRequest, PlaceCheck


class Work:
    """A collector of prometheus_client. Without a database, `academy_database_up` is 0 and the rest is left
    out: an old number would look like a present one.
    """

    def collect(self) -> Iterator[Metric]:
        found = [_gauge("academy_info", "Always 1; the release that runs.", 1, release=settings.RELEASE)]
        try:
            connection.ensure_connection()
            found += _metrics(timezone.now())
        except DatabaseError:
            connection.close()
            yield _gauge("academy_database_up", "Whether the database answers these questions.", 0)
            yield found[0]
            return
        yield _gauge("academy_database_up", "Whether the database answers these questions.", 1)
        yield from found


def _gauge(name: str, words: str, value: float, **labels: str) -> Metric:
    metric = GaugeMetricFamily(name, words, labels=list(labels))
    metric.add_metric(list(labels.values()), value)
    return metric


def _metrics(at: datetime) -> Iterator[Metric]:
    yield from _letters(at)
    yield from _jobs(at)
    asked = CopyRequest.objects.order_by("asked_at").values_list("asked_at", flat=True).first()
    yield _gauge(
        "academy_copy_oldest_seconds", "Age of the oldest copy asked for and not made.", _age(asked, at)
    )
    if check := PlaceCheck.objects.first():
        yield _gauge(
            "academy_places_check_timestamp_seconds", "When all places were checked.", check.at.timestamp()
        )
        yield _gauge("academy_places_check_faults", "Faults that check found.", len(check.faults))
        yield _gauge("academy_places_check_sessions", "Sessions that it looked at.", check.sessions)
    lights = GaugeMetricFamily("academy_work_well", "Whether a light of /workz is well.", labels=["light"])
    for name, said in work_health.lights(at).items():
        lights.add_metric([name], said in work_health.WELL)
    yield lights


def _letters(at: datetime) -> Iterator[Metric]:
    waiting, oldest = outbox.waiting()
    yield _gauge("academy_letters_waiting", "Emails not sent yet.", waiting)
    yield _gauge("academy_letter_oldest_seconds", "Age of the oldest email not sent yet.", _age(oldest, at))


def _jobs(at: datetime) -> Iterator[Metric]:
    runs = JobRun.objects.in_bulk(field_name="name")
    here = [(job.name, runs[job.name]) for job in clockwork.JOBS if job.name in runs]
    due = [run.next_at for _name, run in here if run.claimed_until is None or run.claimed_until <= at]
    yield _gauge(
        "academy_job_oldest_seconds", "How long the job is due that waits longest.",
        _age(min(due, default=None), at),
    )  # fmt: skip
    kinds = {
        "academy_job_success_timestamp_seconds": ("When the job last went well.", lambda run: run.well_at),
        "academy_job_failed": ("Whether its last run failed.", lambda run: bool(run.fault)),
        "academy_job_seconds": ("How long its last run took.", lambda run: run.took_ms / 1000),
    }
    for name, (words, value_of) in kinds.items():
        metric = GaugeMetricFamily(name, words, labels=["job"])
        for job, run in here:
            value = value_of(run)
            if value is not None:
                metric.add_metric([job], value.timestamp() if isinstance(value, datetime) else value)
        yield metric


def _age(since: datetime | None, at: datetime) -> float:
    """Return the seconds since then, 0 for nothing and for what is still to come."""
    return max(0.0, (at - since).total_seconds()) if since else 0.0
