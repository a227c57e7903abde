"""Put a backup in place of what is there, erase again what was erased since, and prove that it stands.

First everything is asked that can refuse: the whole file is read and its sums are compared before a row or a
file is touched. The database changes in one transaction; then the files are written.
"""

import time as stopwatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as Login
from django.core.cache import caches
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from academy import clockwork
from academy.backups import archive, dumps, keys, loading, stored_files
from academy.backups.archive import DATABASE, ArchiveMember
from academy.backups.keys import BackupFailed
from enrollments.letters import outbox
from enrollments.models import DataCopy
from enrollments.places import audit
from enrollments.privacy import data_export, erased_again, erased_file, retention
from home.files import disk
from home.language.lists import listed

NOTHING = "Nothing was changed."
SHOWN = 10  # numbers in a sentence


@dataclass(frozen=True)
class Agreed:
    """What the operator has agreed to lose."""

    replace: bool = False  # what is in the database and the files now
    without_notes: bool = False  # safety notes whose key is away
    without_erasures: bool = False  # the list of what was erased after the backup


@dataclass
class Restored:
    """What was done; `faults` is empty when everything holds."""

    made_at: datetime
    rows: int = 0
    files: int = 0
    held_back: int = 0  # emails
    expired: int = 0  # rows past their date
    erased: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0


def restore(
    path: Path,
    identities: list[Any],
    *,
    erased: Path | None,
    agreed: Agreed,
    at: datetime,
    tell: Callable[[str], object] = lambda words: None,
) -> Restored:
    """Restore the backup in this file. `erased`: the list of erased numbers, if it is not beside the backup.

    Raises BackupFailed; its sentence says if something was changed.
    """
    began = stopwatch.monotonic()
    about = archive.about(path, identities)
    done = Restored(datetime.fromisoformat(about["made_at"]))
    _check_version(about)
    _check_keys(about, agreed, done)
    _check_place(agreed)
    tell("Reading the backup and comparing its sums.")
    manifest = archive.checked(path, identities)
    _check_room(manifest)
    lines = _erased_lines(path, erased, agreed, done, at)
    tell("Restoring the database.")
    with archive.reading(path, identities) as members:
        first = _load_database(members)
        tell("Restoring files.")
        done.files = _write_files(first, members)
    _compare(about, manifest, done)
    tell("Migrating, erasing again, checking.")
    _settle(lines, done, at)
    done.seconds = stopwatch.monotonic() - began
    return done


# ---- what can refuse


def _check_version(about: dict[str, Any]) -> None:
    if about["database"] != connection.vendor:
        raise BackupFailed(
            f"This backup is of {about['database']}, this site has {connection.vendor}. {NOTHING}"
        )
    disk_migrations = MigrationLoader(None).disk_migrations
    known = {".".join(key) for key in disk_migrations}
    known |= {".".join(old) for one in disk_migrations.values() for old in one.replaces}
    labels = {config.label for config in apps.get_app_configs()}
    newer = [name for name in about["migrations"] if name not in known and name.partition(".")[0] in labels]
    if newer:
        raise BackupFailed(
            f"This backup was written by newer software: {listed(newer[:SHOWN])} is not known here. "
            f"Update the checkout first. {NOTHING}"
        )


def _check_keys(about: dict[str, Any], agreed: Agreed, done: Restored) -> None:
    ours = keys.ours()
    closed = sorted(
        number
        for name, numbers in about["notes"].items()
        if name and name not in ours["safety"]
        for number in numbers
    )
    if closed:
        told = listed(closed[:SHOWN]) + (" and more" if len(closed) > SHOWN else "")
        words = f"SAFETY_KEYS lacks a key of this backup: {len(closed)} safety notes cannot be read ({told})."
        if not agreed.without_notes:
            raise BackupFailed(f"{words} Set the keys of that time, or say --without-notes. {NOTHING}")
        done.remarks.append(words)
    if about["keys"]["secret"] != ours["secret"]:
        done.remarks.append(
            "SECRET_KEY is another than at the backup: links in emails of that time have ended."
        )


def _check_place(agreed: Agreed) -> None:
    try:
        full = [] if loading.is_empty() else ["the database"]
        others = loading.others_connected()
    except DatabaseError as fault:
        raise BackupFailed(f"The database does not answer: {str(fault).strip()} {NOTHING}") from fault
    full += [part for part in stored_files.STORES if not stored_files.is_empty(stored_files.store(part))]
    if full and not agreed.replace:
        raise BackupFailed(
            f"Not empty: {listed(full)}. --replace deletes what is there and puts the backup in its "
            f"place. {NOTHING}"
        )
    if others:
        raise BackupFailed(
            f"{others} other connections use the database. Stop the web processes and the workers first. "
            f"{NOTHING}"
        )


