"""Metrics for Prometheus: on a port of their own, by route, whole when workers die, and without a person."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml
from django.db import DatabaseError, connections
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver, resolve
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from academy import clockwork, metrics, metrics_port, seen, work_metrics
from academy.models import JobRun
from enrollments.letters import outbox
from enrollments.models import CopyRequest, PlaceCheck
from tests.academy.test_weight import within_patience
from tests.bench.load import children_of
from tests.databases import ROOT
from tests.races.server import free_port

SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")


def samples(text: str) -> dict[str, float]:
    """Return what stands in an answer to Prometheus: name and labels, and the value."""
    found = [SAMPLE.fullmatch(line) for line in text.splitlines() if line and not line.startswith("#")]
    assert all(found), text
    return {f"{one[1]}{{{one[2] or ''}}}": float(one[3]) for one in found}


def counted(folder) -> dict[str, float]:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))
    return samples(generate_latest(registry).decode())


def requests(**labels) -> str:
    told = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
    return f"academy_requests_total{{{told}}}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the folder of the numbers that this process counts from now on."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    metrics.begin(str(tmp_path))
    yield tmp_path
    metrics.end()


@pytest.mark.django_db
def test_requests_are_counted_by_route_method_and_class_of_status(folder, client, site_tree):
    client.get("/healthz?q=Salwa")
    client.get("/fr/nowhere/salwa-amrani/?q=Salwa")
    client.post("/healthz")
    client.generic("SALWA", "/healthz")
    client.get("/theme/")
    found = counted(folder)
    assert {key: value for key, value in found.items() if key.startswith("academy_requests_total")} == {
        requests(method="GET", route="healthz", status="2xx"): 1,
        requests(method="GET", route="wagtail_serve", status="4xx"): 1,
        requests(method="POST", route="healthz", status="2xx"): 1,
        requests(method="OTHER", route="healthz", status="2xx"): 1,
        requests(method="GET", route="theme", status="3xx"): 1,
    }
    assert found['academy_request_seconds_count{route="healthz"}'] == 3
    assert found['academy_request_seconds_bucket{le="+Inf",route="theme"}'] == 1
    assert "alwa" not in str(found).replace("SALWA", "")


def test_too_many_requests_and_faults_are_counted_and_so_is_how_long_they_took(folder):
    for status in (429, 429, 500, 503, 200):
        seen.Seen(lambda request, status=status: HttpResponse(status=status))(RequestFactory().get("/x"))
    metrics.count("slow", "GET", 200, 0.3)
    found = counted(folder)
    assert found['academy_rate_limited_total{route="none"}'] == 2
    assert found[requests(method="GET", route="none", status="5xx")] == 2
    assert found[requests(method="GET", route="none", status="4xx")] == 2
    assert found['academy_request_seconds_bucket{le="0.25",route="slow"}'] == 0
    assert found['academy_request_seconds_bucket{le="0.5",route="slow"}'] == 1


def test_a_folder_that_is_gone_ends_the_counting_and_no_request(folder, caplog):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "gone")
    inner = seen.Seen(lambda request: HttpResponse())
    assert [inner(RequestFactory().get("/x")).status_code for _time in range(2)] == [200, 200]
    assert caplog.text.count("counts no more") == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux tells which process has ended")
def test_what_a_process_counted_outlives_it_and_its_file_does_not(folder):
    words = (
        "from academy import metrics; metrics.begin({folder!r}); metrics.count('family', 'GET', 200, 0.02)"
    )
    command = [sys.executable, "-c", words.format(folder=str(folder))]
    for _time in range(2):
        subprocess.run(command, cwd=ROOT, check=True)
    metrics.count("family", "GET", 200, 0.02)
    before = counted(folder)
    assert before[requests(method="GET", route="family", status="2xx")] == 3
    assert len(list(folder.glob("counter_*.db"))) == 3
    for _time in range(2):
        metrics_port.gather(str(folder))
        assert counted(folder) == pytest.approx(before)
    assert {path.name for path in folder.glob("counter_*.db")} == {
        "counter_0.db",
        f"counter_{os.getpid()}.db",
    }
    subprocess.run(command, cwd=ROOT, check=True)
    metrics_port.gather(str(folder))
    assert counted(folder)[requests(method="GET", route="family", status="2xx")] == 4


def gauges() -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(work_metrics.Work())
    return samples(generate_latest(registry).decode())


@pytest.mark.django_db
def test_the_work_is_told_in_numbers_and_an_empty_academy_has_none(queries, parent, settings):
    settings.RELEASE = "1.2"
    found = gauges()
    assert (found["academy_letters_waiting{}"], found["academy_letter_oldest_seconds{}"]) == (0, 0)
    assert not [key for key in found if key.startswith(("academy_places_check", "academy_job_failed"))]
    assert (found["academy_database_up{}"], found['academy_info{release="1.2"}']) == (1, 1)
    at = timezone.now()
    clockwork.run_due(at)
    outbox.write("export_failed", to=parent, at=at - timedelta(minutes=30))
    outbox.write("export_failed", to=parent, at=at - timedelta(minutes=5))
    JobRun.objects.update(next_at=at + timedelta(hours=1))
    JobRun.objects.filter(name="letters").update(
        next_at=at - timedelta(minutes=10), fault="OSError", took_ms=1500
    )
    CopyRequest.objects.create(user=parent, asked_at=at - timedelta(hours=3), next_try_at=at)
    PlaceCheck.objects.create(at=at - timedelta(days=1), sessions=1, faults=[])
    PlaceCheck.objects.create(at=at, sessions=12, faults=["x", "y"])
    with queries() as asked:
        found = gauges()
    assert len(asked) <= 11
    assert {name: found[f"academy_{name}{{}}"] for name in (
        "letters_waiting", "letter_oldest_seconds", "copy_oldest_seconds", "job_oldest_seconds",
        "places_check_timestamp_seconds", "places_check_faults", "places_check_sessions",
    )} == pytest.approx({
        "letters_waiting": 2, "letter_oldest_seconds": 1800, "copy_oldest_seconds": 10800,
        "job_oldest_seconds": 600, "places_check_timestamp_seconds": at.timestamp(),
        "places_check_faults": 2, "places_check_sessions": 12,
    }, abs=30)  # fmt: skip
    assert (found['academy_job_failed{job="letters"}'], found['academy_job_seconds{job="letters"}']) == (
        1,
        1.5,
    )
    assert found['academy_job_success_timestamp_seconds{job="places"}'] == pytest.approx(at.timestamp())
    assert (found['academy_work_well{light="letters"}'], found['academy_work_well{light="jobs"}']) == (0, 1)


@pytest.mark.django_db
def test_without_a_database_no_old_number_is_told(monkeypatch):
    def away(at):
        raise DatabaseError("salwa.amrani@example.org")

    monkeypatch.setattr(work_metrics, "_letters", away)
    assert gauges() == {"academy_database_up{}": 0, 'academy_info{release=""}': 1}


@pytest.mark.django_db
def test_no_address_of_the_site_tells_the_metrics(client, site_tree):
    assert resolve("/fr/metrics/").url_name == "wagtail_serve"
    for path in ("/metrics", "/metrics/", "/fr/metrics/"):
        assert client.get(path, follow=True).status_code == 404


@pytest.mark.django_db
def test_the_documents_tell_every_metric_and_the_rules_ask_for_no_other(folder):
    PlaceCheck.objects.create(at=timezone.now(), sessions=1, faults=[])
    registry = CollectorRegistry()
    registry.register(work_metrics.Work())
    seen.Seen(lambda request: HttpResponse(status=429))(RequestFactory().get("/x"))
    MultiProcessCollector(registry, path=str(folder))
    told = {metric.name + "_total" * (metric.type == "counter") for metric in registry.collect()}
    section = (
        (ROOT / "academy/docs/operations.md").read_text().partition("## Metrics\n")[2].partition("\n## ")[0]
    )
    assert set(re.findall(r"^\| `(academy_\w+)` \|", section, re.M)) == told
    [rules] = yaml.safe_load(section.partition("```yaml\n")[2].partition("```")[0])["groups"]
    asked = set(re.findall(r"academy_\w+", " ".join(rule["expr"] for rule in rules["rules"])))
    assert asked - told == {"academy_request_seconds_bucket"}
    routes = re.findall(r'route(?:=~|!~)"([\w|]+)"', str(rules))
    names = {name for words in routes for name in words.split("|")}
    assert names and all(get_resolver().reverse_dict.getlist(name) for name in names)


# ---- with real processes


def asked(port: int, path: str) -> tuple[int, str]:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", path, headers={"Host": "localhost"})
    try:
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


@contextmanager
def gunicorn(log: Path, **variables):
    """Give (the process, the site's port, the port of its metrics) in production's shape."""
    port, own = free_port(), free_port()
    more = {"BIND": f"127.0.0.1:{port}", "METRICS_PORT": str(own), "LOG_FORMAT": "json"}
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "gunicorn",
        "--config",
        "academy/deploy/gunicorn.conf.py",
    ]
    connections.close_all()
    with log.open("w") as file:
        server = subprocess.Popen(
            [*command, "academy.wsgi"], cwd=ROOT, env=os.environ | more | variables, stderr=file
        )
        try:
            assert within_patience(lambda: asked(port, "/healthz")[0] == 200)
            yield server, port, own
        finally:
            server.terminate()
            server.wait(30)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux tells who is whose child")
@pytest.mark.django_db(transaction=True)
def test_one_process_tells_what_all_workers_counted_and_comes_back_when_it_dies(site_tree, tmp_path):
    def told():
        return samples(asked(own, "/metrics")[1])

    def total():
        return told().get(requests(method="GET", route="wagtail_serve", status="2xx"), 0)

    def its_own():
        return [one for one in children_of(server.pid) if name_of(one) == metrics_port.NAME]

    with gunicorn(tmp_path / "log", WORKERS="2") as (server, port, own):
        for _time in range(12):
            assert asked(port, "/fr/")[0] == 200
        assert within_patience(total) == 12, "warming is not counted"
        assert told()["academy_database_up{}"] == 1
        assert asked(own, "/")[0] == 404

        workers = [one for one in children_of(server.pid) if one not in its_own()]
        assert len(workers) == 2
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        assert within_patience(lambda: asked(port, "/fr/")[0] == 200)
        assert total() == 13, "what dead workers counted is kept"

        _keeper, answers = its_own()
        os.kill(answers, signal.SIGKILL)
        assert within_patience(lambda: its_own()[1:] and its_own()[1] != answers)
        assert within_patience(total) == 13

        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET /fr/offers/zersecret Salwa HTTP/1.1\r\n\r\n")
            line.recv(100)
        folder = [
            path for path in Path("/dev/shm").glob("academy-metrics-*") if (path / "counter_0.db").exists()
        ]
        left = its_own()
        server.kill()
        server.wait(30)
        assert within_patience(lambda: not any(Path(f"/proc/{one}").exists() for one in left))
        with pytest.raises(ConnectionRefusedError):
            asked(own, "/metrics")
        assert folder and not any(path.exists() for path in folder[-1:])
    said = (tmp_path / "log").read_text()
    assert '"message": "Invalid request from ip"' in said
    assert "zersecret" not in said and "Salwa" not in said and "/fr/" not in said
