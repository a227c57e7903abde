"""The database of a backup: one moment of it, read while the site goes on.

PostgreSQL is read by pg_dump in the snapshot that the facts are read in too. SQLite is copied by its online
backup into DATA_DIR, beside the database itself: a copy that nobody else can open, since its name is gone
before it is read. It is as clear as the database beside it, and the only thing that is written in clear.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from academy.backups import keys
from academy.backups.keys import BackupFailed
from home.files import disk

PIECE = 1024 * 1024
SPOOL = ".backup.sqlite3"
# What libpq's programs read instead of options, so that no list of processes shows a password.
VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Dump:
    """A moment of the database: its facts, and its content in chunks."""

    facts: dict[str, Any]
    chunks: Iterator[bytes]


@contextmanager
def dump() -> Iterator[Dump]:
    """Read the database as it is now. Raises BackupFailed, also when the chunks end before it does."""
    with _postgres() if connection.vendor == "postgresql" else _sqlite() as found:
        yield found


def facts_of(ask: Ask) -> dict[str, Any]:
    """Return what is told of a database: its migrations, the rows of each table, which key opens which safety
    note.
    """
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    tables &= set(connection.introspection.table_names())  # some may wait for a migration
    name = connection.ops.quote_name
    notes = ask("SELECT id, sealed FROM enrollments_safetynote ORDER BY id")
    return {
        "migrations": [
            f"{app}.{title}" for app, title in ask("SELECT app, name FROM django_migrations ORDER BY id")
        ],
        "rows": {table: ask(f"SELECT COUNT(*) FROM {name(table)}")[0][0] for table in sorted(tables)},  # noqa: S608 — our tables
        "notes": keys.notes_by_key(notes),
    }


# ---- PostgreSQL


def program(name: str) -> str:
    """Return where a program of PostgreSQL's client is. Raises BackupFailed."""
    if found := shutil.which(name):
        return found
    raise BackupFailed(f"{name} is not on this machine: install PostgreSQL's client (postgresql-client).")


def postgres_environment() -> dict[str, str]:
    """Return the variables with which PostgreSQL's programs find the database."""
    told = connection.settings_dict
    found = {
        "PGDATABASE": told["NAME"],
        "PGHOST": told["HOST"],
        "PGPORT": told["PORT"],
        "PGUSER": told["USER"],
        "PGPASSWORD": told["PASSWORD"],
        **{VARIABLES[name]: value for name, value in told["OPTIONS"].items() if name in VARIABLES},
    }
    return os.environ | {name: str(value) for name, value in found.items() if value}


def told_by(errors: IO[bytes]) -> str:
    """Return the last line that a program has written, for a sentence."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it gave no reason"


@contextmanager
def _postgres() -> Iterator[Dump]:
    command = [program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return cursor.fetchall()

        snapshot = ask("SELECT pg_export_snapshot()")[0][0]
        yield Dump(facts_of(ask), _read([*command, f"--snapshot={snapshot}"]))


def _read(command: list[str]) -> Iterator[bytes]:
    """Return what pg_dump writes. Raises BackupFailed with its words when it fails."""
    with (
        TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603 — the path is what `which` found
            command,
            env=postgres_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process,
    ):
        try:
            assert process.stdout is not None  # noqa: S101 — as asked for
            while chunk := process.stdout.read(PIECE):
                yield chunk
            if process.wait():
                raise BackupFailed(f"pg_dump stopped: {told_by(errors)}")
        finally:
            process.kill()


# ---- SQLite


def sqlite_path() -> Path:
    return Path(connection.settings_dict["NAME"])


@contextmanager
def _sqlite() -> Iterator[Dump]:
    spool = settings.DATA_DIR / SPOOL
    spool.unlink(missing_ok=True)  # of a backup that was killed
    source = sqlite_path()
    disk.check_room(settings.DATA_DIR, source.stat().st_size)
    try:
        os.close(os.open(spool, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(source)) as site, closing(sqlite3.connect(spool)) as copy:
            site.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole
            facts = facts_of(lambda sql: copy.execute(sql).fetchall())
        file = spool.open("rb")
    except sqlite3.Error as fault:
        raise BackupFailed(
            f"No backup was written. SQLite says of its copy in {spool.parent}: {fault}."
        ) from fault
    finally:
        spool.unlink(missing_ok=True)
    with file:
        yield Dump(facts, iter(lambda: file.read(PIECE), b""))
