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

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from academy import copying
from academy.backups import ending
from academy.models import JobRun
from courses.models.timetable import instant
from enrollments.classes import digests, surveys
from enrollments.letters import delivery
from enrollments.places import audit, overrides, waiting_list
from enrollments.privacy import erased_file, retention
from home.cms import schedule
from home.cms.gate import open_problems
from home.pictures import cleaning, preparing

log = logging.getLogger("academy.clockwork")
CLAIMED_FOR = timedelta(minutes=15)  # a job of the day
CLAIMED_FOR_A_TURN = timedelta(minutes=3)  # sending takes a minute at most; a code waits for it ten minutes
NIGHT = time(3)  # Moroccan time: delete expired data, check the places
EVENING, MORNING = time(18), time(7)
LATE, LATE_DAILY = timedelta(minutes=5), timedelta(hours=1)
OK, STARTING, IS_LATE, FAILED = "ok", "starting", "late", "failed"


@dataclass(frozen=True)
class Job:
    """One scheduled job, run on every tick or once a day at a fixed time.

    `act` takes the current time and returns how many items it processed.
    """

    name: str
    label: Promise
    act: Callable[[datetime], int]
    daily: time | None = None  # Moroccan time; None: on every tick

    @property
    def claimed_for(self) -> timedelta:
        """Return how long a claim lasts: what a worker that dies keeps others from doing."""
        return CLAIMED_FOR_A_TURN if self.daily is None else CLAIMED_FOR

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
    Job("copies", _("Copies of their data, for families who asked"), copying.begin),
    Job("erased", _("Numbers of what was deleted, written beside the backups"), erased_file.write_out),
    Job("pages", _("Pages due to be published or unpublished"), schedule.run),
    Job("pictures", _("Pictures prepared for the pages"), preparing.prepare_due),
    Job("retention", _("Delete expired data"), _retain, daily=NIGHT),
    Job("check", _("Check of all places: errors found"), _check, daily=NIGHT),
    Job("problems", _("Check of all pages: those to correct"), open_problems.keep_all, daily=NIGHT),
    Job("backups", _("Backups past their end, deleted"), ending.watch, daily=NIGHT),
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
    _open(at)
    return [run for job in JOBS if (run := _run(job, at))]


def _open(at: datetime) -> None:
    """Write a row for each new job before any of them runs: the first turn of all may take a minute."""
    known = set(JobRun.objects.values_list("name", flat=True))
    new = [JobRun(name=job.name, next_at=job.first_at(at)) for job in JOBS if job.name not in known]
    JobRun.objects.bulk_create(new, ignore_conflicts=True)  # another worker starts as well


def _run(job: Job, at: datetime) -> JobRun | None:
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    if not JobRun.objects.filter(free, name=job.name, next_at__lte=at).update(
        claimed_until=at + job.claimed_for
    ):
        return None
    started, did, fault = stopwatch.monotonic(), 0, ""
    try:
        did = job.act(at)
    except Exception as found:
        fault = type(found).__name__
        log.exception("job %s", job.name, extra={"facts": {"job": job.name}})
    took = round((stopwatch.monotonic() - started) * 1000)
    JobRun.objects.filter(name=job.name).update(
        claimed_until=None, ran_at=at, took_ms=took, did=did, fault=fault, next_at=job.next_at(at),
        **({} if fault else {"well_at": at}),
    )  # fmt: skip
    told = {"job": job.name, "at": at.isoformat(), "took_ms": took, "did": did, "fault": fault}
    log.info(json.dumps(told), extra={"facts": told})
    return JobRun.objects.get(name=job.name)


def standing(at: datetime) -> dict[str, str]:
    """Return OK, STARTING, IS_LATE or FAILED for each job.

    A job of each turn is well if a run went well within the last five minutes, or if one that began within
    them goes on; a daily job, if it is not an hour late and its last run went well. STARTING: it has not
    run yet, and was first due within the last five minutes.
    """
    runs = JobRun.objects.in_bulk(field_name="name")
    is_new = not runs and _is_new(at)
    return {
        job.name: _standing(job, runs[job.name], at) if job.name in runs else STARTING if is_new else IS_LATE
        for job in JOBS
    }


def _standing(job: Job, run: JobRun, at: datetime) -> str:
    since = at - (LATE_DAILY if job.daily else LATE)
    is_recent = run.next_at > since
    if job.daily is None:
        if run.well_at and run.well_at > since:
            return OK
        if run.ran_at is None and is_recent:
            return STARTING
    if run.fault:
        return FAILED
    goes_on = run.claimed_until is not None and run.claimed_until - job.claimed_for > at - LATE
    return OK if goes_on or (job.daily and is_recent) else IS_LATE


def _is_new(at: datetime) -> bool:
    """Return whether the first migration of this database was applied within the last five minutes."""
    began = MigrationRecorder.Migration.objects.aggregate(at=Min("applied"))["at"]
    return bool(began) and began > at - LATE


def skip_missed(at: datetime) -> None:
    """Let each daily job wait for its next hour: after a restore, some ran in the time that is lost, and
    their emails must not be sent twice.
    """
    for job in JOBS:
        if job.daily is not None:
            JobRun.objects.filter(name=job.name).update(claimed_until=None, next_at=job.next_at(at))


def shown() -> list[tuple[Job, JobRun | None]]:
    """Return every job with its last run, for the staff page."""
    runs = JobRun.objects.in_bulk(field_name="name")
    return [(job, runs.get(job.name)) for job in JOBS]
