"""What a worker of the web application carries: the first process warms it, and large packages are loaded
where they are used.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections
from wagtail.models import Locale

from academy import warming
from tests.academy.test_settings import PRODUCTION, run
from tests.bench.load import children_of
from tests.databases import ROOT
from tests.races.server import free_port

PATIENCE = 60  # seconds
# Papers, exports, codes and calendars are asked for seldom, and children's files are read in a
# process of their own. Metrics and error reports have settings.
LARGE = set("fontTools fpdf hypothesis icalendar lib3mf numpy openpyxl qrcode segno trimesh".split())
LARGE |= {"prometheus_client", "sentry_sdk"}
COMMON = ("/healthz", "/fr/", "/ar/", "/en/", "/fr/account/login/", "/ar/account/signup/", "/nowhere/")
WARMED = """
import json, sys
from academy.wsgi import application
from academy import warming
from django.core.signals import got_request_exception
from django.db import connection
failed = []
def fault(request, **more):
    failed.append((request.path, repr(sys.exc_info()[1])))
got_request_exception.connect(fault)
warming.warm(application)
told = {"open": connection.connection is not None}
"""
ASKED = """
told["failed"] = failed
for path in %r:
    warming._ask(application, path)
told["loaded"] = [name for name in sys.modules if "." not in name]
"""


def told_by(*words: str, **variables: str) -> dict:
    """Return what a fresh process tells after it was warmed."""
    done = run("-W", "ignore", "-c", "\n".join((WARMED, *words, "print(json.dumps(told))")), **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.django_db(transaction=True)
def test_no_large_package_is_loaded_for_common_pages(academy_settings):
    connections.close_all()
    told = told_by(ASKED % (COMMON,), **os.environ)
    assert "wagtail" in told["loaded"], "the application is loaded"
    assert LARGE & set(told["loaded"]) == set()
    assert told["failed"] == []
    assert told["open"] is False, "the workers inherit no connection"


def test_a_database_that_is_away_stops_no_start(tmp_path):
    away = {"DATABASE_URL": "postgresql://academy@127.0.0.1:9/academy", "DATA_DIR": str(tmp_path)}
    told = told_by('told["frozen"] = __import__("gc").get_freeze_count()', **PRODUCTION | away)
    assert told["open"] is False
    assert told["frozen"] > 100_000, "what is loaded without a database is shared all the same"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_what_a_page_would_write_while_warming(monkeypatch):
    refused = []

    def writes(application, path):
        try:
            Locale.objects.create(language_code="es")
        except DatabaseError:
            refused.append(path)
            raise warming.CannotWarm(path) from None

    monkeypatch.setattr(warming, "_ask", writes)
    warming._ask_pages(None)
    connection.close()
    assert "/fr/" in refused and "/ar/account/login/" in refused, "one fault does not end it"
    assert not Locale.objects.filter(language_code="es").exists()
    Locale.objects.create(language_code="es")  # and writes again afterwards


def answer(port: int) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("GET", "/healthz")
    try:
        return line.getresponse().status
    finally:
        line.close()


def within_patience(found):
    """Return the first true answer of `found()`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if told := found():
                return told
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("in vain")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux tells who is whose child")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.fault
def test_a_killed_worker_is_replaced_and_a_signal_ends_all(ending, tmp_path):
    port = free_port()
    variables = PRODUCTION | {"DATA_DIR": str(tmp_path), "BIND": f"127.0.0.1:{port}", "WORKERS": "1",
                              "DATABASE_URL": "postgresql://academy@127.0.0.1:9/academy",
                              "PATH": os.environ["PATH"], "ALLOWED_HOSTS": "*"}  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "academy/deploy/gunicorn.conf.py",
        "academy.wsgi",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL)
    try:
        assert within_patience(lambda: answer(port)) == 200
        (first,) = children_of(server.pid)
        os.kill(first, signal.SIGKILL)
        second = within_patience(lambda: [one for one in children_of(server.pid) if one != first])
        assert within_patience(lambda: answer(port)) == 200
        server.send_signal(ending)
        assert server.wait(PATIENCE) == 0
        assert not any(Path(f"/proc/{one}").exists() for one in second)
    finally:
        server.kill()
        server.wait()
