"""The database of a backup, put in place of the one that is there: whole, or not at all.

PostgreSQL: one transaction drops the schema and runs what pg_restore makes of the dump; it is committed after
the last line. SQLite: the copy lies beside the database, in clear as it is itself, until it is complete and
checked; the online backup then copies it into the open file in one transaction.
"""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterable
from contextlib import closing, suppress
from tempfile import TemporaryFile

from django.db import connection

from academy.backups import dumps
from academy.backups.dumps import PIECE
from academy.backups.keys import BackupFailed

SPOOL = ".restore.sqlite3"
PATIENCE = "5s"  # for locks of processes that have not been stopped
NOT_CHANGED = "The database was not changed."
BEGIN = f"""\\set ON_ERROR_STOP on
BEGIN;
SET LOCAL lock_timeout = '{PATIENCE}';
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


def is_empty() -> bool:
    """Return whether the database has no table."""
    if connection.vendor == "sqlite" and not dumps.sqlite_path().exists():
        return True
    return not connection.introspection.table_names()


def others_connected() -> int:
    """Return how many other connections the database has; 0 on SQLite, where nobody counts them."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def load(chunks: Iterable[bytes]) -> None:
    """Replace the database by this dump. Raises BackupFailed; then nothing was changed."""
    connection.close()
    if connection.vendor == "postgresql":
        _load_postgres(chunks)
    else:
        _load_sqlite(chunks)


# ---- PostgreSQL


def _load_postgres(chunks: Iterable[bytes]) -> None:
    restore = [dumps.program("pg_restore"), "--format=custom", "--no-owner", "--no-privileges", "--file=-"]
    psql = [dumps.program("psql"), "--no-psqlrc", "--quiet", "--output", os.devnull, "--file=-"]
    environment = dumps.postgres_environment()
    with TemporaryFile() as errors, TemporaryFile() as refusals:
        reads = subprocess.Popen(  # noqa: S603 — the path is what `which` found
            restore, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        writes = subprocess.Popen(  # noqa: S603 — the path is what `which` found
            psql, env=environment, stdin=subprocess.PIPE, stderr=refusals
        )
        feeder = _Feeder(chunks, reads)
        try:
            with suppress(BrokenPipeError):  # psql has stopped: its words say why
                _hand_on(feeder, reads, writes)
            writes.wait()
        finally:
            for process in (reads, writes):
                process.kill()
                process.wait()
            feeder.join()
        if feeder.fault:
            raise feeder.fault
        if reads.returncode > 0:
            raise BackupFailed(f"pg_restore stopped: {dumps.told_by(errors)} {NOT_CHANGED}")
        if writes.returncode:
            raise BackupFailed(f"psql stopped: {dumps.told_by(refusals)} {NOT_CHANGED}")


class _Feeder(threading.Thread):
    """Gives the dump to pg_restore while this process reads what it makes of it."""

    def __init__(self, chunks: Iterable[bytes], reads: "subprocess.Popen[bytes]") -> None:
        super().__init__(daemon=True)
        self.chunks, self.reads = chunks, reads
        self.fault: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            for chunk in self.chunks:
                self.reads.stdin.write(chunk)  # type: ignore[union-attr]  # a pipe
            self.reads.stdin.close()  # type: ignore[union-attr]
        except BrokenPipeError:
            pass  # pg_restore has stopped: its words say why
        except BaseException as fault:  # noqa: BLE001 — the thread that waits tells it
            self.fault = fault
            self.reads.kill()


def _hand_on(feeder: _Feeder, reads: "subprocess.Popen[bytes]", writes: "subprocess.Popen[bytes]") -> None:
    """Give psql what pg_restore writes; commit when both ended well."""
    assert reads.stdout is not None  # noqa: S101 — as asked for
    assert writes.stdin is not None  # noqa: S101
    writes.stdin.write(BEGIN.encode())
    while chunk := reads.stdout.read(PIECE):
        writes.stdin.write(chunk)
    feeder.join()
    is_whole = reads.wait() == 0 and feeder.fault is None
    writes.stdin.write(b"\nCOMMIT;\n" if is_whole else b"\nROLLBACK;\n")
    writes.stdin.close()


# ---- SQLite


def _load_sqlite(chunks: Iterable[bytes]) -> None:
    place = dumps.sqlite_path()
    place.parent.mkdir(parents=True, exist_ok=True)
    spool = place.with_name(SPOOL)
    spool.unlink(missing_ok=True)  # of a restore that was killed
    try:
        with open(os.open(spool, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.writelines(chunks)
        with closing(sqlite3.connect(spool)) as copy, closing(sqlite3.connect(place, timeout=5)) as site:
            if copy.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                raise BackupFailed(f"The database in the backup is damaged. {NOT_CHANGED}")
            copy.backup(site)
    except sqlite3.Error as fault:
        raise BackupFailed(f"SQLite stopped: {fault}. {NOT_CHANGED}") from fault
    finally:
        spool.unlink(missing_ok=True)
