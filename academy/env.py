"""Read environment variables, with one helpful line when something is missing. Does not import Django."""

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from cryptography.fernet import Fernet


class Missing(SystemExit):
    """Raised at start-up when a variable required in production is not set."""


def text(name: str, default: str | None = None) -> str:
    """Return the variable as text. Raises Missing if it is unset and has no default."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise Missing(
            f"{name} is not set: production needs it (DEMO=1 runs the demonstration, DEBUG=1 a workbench)."
        )
    return default


def flag(name: str, default: bool = False) -> bool:
    """Return the variable as a boolean: 1, true, yes and on are true, anything else is false."""
    value = os.environ.get(name, "").strip().lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """Return the variable as a whole number. The error names a variable that is not one."""
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise Missing(f"{name} must be a whole number, not {value!r}.") from None


def numbers(name: str, default: str) -> list[int]:
    """Return the variable as whole numbers between commas. The error names one that is something else."""
    try:
        return [int(word) for word in words(name, default)]
    except ValueError:
        raise Missing(f"{name} must be whole numbers between commas, such as {default}.") from None


def choice(name: str, options: tuple[str, ...]) -> str:
    """Return the variable, one of these; the first if it is unset. The error names the others."""
    value = os.environ.get(name, "").strip() or options[0]
    if value not in options:
        raise Missing(f"{name} must be {' or '.join(options)}, not {value!r}.")
    return value


def words(name: str, default: str | None = None) -> list[str]:
    """Return the variable as a list of comma-separated values."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def databases(url: str, replica: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Return DATABASES: the one at that URL, with its replica if there is one; without a URL a file of SQLite
    in the folder.

    SQLite begins with IMMEDIATE: a deferred transaction loses with "database is locked".
    """
    if not url:
        pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16000")
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": " ".join(f"PRAGMA {pragma};" for pragma in pragmas),
        }
        sqlite = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "db.sqlite3",
            "OPTIONS": options,
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": folder / "test.sqlite3"},
        }
        return {"default": sqlite}
    found = {"default": _server(url, patience=5)}
    return found | ({"replica": _server(replica, patience=2)} if replica else {})


def _server(url: str, *, patience: int) -> dict[str, Any]:
    """Return a database server; one that does not answer is given up after these seconds.

    Lock timeout: 3 s; then we answer 503 with a retry page. Prepare repeated statements once per connection:
    planning is a large part of the server time of an enrollment.
    """
    server: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if server["ENGINE"].endswith("postgresql"):
        own = {"options": "-c lock_timeout=3000", "server_side_binding": True, "prepare_threshold": 2}
        server["OPTIONS"] = {"connect_timeout": patience} | server.get("OPTIONS", {}) | own
    return server


def file_storages() -> dict[str, dict[str, Any]]:
    """Return where files are, for STORAGES: folders in DATA_DIR, or the buckets that are named.

    The client of the buckets reads its keys itself (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).
    """
    media, private = os.environ.get("MEDIA_BUCKET", ""), os.environ.get("PRIVATE_BUCKET", "")
    storages: dict[str, dict[str, Any]] = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "private": {"BACKEND": "home.files.private.PrivateFolder"},
        "copies": {"BACKEND": "home.files.private.CopiesFolder"},
    }
    if media.strip():
        at = (os.environ.get("MEDIA_BUCKET_ENDPOINT", ""), os.environ.get("MEDIA_BUCKET_REGION", ""))
        storages["default"] = _bucket("MediaBucket", media, *at)
    if private.strip():
        at = (os.environ.get("PRIVATE_BUCKET_ENDPOINT", ""), os.environ.get("PRIVATE_BUCKET_REGION", ""))
        storages["private"] = _bucket("Bucket", private, *at)
        storages["copies"] = _bucket("Bucket", private, *at, location="copies")
    return storages


def _bucket(kind: str, name: str, endpoint: str, region: str, **more: str) -> dict[str, Any]:
    options = {
        "bucket_name": name.strip(),
        "endpoint_url": endpoint.strip() or None,
        "region_name": region.strip() or None,
    }
    return {"BACKEND": f"home.files.buckets.{kind}", "OPTIONS": options | more}


def error_reports(release: str, environment: str) -> dict[str, str] | None:
    """Return the arguments of academy.reports.Reports; None if no address for error reports is set."""
    dsn = os.environ.get("SENTRY_DSN", "").strip()
    return {"dsn": dsn, "release": release, "environment": environment} if dsn else None


def tasks(long_work: str, redis_url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return TASKS and RQ_QUEUES: where one-shot work is done (home.one_shot), and the queues it waits in.

    `long_work` is "here", in the process that finds it, or "redis".
    """
    is_queued = long_work == "redis"
    if is_queued and not redis_url:
        raise Missing("LONG_WORK=redis needs CACHE_URL: the queue is on the same Redis.")
    names = ["pictures", "copies"]  # the worker empties the first before the next
    long = {"BACKEND": f"home.{'task_queue.Queue' if is_queued else 'one_shot.Here'}", "QUEUES": names}
    queue = {"URL": redis_url, "DEFAULT_TIMEOUT": 7_200, "SERIALIZER": "rq.serializers.JSONSerializer"}
    backends = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}, "long": long}
    return backends, dict.fromkeys(names, queue) if is_queued else {}


def kept_secret(path: Path) -> str:
    """Return the secret stored in this file. Created on first use, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        value = secrets.token_urlsafe(50)
        file.write(value)
    return value


def kept_key(path: Path) -> str:
    """Return the encryption keys stored in this file, one per line, the first for encrypting.

    Created on first use, readable by its owner only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return ",".join(path.read_text().split())
    with os.fdopen(handle, "w") as file:
        value = Fernet.generate_key().decode()
        file.write(value + "\n")
    return value
