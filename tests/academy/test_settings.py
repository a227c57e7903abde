"""Settings from the environment: a variable missing in production stops the start with one helpful line."""

import json
import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks

from academy import checks, env
from tests.databases import ROOT

PRODUCTION = {
    "SECRET_KEY": "a-long-secret-for-the-test-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgresql://academy:secret@127.0.0.1:5432/academy",
    "CACHE_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "academy.example.org",
    "SITE_URL": "https://academy.example.org",
    "EMAIL_HOST": "mail.example.org",
    "DEFAULT_FROM_EMAIL": "Active Labs <bonjour@example.org>",
    "PROXY_COUNT": "1",
}
REQUIRED = [
    "SITE_URL",
    "ALLOWED_HOSTS",
    "SECRET_KEY",
    "DATABASE_URL",
    "CACHE_URL",
    "EMAIL_HOST",
    "DEFAULT_FROM_EMAIL",
]


def run(*command, **variables):
    """Run a fresh process with only these of our variables."""
    plain = {
        name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=plain | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def chosen(*names, **variables) -> dict:
    """Return these settings as a fresh process sees them."""
    words = (
        "import json; from academy import settings as s; "
        f"print(json.dumps({{n: str(getattr(s, n)) for n in {names!r}}}))"
    )
    done = run("-c", words, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_variable_stops_the_start_with_one_helpful_line(missing):
    done = run("manage.py", "check", **{name: value for name, value in PRODUCTION.items() if name != missing})
    lines = done.stderr.strip().splitlines()
    assert done.returncode != 0
    assert len(lines) == 1 and lines[0].startswith(f"{missing} is not set") and "DEMO=1" in lines[0]


def test_a_number_that_is_none_is_named():
    done = run("manage.py", "check", **PRODUCTION | {"PROXY_COUNT": "two"})
    assert done.returncode != 0
    assert done.stderr.strip() == "PROXY_COUNT must be a whole number, not 'two'."


def test_production_passes_the_deployment_checks():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_production_is_strict_about_cookies_and_transport():
    seen = chosen(
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SAMESITE",
        "DEVICE_COOKIE_NAME",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "DEBUG",
        "EMBEDDED",
        "TESTING",
        **PRODUCTION,
    )
    assert seen == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SESSION_COOKIE_SECURE": "True",
        "SESSION_COOKIE_HTTPONLY": "True",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": "True",
        "CSRF_COOKIE_HTTPONLY": "True",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "DEVICE_COOKIE_NAME": "__Host-device",
        "SECURE_SSL_REDIRECT": "True",
        "SECURE_HSTS_SECONDS": "31536000",
        "DEBUG": "False",
        "EMBEDDED": "False",
        "TESTING": "False",
    }


def test_production_is_not_talked_into_testing():
    names = ("TESTING", "EMAIL_BACKEND", "STORAGES", "VISITOR_CACHE_SECONDS", "SECURE_SSL_REDIRECT")
    assert chosen(*names, **PRODUCTION | {"TESTING": "1"}) == chosen(*names, **PRODUCTION)
    assert chosen("TESTING", **PRODUCTION | {"TESTING": "1"}) == {"TESTING": "False"}


def test_the_demonstration_needs_nothing_and_keeps_debug_off(tmp_path):
    seen = chosen(
        "DEBUG", "DEMO", "EMAIL_BACKEND", "SITE_URL", DEMO="1", DEBUG="1", PORT="8123", DATA_DIR=str(tmp_path)
    )
    assert seen == {
        "DEBUG": "False",
        "DEMO": "True",
        "EMAIL_BACKEND": "academy.mailbox.Folder",
        "SITE_URL": "http://localhost:8123",
    }
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_demonstration_never_serves_the_public(tmp_path):
    done = run("manage.py", "check", DEMO="1", ALLOWED_HOSTS="academy.example.org", DATA_DIR=str(tmp_path))
    assert done.returncode != 0
    assert "academy.E002" in done.stderr and "academy.example.org" in done.stderr


def test_a_secret_is_made_once_and_kept(tmp_path):
    first = env.kept_secret(tmp_path / "kept" / "secret_key")
    assert first == env.kept_secret(tmp_path / "kept" / "secret_key")
    assert len(first) >= 50


def test_python_knows_the_clock_morocco_keeps_since_september_2026():
    assert [fault.id for fault in run_checks() if fault.id == "academy.E001"] == []


def test_a_machine_with_an_older_clock_is_refused(monkeypatch):
    class Older:
        TIME_ZONE = "Etc/GMT-1"  # UTC+1, as Morocco was

    monkeypatch.setattr(checks, "settings", Older)
    assert [fault.id for fault in checks.clock(None)] == ["academy.E001"]


def test_the_systems_own_zone_files_are_not_asked():
    import zoneinfo

    assert zoneinfo.TZPATH == ()


def test_files_are_in_folders_or_in_the_buckets_that_are_named(tmp_path):
    where = {"DEMO": "1", "DATA_DIR": str(tmp_path)}
    folders = chosen("STORAGES", **where)["STORAGES"]
    for folder in ("FileSystemStorage", "PrivateFolder", "CopiesFolder"):
        assert folder in folders
    work = chosen("STORAGES", **where, PRIVATE_BUCKET="work", PRIVATE_BUCKET_REGION="eu-west-3")["STORAGES"]
    assert "FileSystemStorage" in work and work.count("home.files.buckets.Bucket") == 2
    assert "'location': 'copies'" in work and "PrivateFolder" not in work and "eu-west-3" in work
    named = {"MEDIA_BUCKET": " pictures ", "MEDIA_BUCKET_ENDPOINT": "http://127.0.0.1:8333"}
    pictures = chosen("STORAGES", **where, **named)["STORAGES"]
    assert "home.files.buckets.MediaBucket" in pictures and "'pictures'" in pictures
    assert "http://127.0.0.1:8333" in pictures and "PrivateFolder" in pictures
