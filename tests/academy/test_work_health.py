"""Health of the work: `/workz` names what is stuck, and `/readyz` takes no machine away for it."""

import os
import smtplib
import subprocess
import sys
from datetime import timedelta
from http.client import HTTPConnection

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from academy import clockwork, work_health
from academy.models import JobRun
from enrollments.letters import delivery, outbox
from enrollments.models import CopyRequest, Letter
from enrollments.privacy import copy_requests
from tests import databases
from tests.academy.test_weight import within_patience
from tests.factories import UserFactory
from tests.races.server import served

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
pytestmark = pytest.mark.django_db


class NoServer(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, messages):
        raise ConnectionRefusedError


class FullBox(EmailBackend):
    """A mail server that takes what it is given, but for one address."""

    def send_messages(self, messages):
        for message in messages:
            if message.to == ["full@example.org"]:
                raise smtplib.SMTPRecipientsRefused({"full@example.org": (452, b"mailbox full")})
        return super().send_messages(messages)


def write(to, at):
    outbox.write("export_failed", to=to, at=at)


def tried(count, at):
    """Turn the job at each moment a try is due; return the moment after the last."""
    for number in range(count):
        delivery.send_due(at)
        at += delivery.FIRST_PAUSE * 2**number
    return at


def test_an_email_that_nobody_sends_is_overdue_after_a_quarter_of_an_hour(parent, now):
    write(parent, now)
    words = {"subject": "x", "body": "x", "language": "fr"}  # a code, sent before the others
    outbox.write_account(address=parent.email, user=parent, at=now, **words)
    assert delivery.stuck(now + delivery.OVERDUE - SECOND) == ""
    assert delivery.stuck(now + delivery.OVERDUE) == "overdue"
    delivery.send_due(now + delivery.OVERDUE)
    assert delivery.stuck(now + delivery.OVERDUE) == ""


def test_before_the_first_run_has_ended_emails_may_wait(parent, now):
    write(parent, now - timedelta(days=1))
    clockwork._open(now)
    assert work_health.lights(now) == {"jobs": "starting", "letters": "starting", "copies": "ok"}
    JobRun.objects.filter(name="letters").update(claimed_until=now + clockwork.CLAIMED_FOR_A_TURN)
    assert work_health.lights(now)["letters"] == "starting"
    assert work_health.lights(now + clockwork.LATE)["letters"] == "overdue"


def test_a_mail_server_that_takes_nothing_shows_at_the_third_try_until_it_takes_something(
    parent, other_parent, now, settings
):
    before, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.NoServer"
    write(parent, now)
    at = tried(2, now)
    assert delivery.stuck(at) == ""
    delivery.send_due(at)
    assert work_health.lights(at)["letters"] == "refused"
    settings.EMAIL_BACKEND = before
    write(other_parent, at)
    delivery.send_due(at)
    assert delivery.stuck(at) == ""


def test_one_address_that_is_refused_is_no_sign_of_a_mail_server_that_is_away(parent, now, settings):
    settings.EMAIL_BACKEND = f"{__name__}.FullBox"
    parent.email = "full@example.org"
    parent.save()
    write(parent, now)
    at = tried(5, now)
    assert (Letter.objects.get().tries, Letter.objects.get().fault) == (5, "SMTPRecipientsRefused 452")
    assert delivery.stuck(at - MINUTE) == ""


def test_a_copy_is_late_after_two_hours_unless_its_account_is_closed(parent, now):
    copy_requests.ask(parent, at=now)
    assert not copy_requests.are_late(now + copy_requests.LATE - SECOND)
    assert copy_requests.are_late(now + copy_requests.LATE)
    parent.is_active = False
    parent.save()
    assert not copy_requests.are_late(now + copy_requests.LATE)


@pytest.mark.fault
def test_what_is_stuck_is_named_and_takes_no_machine_off_the_balancer(client, parent):
    at = timezone.now()
    clockwork.run_due(at)
    write(parent, at - delivery.OVERDUE)
    CopyRequest.objects.create(user=parent, asked_at=at - copy_requests.LATE, next_try_at=at)
    response = client.get("/workz")
    assert (response.status_code, response.json()) == (
        503, {"jobs": "ok", "letters": "overdue", "copies": "late"},
    )  # fmt: skip
    assert "no-store" in response["Cache-Control"]
    assert client.get("/readyz").status_code == 200


def test_a_light_that_cannot_be_asked_says_why_and_not_more(client, monkeypatch):
    def away(at):
        raise ConnectionError("salwa.amrani@example.org")

    monkeypatch.setattr(delivery, "stuck", away)
    response = client.get("/workz")
    assert (response.status_code, response.json()["letters"]) == (503, "ConnectionError")


def asked(port: int, path: str) -> int:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", path, headers={"Host": f"localhost:{port}"})
    try:
        return line.getresponse().status
    finally:
        line.close()


@pytest.mark.django_db(transaction=True)
def test_a_first_start_is_green_from_the_first_answer_on(site_tree):
    """With real processes: a web server and a worker on a database where no job has run yet."""
    MigrationRecorder.Migration.objects.update(applied=timezone.now())
    assert not JobRun.objects.exists()
    write(UserFactory(), timezone.now() - timedelta(days=1))  # furnished sites have emails that wait
    with served(processes=1, threads=2) as port:
        first = {path: asked(port, path) for path in ("/readyz", "/workz")}
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--pause", "0.2"],
            cwd=databases.ROOT, env=dict(os.environ), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            seen = set()

            def has_turned():
                seen.update(asked(port, path) for path in ("/readyz", "/workz"))
                return set(clockwork.standing(timezone.now()).values()) == {"ok"}

            assert within_patience(has_turned)
        finally:
            worker.terminate()
            worker.wait(30)
        connections.close_all()
    assert first == {"/readyz": 200, "/workz": 200}, "the worker has not begun"
    assert seen == {200}, "nor does it turn red while the first turn goes on"
