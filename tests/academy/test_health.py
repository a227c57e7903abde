"""Health checks: liveness, readiness, and the name of what failed."""

from types import SimpleNamespace

import pytest
from django.core.checks import Error
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from academy import health

MB = 1024**2
WELL = {"database": "ok", "migrations": "ok", "cache": "ok", "disk": "ok", "clock": "ok"}


@pytest.fixture(autouse=True)
def _as_a_fresh_process(monkeypatch):
    monkeypatch.setattr(health, "_is_migrated", False)


def test_the_process_answers_without_a_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_working_academy_is_ready(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, WELL)


def ready(client):
    response = client.get("/readyz")
    return response.status_code, {name: found for name, found in response.json().items() if found != "ok"}


@pytest.mark.django_db
def test_a_missing_migration_is_named(client):
    MigrationRecorder.Migration.objects.filter(app="enrollments").delete()
    assert ready(client) == (503, {"migrations": "failed"})


@pytest.mark.django_db
def test_a_lost_database_is_named(client, monkeypatch):
    def cursor():
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=cursor))
    status, failed = ready(client)
    assert status == 503 and failed["database"] == "OperationalError"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("free", "found"),
    [
        (500 * MB, (200, {})),
        (500 * MB - 1, (200, {"disk": "low"})),
        (200 * MB + 1, (200, {"disk": "low"})),
        (200 * MB, (503, {"disk": "failed"})),
    ],
)
def test_a_disk_too_full_for_files_is_low_and_one_too_full_for_anything_fails(
    client, monkeypatch, free, found
):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda place: SimpleNamespace(free=free))
    assert ready(client) == found


@pytest.mark.django_db
def test_a_cache_that_keeps_nothing_is_named(client, settings):
    settings.CACHES = {
        name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"} for name in settings.CACHES
    }
    assert ready(client) == (503, {"cache": "failed"})


@pytest.mark.django_db
def test_an_old_clock_is_named(client, monkeypatch):
    monkeypatch.setattr(health, "clock", lambda app_configs: [Error("old")])
    assert ready(client) == (503, {"clock": "failed"})
