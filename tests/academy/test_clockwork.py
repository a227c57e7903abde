"""Scheduled jobs: one process per job, a failure stops no other job, a dead worker's claim expires, nightly
runs are kept.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django.utils import timezone, translation

from academy import clockwork, copying, work_health
from academy.models import JobRun
from enrollments.letters import delivery, outbox
from enrollments.models import CopyRequest, DataCopy
from enrollments.privacy import copy_requests, data_export
from tests import databases
from tests.lost_connections import OUT_OF_STEP
from tests.races.crowd import at_once
from tests.works import copy_path

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def counted(monkeypatch):
    """Return two test jobs: one counts, one fails on demand."""
    done, faulty = [], []

    def count(at):
        done.append(at)
        return 3

    def fail(at):
        if faulty:
            raise RuntimeError("the disk is full")
        return 0

    jobs = (
        clockwork.Job("fails", "…", fail),
        clockwork.Job("counts", "…", count),
        clockwork.Job("night", "…", count, daily=clockwork.NIGHT),
    )
    monkeypatch.setattr(clockwork, "JOBS", jobs)
    return done, faulty


@pytest.mark.django_db
def test_each_run_is_written_down_and_logged_as_one_line_of_json(counted, caplog):
    caplog.set_level(logging.INFO, logger="academy.clockwork")
    runs = {run.name: run for run in clockwork.run_due(AT)}
    assert set(runs) == {"fails", "counts"} and (runs["counts"].did, runs["counts"].fault) == (3, "")
    lines = [json.loads(record.message) for record in caplog.records]
    assert [(line["job"], line["did"], line["fault"]) for line in lines] == [
        ("fails", 0, ""),
        ("counts", 3, ""),
    ]
    just, late = AT + clockwork.LATE - timedelta(seconds=1), AT + clockwork.LATE
    assert clockwork.standing(just) == {"fails": "ok", "counts": "ok", "night": "ok"}
    assert clockwork.standing(late) == {"fails": "late", "counts": "late", "night": "ok"}


@pytest.mark.django_db
def test_a_fault_stops_no_other_job_and_the_clockwork_is_not_well(counted):
    done, faulty = counted
    clockwork.run_due(AT)
    faulty.append(True)
    runs = {run.name: run for run in clockwork.run_due(AT + timedelta(minutes=1))}
    assert runs["fails"].fault == "RuntimeError" and len(done) == 2
    assert clockwork.standing(AT + timedelta(minutes=4))["fails"] == "ok", "it went well four minutes ago"
    assert clockwork.standing(AT + timedelta(minutes=6))["fails"] == "failed"


@pytest.mark.django_db
def test_before_the_first_run_a_site_is_starting_for_five_minutes(counted):
    rows = MigrationRecorder.Migration.objects
    rows.update(applied=AT)
    late = AT + clockwork.LATE
    assert set(clockwork.standing(late - timedelta(seconds=1)).values()) == {"starting"}
    assert set(clockwork.standing(late).values()) == {"late"}, "no worker was ever started"
    rows.update(applied=AT - timedelta(days=400))
    clockwork._open(AT)
    begun = {"fails": "starting", "counts": "starting", "night": "ok"}
    assert clockwork.standing(late - timedelta(seconds=1)) == begun, "the worker came later than the site"
    assert clockwork.standing(late) == begun | {"fails": "late", "counts": "late"}


@pytest.mark.django_db
def test_a_job_that_goes_on_is_well_for_five_minutes_and_one_that_failed_is_not(counted):
    clockwork.run_due(AT)
    at = AT + timedelta(days=2, hours=8)  # the machine was away, and its worker has begun with the first job
    rows = JobRun.objects.filter(name="counts")
    rows.update(claimed_until=at + clockwork.CLAIMED_FOR_A_TURN)
    just = at + clockwork.LATE - timedelta(seconds=1)
    assert clockwork.standing(just) == {"fails": "late", "counts": "ok", "night": "late"}
    assert clockwork.standing(at + clockwork.LATE)["counts"] == "late"
    rows.update(fault="OperationalError")
    assert clockwork.standing(at)["counts"] == "failed"


@pytest.mark.django_db
def test_a_daily_job_is_late_after_an_hour_and_failed_until_it_goes_well(counted):
    clockwork.run_due(AT)
    due = JobRun.objects.get(name="night").next_at
    assert clockwork.standing(due + timedelta(minutes=59))["night"] == "ok"
    assert clockwork.standing(due + timedelta(hours=1))["night"] == "late"
    JobRun.objects.filter(name="night").update(fault="OperationalError")
    assert clockwork.standing(AT)["night"] == "failed"
    clockwork.run_due(due)
    assert clockwork.standing(due)["night"] == "ok"


@pytest.mark.django_db
def test_once_a_night_and_later_when_nobody_turned_it_at_night(counted):
    clockwork.run_due(AT)
    at_two = datetime(2026, 11, 21, 2, 59, tzinfo=UTC)
    clockwork.run_due(at_two)
    assert JobRun.objects.get(name="night").ran_at is None
    late = datetime(2026, 11, 21, 9, tzinfo=UTC)  # the machine was asleep at three
    for moment in (late, late + timedelta(hours=1)):
        clockwork.run_due(moment)
    assert JobRun.objects.get(name="night").ran_at == late
    assert JobRun.objects.get(name="night").next_at == datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.mark.django_db
def test_a_job_that_is_being_done_is_left_alone_until_its_claim_runs_out(counted):
    done, _faulty = counted
    clockwork.run_due(AT)
    JobRun.objects.filter(name="counts").update(
        claimed_until=AT + clockwork.CLAIMED_FOR_A_TURN
    )  # a worker that died
    clockwork.run_due(AT + timedelta(minutes=1))
    assert len(done) == 1
    clockwork.run_due(AT + clockwork.CLAIMED_FOR_A_TURN)
    assert len(done) == 2


def test_a_claim_of_a_turn_ends_before_the_light_is_red_and_before_a_code_that_waits_is_worthless(settings):
    for job in clockwork.JOBS:
        assert job.claimed_for == timedelta(minutes=15 if job.daily else 3)
    assert clockwork.CLAIMED_FOR_A_TURN < clockwork.LATE
    assert timedelta(seconds=2 * delivery.LONGEST) < clockwork.CLAIMED_FOR_A_TURN
    assert (
        timedelta(seconds=settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT)
        > clockwork.CLAIMED_FOR_A_TURN * 2
    )


@pytest.mark.parametrize(
    "away", [OperationalError("restarts"), InterfaceError("connection already closed"), OUT_OF_STEP]
)
def test_a_worker_outlives_a_database_that_is_away(monkeypatch, caplog, away):
    turns = []

    def turn(at):
        turns.append(at)
        if len(turns) < 3:
            raise away
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(clockwork, "run_due", turn)
    monkeypatch.setattr("academy.management.commands.worker.close_old_connections", lambda: None)
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("worker", pause=0)
    finally:
        for sign, was in before.items():
            signal.signal(sign, was)
    assert len(turns) == 3 and caplog.text.count("the database is away") == 2


@pytest.mark.django_db(transaction=True)
def test_eight_machines_at_one_instant_do_a_job_once(monkeypatch, tmp_path):
    """Each job appends a line; the first claim holds while it works."""
    marks = tmp_path / "marks"

    def work(at):
        with marks.open("a") as file:
            file.write("one\n")
        time.sleep(1)
        return 1

    monkeypatch.setattr(clockwork, "JOBS", (clockwork.Job("counts", "…", work),))
    JobRun.objects.create(name="counts", next_at=AT)
    outcomes = at_once(*[lambda: len(clockwork.run_due(AT))] * 8)
    assert sorted(said for kind, said in outcomes if kind == "done") == [0] * 7 + [1], outcomes
    assert marks.read_text() == "one\n"


@pytest.mark.django_db
def test_the_real_jobs_run_and_workz_names_those_that_do_not(client):
    MigrationRecorder.Migration.objects.update(applied=timezone.now() - timedelta(minutes=6))
    assert client.get("/workz").json()["jobs"].startswith("places late, ")
    call_command("tick")
    assert (client.get("/workz").status_code, client.get("/workz").json()["jobs"]) == (200, "ok")
    JobRun.objects.filter(name="letters").update(well_at=timezone.now() - timedelta(minutes=6))
    response = client.get("/workz")
    assert (response.status_code, response.json()["jobs"]) == (503, "letters late")
    assert client.get("/readyz").status_code == 200, "the site serves meanwhile"


@pytest.mark.django_db
def test_the_staff_page_shows_each_job_and_a_fault_in_red(logged_in, manager, front_desk, academy_settings):
    def shown():
        return logged_in(manager).get(reverse("office_clockwork")).content.decode()

    MigrationRecorder.Migration.objects.update(applied=timezone.now())
    assert "pas encore exécutée" in shown() and "Le premier passage" in shown()
    MigrationRecorder.Migration.objects.update(applied=timezone.now() - timedelta(minutes=6))
    assert "Au moins une tâche est en retard" in shown()
    call_command("tick")
    assert "En marche" in shown()
    JobRun.objects.filter(name="letters").update(fault="OperationalError")
    assert "OperationalError" in shown() and "chip--few" in shown()


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_stop_finishes_and_stops():
    command = [sys.executable, "manage.py", "worker", "--pause", "0.2"]
    process = subprocess.Popen(
        command, cwd=databases.ROOT, env=dict(os.environ), stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while (
        time.monotonic() < until and not JobRun.objects.filter(name="letters", well_at__isnull=False).exists()
    ):
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    _out, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert set(clockwork.standing(timezone.now()).values()) == {"ok"}
    assert not JobRun.objects.exclude(claimed_until=None).exists()


@pytest.fixture
def asked(parent, academy_settings):
    """Return what a family waits for."""
    return copy_requests.ask(parent, at=timezone.now())


@pytest.mark.django_db
def test_a_long_copy_holds_up_no_email_and_no_second_process_begins(asked, parent, monkeypatch):
    monkeypatch.setattr(copying, "COMMAND", [sys.executable, "-c", "import time; time.sleep(600)"])
    now = timezone.now()
    try:
        runs = {run.name: run for run in clockwork.run_due(now)}
        assert (runs["copies"].did, runs["copies"].claimed_until) == (1, None)
        with translation.override("fr"):
            outbox.write("export_failed", to=parent, at=now)
        later = now + timedelta(minutes=20)
        runs = {run.name: run for run in clockwork.run_due(later)}
        assert runs["letters"].did == 1 and (runs["copies"].did, runs["copies"].fault) == (0, "")
        assert clockwork.standing(later)["copies"] == "ok"
        assert work_health.lights(later)["copies"] == "ok"
        assert work_health.lights(now + copy_requests.LATE)["copies"] == "late"
    finally:
        copying.stop()
    assert copying._running is None


@pytest.mark.django_db
def test_a_process_of_copies_that_fails_is_shown_once_and_begun_again(asked, monkeypatch):
    monkeypatch.setattr(copying, "COMMAND", [sys.executable, "-c", "raise SystemExit(3)"])
    faults = []
    for minutes in range(3):
        runs = {run.name: run for run in clockwork.run_due(timezone.now() + timedelta(minutes=minutes))}
        faults.append((runs["copies"].fault, runs["copies"].did))
        if copying._running:
            copying._running.wait()
    copying.stop()
    assert faults == [("", 1), ("CopiesFailed", 0), ("", 1)]


@pytest.mark.django_db
def test_another_process_of_this_machine_is_waited_for(asked):
    with copying.turn() as is_ours:
        assert is_ours and copying.begin(timezone.now()) == 0
        call_command("make_copies")
        assert CopyRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_process_makes_the_copies(asked):
    assert copying.begin(timezone.now()) == 1
    assert copying._running.wait(300) == 0
    copy = DataCopy.objects.get()
    assert copy_path(copy).exists() and not CopyRequest.objects.exists()
    data_export.put_away(copy)
    assert copying.begin(timezone.now()) == 0, "nothing is due"
