"""Write a backup into a folder.

What is saved: the database first, then public pictures and documents, then private files. A file that came
after the database is one that no row names; the nightly job deletes it. A row whose file was deleted while
the backup ran is told of.
"""

import errno
import fcntl
import time as stopwatch
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import wagtail
from django.conf import settings
from django.db import DatabaseError, connection

from academy.backups import archive, dumps, keys, stored_files
from academy.backups.archive import ABOUT, DATABASE, FORMAT, MANIFEST
from academy.backups.ending import name_at
from academy.backups.keys import BackupFailed
from enrollments.privacy import erased_file

LOCK = ".backup.lock"


@dataclass(frozen=True)
class Backup:
    """A backup that was written: where, how large (bytes), how long it took (seconds), what it holds."""

    path: Path
    size: int
    seconds: float
    manifest: dict[str, Any]


def folder(told: str = "") -> Path:
    """Return where backups are kept: as told, else settings.BACKUP_DIR. Raises BackupFailed."""
    found = Path(told) if told else settings.BACKUP_DIR
    if found is None:
        raise BackupFailed("Where to? Say --to DIRECTORY, or set BACKUP_DIR.")
    if not found.is_dir():
        raise BackupFailed(f"{found} is no folder. Create it, or mount the disk it is on.")
    return found


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold the folder's turn, which ends with the process. Raises BackupFailed when another holds it."""
    try:
        file = (place / LOCK).open("a")
    except OSError as fault:
        raise BackupFailed(f"{place} cannot be written: {fault.strerror}.") from fault
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"Another backup is being written into {place}. None was begun.") from None
        yield


def save(place: Path, recipients: list[Any], *, at: datetime) -> Backup:
    """Write a backup of everything, encrypted to these public keys. Raises BackupFailed: there is none."""
    began = stopwatch.monotonic()
    path = place / name_at(at)
    with _alone(place):
        for part in place.glob(".academy-*.part"):  # of a backup that was killed
            part.unlink(missing_ok=True)
        if path.exists():
            raise BackupFailed(f"{path} is there already. Try again in a second.")
        try:
            if settings.BACKUP_DIR and place.samefile(settings.BACKUP_DIR):
                erased_file.append(place / erased_file.NAME, [])  # so that a restore can tell none from lost
            with archive.new_file(path) as file, archive.writing(file, recipients, at.timestamp()) as written:
                manifest = _write(written, at)
        except (OSError, DatabaseError) as fault:
            raise BackupFailed(f"No backup was written. {_why(fault, place)}") from fault
        return Backup(path, path.stat().st_size, stopwatch.monotonic() - began, manifest)


def _write(written: archive.ArchiveWriter, at: datetime) -> dict[str, Any]:
    gone: dict[str, int] = {}
    with dumps.dump() as dump:
        facts = {
            "format": FORMAT,
            "made_at": at.astimezone(UTC).isoformat(),
            "database": connection.vendor,
            "versions": {"django": django.get_version(), "wagtail": wagtail.__version__},
            "keys": keys.ours(),
            **dump.facts,
        }
        written.add_facts(ABOUT, facts)
        written.add_stream(DATABASE, dump.chunks)
    for part in stored_files.STORES:
        gone[part] = _write_files(written, part)
    manifest = {"parts": {name: part.told for name, part in written.parts.items()}, "gone": gone}
    written.add_facts(MANIFEST, manifest)
    return manifest


def _write_files(written: archive.ArchiveWriter, part: str) -> int:
    """Add the files of a store; return how many were deleted before they could be read."""
    place, gone = stored_files.store(part), 0
    for name in stored_files.names(place):
        found = stored_files.opened(place, name)
        if found is None:
            gone += 1
            continue
        file, size = found
        with file:
            try:
                written.add(part, name, file, size)
                is_longer = bool(file.read(1))
            except OSError as fault:
                if fault.errno is None:  # of tarfile: the file was shorter than its size
                    raise stored_files.FileChanged(_changed(part, name)) from fault
                raise
            if is_longer:
                raise stored_files.FileChanged(_changed(part, name))
    return gone


def _changed(part: str, name: str) -> str:
    return f"{part}/{name} was changed while it was read. Try again."


def _why(fault: Exception, place: Path) -> str:
    """Say why nothing was written, in one sentence."""
    if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
        return f"There is no room left on the disk of {place} or of {settings.DATA_DIR}."
    if isinstance(fault, OSError) and fault.strerror:
        return f"{fault.strerror}: {fault.filename}." if fault.filename else f"{fault.strerror}."
    return str(fault).strip()
