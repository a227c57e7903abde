"""Scheduled jobs.

Each due job is claimed by one process at a time. Run by `manage.py tick` and `manage.py worker`.

Sole writer of JobRun. A claim is one conditional update, so any number of workers may turn it; a worker that
dies leaves its claim behind, which runs out. Each run is one line of JSON in the log, without any person in
it.
"""

import json
import logging
import time as stopwatch
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from academy import copying
from academy.models import JobRun
from courses.models.timetable import instant
from enrollments.classes import digests, surveys
from enrollments.letters import delivery
from enrollments.places import audit, overrides, waiting_list
from enrollments.privacy import retention
from home.cms import schedule
from home.pictures import cleaning, preparing

log = logging.getLogger("academy.clockwork")
CLAIMED_FOR = timedelta(minutes=15)
NIGHT = time(3)  # Moroccan time: delete expired data, check the places
EVENING, MORNING = time(18), time(7)
LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Job:
    """One scheduled job, run on every tick or once a day at a fixed time.

    `act` takes the current time and returns how many items it processed.
    """

    name: str
    label: Promise
    act: Callable[[datetime], int]
    daily: time | None = None  # Moroccan time; None: on every tick
    is_watched: bool = True  # whether the site is not ready while it fails or is late

    def next_at(self, at: datetime) -> datetime:
        """Return when the job is next due after a run at that time."""
        if self.daily is None:
            return at
        today = instant(timezone.localdate(at), self.daily)
        return today if today > at else instant(timezone.localdate(at) + timedelta(days=1), self.daily)

    def first_at(self, at: datetime) -> datetime:
        """Return when the job is first due on a site started at that time: within its hour, or at the next
        one.
        """
        begins = instant(timezone.localdate(at), self.daily or NIGHT)
        return at if begins <= at < begins + timedelta(hours=1) else self.next_at(at)


def _retain(at: datetime) -> int:
    return sum(retention.retain(at, apply=True).values()) + cleaning.drop_unfinished(at)


def _check(at: datetime) -> int:
    return len(audit.keep(at).faults)


JOBS = (
    Job("places", _("Waiting lists: offers, reminders, reallocated places"), waiting_list.settle_due),
    Job("decisions", _("Sessions with enough children, confirmed at their hour"), overrides.confirm_due),
    Job("letters", _("Emails to send"), delivery.send_due),
    Job(
        "copies",
        _("Copies of their data, for families who asked"),
        copying.begin,
        is_watched=False,
    ),
    Job("pages", _("Pages due to be published or unpublished"), schedule.run),
    Job("pictures", _("Pictures prepared for the pages"), preparing.prepare_due),
    Job("retention", _("Delete expired data"), _retain, daily=NIGHT),
    Job("check", _("Check of all places: errors found"), _check, daily=NIGHT),
    Job(
        "tomorrow",
        _("Reminders the evening before a class, for those who asked"),
        digests.send_tomorrow,
        daily=EVENING,
    ),
    Job("weekly", _("Weekly emails on Sunday, for those who asked"), digests.send_weekly, daily=EVENING),
    Job("surveys", _("Questions to families whose course has ended"), surveys.run, daily=EVENING),
    Job("team", _("The managers' morning email"), digests.send_team, daily=MORNING),
)


def run_due(at: datetime) -> list[JobRun]:
    """Run every due job that no other process has claimed; return the runs.

    A failing job does not stop the others.
    """
    return [run for job in JOBS if (run := _run(job, at))]


def _run(job: Job, at: datetime) -> JobRun | None:
    JobRun.objects.get_or_create(name=job.name, defaults={"next_at": job.first_at(at)})
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    if not JobRun.objects.filter(free, name=job.name, next_at__lte=at).update(claimed_until=at + CLAIMED_FOR):
        return None
    started, did, fault = stopwatch.monotonic(), 0, ""
    try:
        did = job.act(at)
    except Exception as found:
        fault = type(found).__name__
        log.exception("job %s", job.name)
    took = round((stopwatch.monotonic() - started) * 1000)
    JobRun.objects.filter(name=job.name).update(
        claimed_until=None, ran_at=at, took_ms=took, did=did, fault=fault, next_at=job.next_at(at),
        **({} if fault else {"well_at": at}),
    )  # fmt: skip
    log.info(json.dumps({"job": job.name, "at": at.isoformat(), "took_ms": took, "did": did, "fault": fault}))
    return JobRun.objects.get(name=job.name)


def is_turning(at: datetime) -> bool:
    """Return whether every watched per-tick job has succeeded within the last five minutes."""
    names = [job.name for job in JOBS if job.daily is None and job.is_watched]
    return JobRun.objects.filter(name__in=names, well_at__gt=at - LATE).count() == len(names)


def shown() -> list[tuple[Job, JobRun | None]]:
    """Return every job with its last run, for the staff page."""
    runs = JobRun.objects.in_bulk(field_name="name")
    return [(job, runs.get(job.name)) for job in JOBS]
