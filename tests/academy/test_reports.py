"""Error reports, read as bytes by a receiver on loopback: nothing of a person, nothing a client sent."""

import gzip
import importlib
import json
import logging
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from academy import clockwork, reports
from academy.log import request_number
from academy.models import User
from tests.academy.test_log import TOKEN
from tests.academy.test_log_json import EMAIL, NAME, PHONE
from tests.academy.test_settings import PRODUCTION, run
from tests.databases import ROOT

NOTE = "allergique aux arachides"
PLANTED = [NAME, "Amrani", PHONE, "12345678", EMAIL, NOTE, "arachides", TOKEN, "zersecret"]
PLANTED += ["zerquery", "zercookie", "zeragent", "41.140.0.7", "/fr/", str(ROOT)]
UNPACKED = {
    "plain": bytes,
    "gzip": gzip.decompress,
    "br": lambda body: importlib.import_module("brotli").decompress(body),  # where the fonts' tools bring it
}


@pytest.fixture
def receiver():
    """Give (address of a project, the headers and bytes of each report as sent) of a receiver on loopback."""
    received: list[tuple[str, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((f"{self.path}\n{self.headers}", body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://public@127.0.0.1:{server.server_port}/7", received
    server.shutdown()
    thread.join()
    server.server_close()


def opened(received) -> list[dict]:
    """Return the event of each envelope, after looking for what was planted in all that was sent."""
    events = []
    for headers, body in received:
        [packing] = re.findall(r"(?m)^Content-Encoding: (\w+)", headers) or ["plain"]
        plain = UNPACKED[packing](body)
        said = headers + plain.decode() + plain.decode("unicode_escape", errors="replace")
        assert [word for word in PLANTED if word in said] == [], said
        _envelope, _item, event = plain.split(b"\n")[:3]
        events.append(json.loads(event))
    return events


@pytest.fixture
def reporting(receiver):
    """Give a function that returns the events received so far; all faults of this process are reported."""
    address, received = receiver
    handler = reports.Reports(address, "2026.12", "production")
    outside = request_number.set("")  # an earlier test may have left a request unfinished
    logging.root.addHandler(handler)

    def sent():
        handler.client.flush(timeout=30)
        return opened(received)

    yield sent
    logging.root.removeHandler(handler)
    request_number.reset(outside)
    handler.client.close(timeout=1)


@pytest.mark.django_db
def test_a_report_says_what_failed_and_where_and_nothing_of_anybody(reporting, parent, settings):
    settings.ROOT_URLCONF = "tests.academy.test_log_json"
    client = Client(
        raise_request_exception=False,
        headers={
            "user-agent": "zeragent",
            "x-forwarded-for": "41.140.0.7",
            "referer": f"/fr/offers/{TOKEN}/",
        },
    )
    client.cookies["theme"] = "zercookie"
    client.force_login(parent, backend="academy.signed_in.ModelBackend")
    client.post(f"/fr/breaks/{NAME}/?zerquery={EMAIL}", {"note": NOTE, "phone": PHONE})
    [event] = reporting()
    cause, raised = event["exception"]["values"]
    assert (cause["type"], raised["type"], raised["module"]) == ("KeyError", "ValueError", "builtins")
    assert raised["value"] == cause["value"] == ""
    last = raised["stacktrace"]["frames"][-1]
    assert (last["filename"], last["function"]) == ("tests/academy/test_log_json.py", "breaks")
    assert set(last) == {"filename", "function", "lineno", "in_app"}
    assert set(event) == {"level", "logger", "tags", "exception", "event_id", "timestamp", "release",
                          "environment", "server_name", "sdk", "platform"}  # fmt: skip
    assert (event["release"], event["environment"]) == ("2026.12", "production")
    assert event["server_name"] and event["tags"].keys() == {"request", "route"}
    assert event["tags"]["route"] == "breaks"


@pytest.mark.django_db
def test_a_row_that_a_message_of_the_database_quotes_is_not_in_a_report(reporting):
    User.objects.create_user(EMAIL, name=NAME)

    def again(at):
        with transaction.atomic():
            User.objects.create_user(EMAIL, name=NAME)

    job = clockwork.Job("pages", "…", again)
    clockwork._open(timezone.now())
    clockwork._run(job, timezone.now())
    [event] = reporting()
    assert event["tags"] == {"job": "pages"}
    assert [one["type"] for one in event["exception"]["values"]][-1] == "IntegrityError"
    assert event["exception"]["values"][0]["value"] in (
        "SQLITE_CONSTRAINT_UNIQUE",
        "23505 academy_user_email_key",
    )


def fail(kind=ValueError):
    try:
        raise kind(NAME)
    except kind:
        logging.getLogger("academy.test").exception("of %s", NAME)


def test_one_fault_is_reported_once_a_minute_and_then_with_how_often_it_came(reporting, monkeypatch):
    for _time in range(5):
        fail()
    fail(KeyError)
    assert [one["exception"]["values"][0]["type"] for one in reporting()] == ["ValueError", "KeyError"]
    monkeypatch.setattr(reports, "PAUSE", 0.0)
    fail()
    assert reporting()[-1]["tags"] == {"repeated": "4"}


def test_what_is_no_fault_is_not_reported(reporting):
    log = logging.getLogger("academy.test")
    log.error("told of %s", NAME)
    try:
        raise ValueError(NAME)
    except ValueError:
        log.warning("known", exc_info=True)
    assert reporting() == []


def test_a_report_that_cannot_be_composed_fails_nothing_and_says_so(reporting, monkeypatch, caplog):
    def broken(fault):
        raise RuntimeError(NAME)

    monkeypatch.setattr(reports.faults, "chain", broken)
    fail()
    assert reporting() == []
    assert "A fault could not be reported: RuntimeError" in caplog.text


FAILING = """
import django, logging
django.setup()
note = {note!r}
try:
    raise ValueError(note)
except ValueError:
    logging.getLogger("academy.test").exception("failed")
"""


def test_a_process_that_ends_sends_what_it_has_and_an_address_that_is_none_is_named(receiver):
    address, received = receiver
    where = PRODUCTION | {
        "DJANGO_SETTINGS_MODULE": "academy.settings",
        "RELEASE": "abc",
        "LOG_FORMAT": "json",
    }
    done = run("-W", "ignore", "-c", FAILING.format(note=NOTE), **where, SENTRY_DSN=address)
    assert done.returncode == 0 and NOTE not in done.stderr
    [event] = opened(received)
    assert (event["release"], event["environment"], event["logger"]) == ("abc", "production", "academy.test")
    said = run("-W", "ignore", "-c", FAILING.format(note=NOTE), **where, SENTRY_DSN="sentry.example.org")
    assert said.stderr.startswith("SENTRY_DSN is not the address of a project") and said.returncode == 1


def test_a_receiver_that_is_away_delays_nobody(tmp_path):
    where = {
        **os.environ,
        "SENTRY_DSN": "http://public@127.0.0.1:9/7",
        "DJANGO_SETTINGS_MODULE": "academy.settings",
    }
    words = FAILING.format(note=NOTE)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", words], cwd=ROOT, env=where, timeout=60,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0
