"""Reports read a replica that streams, and nobody reads a write late."""

import json
import subprocess
import sys
import time

import pytest

from enrollments.urls import desk, family, links, office
from tests.academy.test_settings import PRODUCTION, chosen
from tests.databases import ROOT
from tests.machines.postgres import Server
from tests.machines.programs import until

ASKED = """
import django, json, logging, sys
django.setup()
from django.contrib.auth.models import Group
from django.db import connections, OperationalError
from django.http import HttpResponse
from home.database import replica
told = lambda: json.loads(sys.stdin.readline())
logging.getLogger("home.database.replica").addHandler(logging.StreamHandler(sys.stderr))
calls = []

@replica.reads_replica
def report(request):
    calls.append(replica._is_reading.get())
    names = sorted(Group.objects.values_list("name", flat=True))
    where = "replica" if replica._is_reading.get() else "primary"
    kept = Group.objects.filter(name="a").first()
    if request == "write":
        Group.objects.create(name="read by " + where)
    if request == "dies" and where == "replica":
        raise OperationalError("canceling statement due to conflict with recovery")
    return [where, names, kept and kept._state.db]

for line in sys.stdin:
    order = json.loads(line)
    if order.startswith("make "):
        Group.objects.create(name=order[5:])
        answer = None
    elif order == "state":
        answer = replica.state()
    elif order == "again":
        replica._away_until = 0.0
        answer = None
    else:
        answer = report(order)
    after = Group.objects.filter(name="a").first()
    print(json.dumps({"answer": answer, "after": after and after._state.db}), flush=True)
"""


@pytest.fixture
def pair(open_folder):
    """A primary and its replica, with the site's tables of accounts."""
    primary = Server(open_folder, "primary")
    replica = None
    try:
        primary.start()
        primary.furnish()
        replica = Server(open_folder, "replica", primary)
        replica.start()
        yield primary, replica
    finally:
        for one in (replica, primary):
            if one:
                one.stop()


@pytest.mark.machines
def test_a_report_reads_the_replica_only_when_it_has_every_write_and_the_primary_otherwise(pair, tmp_path):
    primary, replica = pair
    variables = PRODUCTION | {
        "DATABASE_URL": primary.url(),
        "REPLICA_URL": replica.url(),
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "academy.settings",
        "PATH": "/usr/bin:/bin",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0", "auth"]
    subprocess.run(migrate, cwd=ROOT, env=variables, check=True)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    until(
        lambda: replica.ask(tables, database="academy") == primary.ask(tables, database="academy"), "tables"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", ASKED],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def told(order):
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        told("make a")
        assert told("read") == {"answer": ["replica", ["a"], "replica"], "after": "default"}
        for number in range(20):  # one's own write, read at once
            told(f"make b{number}")
            assert f"b{number}" in told("read")["answer"][1]
        assert told("write")["answer"][0] == "replica", "what is recorded of the reading goes to the primary"
        assert "read by replica" in told("read")["answer"][1]
        assert told("state")["answer"] == "ok"

        replica.ask("SELECT pg_wal_replay_pause()")  # it streams, and is behind
        told("make late")
        began = time.monotonic()
        where, names, _state = told("read")["answer"]
        assert (where, "late" in names) == ("primary", True) and time.monotonic() - began >= 0.5
        assert told("state")["answer"] == "behind"
        replica.ask("SELECT pg_wal_replay_resume()")
        assert told("read")["answer"][0] == "replica" and "late" in told("read")["answer"][1]

        assert told("dies")["answer"][0] == "primary", "a report that the replica breaks off is asked again"
        assert told("state")["answer"] == "away"
        told("again")
        replica.kill()
        assert told("read")["answer"][0] == "primary"
        assert (told("write")["answer"][0], told("state")["answer"]) == ("primary", "away")
        told("again")
        replica.start()
        until(lambda: told("again") and told("read")["answer"][0] == "replica", "the replica again")
    finally:
        process.stdin.close()
        process.wait(20)
        said = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert process.returncode == 0, said
    assert "the replica is behind: the primary answers" in said
    assert "the replica is away (OperationalError): the primary answers" in said


def test_without_its_address_there_is_no_replica_and_no_router():
    plain = chosen("DATABASES", "REPLICA_URL", **PRODUCTION)
    assert "'replica'" not in plain["DATABASES"] and plain["REPLICA_URL"] == ""
    both = chosen("DATABASES", "DATABASE_ROUTERS", **PRODUCTION | {"REPLICA_URL": "postgresql://a@b:1/c"})
    assert both["DATABASES"].count("lock_timeout=3000") == 2
    assert "home.database.replica.Router" in both["DATABASE_ROUTERS"]


def test_these_reports_read_it_and_nothing_that_a_form_writes():
    found = {
        one.name
        for rooms in (office, desk, family, links)
        for one in rooms.urlpatterns
        if getattr(one.callback, "reads_replica", False)
    }
    assert found == {
        "office_day_pack",
        "office_day_pack_pdf",
        "office_week",
        "office_week_pdf",
        "office_session_export",
        "office_journal",
        "office_processing",
        "office_processing_pdf",
        "office_coverage",
        "office_coverage_course",
        "office_surveys",
        "office_untaught",
        "office_unpaid",
        "office_report",
        "office_report_pdf",
    }