def _check_room(manifest: dict[str, Any]) -> None:
    size = sum(part["bytes"] for part in manifest["parts"].values())
    try:
        disk.check_room(settings.DATA_DIR, size)
    except OSError as fault:
        raise BackupFailed(
            f"The backup needs {size / 1024**2:.0f} MB on the disk of {settings.DATA_DIR}. {NOTHING}"
        ) from fault


def _erased_lines(
    path: Path, told: Path | None, agreed: Agreed, done: Restored, at: datetime
) -> list[erased_file.ErasedLine]:
    """Return the list of erased numbers, with those that wait in the database that is replaced."""
    if not loading.is_empty():
        try:
            erased_file.write_out(at)
        except (OSError, DatabaseError) as fault:
            if not agreed.without_erasures:
                raise BackupFailed(
                    f"The numbers of what was erased last cannot be taken from the database: "
                    f"{str(fault).strip()} Mend that, or say --without-erasures. {NOTHING}"
                ) from fault
    places = [told] if told else [path.with_name(erased_file.NAME)]
    if settings.BACKUP_DIR and not told:
        places.append(settings.BACKUP_DIR / erased_file.NAME)
    found = [place for place in dict.fromkeys(map(Path.absolute, places)) if place.exists()]
    if not found and not agreed.without_erasures:
        raise BackupFailed(
            f"The list of erased numbers ({erased_file.NAME}) is not beside the backup. Say --erased FILE, "
            f"or --without-erasures: then everybody who was erased after the backup is back. {NOTHING}"
        )
    try:
        read = [erased_file.read(place) for place in found]
    except OSError as fault:
        raise BackupFailed(f"The list of erased numbers cannot be read: {fault} {NOTHING}") from fault
    if unread := sum(count for _lines, count in read):
        done.remarks.append(f"{unread} lines of the list of erased numbers were cut off and left out.")
    return [line for lines, _count in read for line in lines]


# ---- what changes


def _load_database(members: Iterator[ArchiveMember]) -> ArchiveMember | None:
    """Replace the database by the members of that part; return the first member behind them."""
    behind: list[ArchiveMember] = []

    def chunks() -> Iterator[bytes]:
        for member in members:
            if member.part == DATABASE:
                while chunk := member.file.read(dumps.PIECE):
                    yield chunk
            elif member.part:
                behind.append(member)
                return

    try:
        loading.load(chunks())
    except OSError as fault:
        raise BackupFailed(f"The database was not changed: {fault}") from fault
    return behind[0] if behind else None


def _write_files(first: ArchiveMember | None, members: Iterator[ArchiveMember]) -> int:
    """Put the files of the backup in place of those that are there; return how many."""
    count = 0
    try:
        for part in stored_files.STORES:
            stored_files.clear(stored_files.store(part))
        for member in chain([first] if first else [], members):
            if member.part:
                stored_files.put(stored_files.store(member.part), member.name, member.file, member.size)
                count += 1
    except OSError as fault:
        raise BackupFailed(
            f"The database is restored, the files are not: {fault}. Mend that, then run this again with "
            "--replace."
        ) from fault
    return count


def _compare(about: dict[str, Any], manifest: dict[str, Any], done: Restored) -> None:
    """Compare what is there with what was counted when the backup was written."""
    with connection.cursor() as cursor:

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return list(cursor.fetchall())

        name = connection.ops.quote_name
        rows = {
            table: ask(f"SELECT COUNT(*) FROM {name(table)}")[0][0]  # noqa: S608 — tables the backup names
            for table in about["rows"]
        }
    done.rows = sum(rows.values())
    done.faults += [
        f"{table}: {rows[table]} rows instead of {count}"
        for table, count in about["rows"].items()
        if rows[table] != count
    ]
    expected = sum(part["members"] for name, part in manifest["parts"].items() if name != DATABASE)
    if done.files != expected:
        done.faults.append(f"{done.files} files instead of {expected}")


def _settle(lines: list[erased_file.ErasedLine], done: Restored, at: datetime) -> None:
    """Bring the database to today's code, and the world of the backup into the present."""
    call_command("migrate", verbosity=0, interactive=False)
    ContentType.objects.clear_cache()
    for kept in (UserSession, Login):  # of that time: some have been ended since
        kept.objects.all().delete()
    for copy in DataCopy.objects.all():  # their files are not in a backup
        data_export.put_away(copy)
    clockwork.skip_missed(at)
    done.held_back = outbox.hold_back_all(fault="restored")
    done.erased = dict(erased_again.erase_again(lines, since=done.made_at, at=at))
    if unknown := done.erased.get("unknown"):
        done.faults.append(f"{unknown} erasures are of a kind this software does not know: update it.")
    done.expired = sum(retention.retain(at, apply=True).values())
    for name in settings.CACHES:  # pages of the world that was replaced
        caches[name].clear()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, sealed FROM enrollments_safetynote")
        closed = keys.notes_by_key(cursor.fetchall()).get("", [])
    if closed:
        done.remarks.append(f"{len(closed)} safety notes cannot be read with the keys of this site.")
    done.faults += audit.keep(at).faults
