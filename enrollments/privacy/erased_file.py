"""The file beside the backups with the numbers of what was erased: append-only, one line of JSON each.

Any worker that has the folder takes the numbers there, within seconds of the erasure. While the folder cannot
be written, the numbers wait in the database: no erasure waits with them, and none is lost. A line is in the
file, on the disk, before its row is deleted; a crash in between leaves it in the file twice, which does no
harm.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from enrollments.models import ErasedNumber

NAME = "erased.jsonl"
AT_ONCE = 1000  # numbers


@dataclass(frozen=True)
class ErasedLine:
    """What was erased, hidden or refused, and when; ErasedNumber says what its numbers and its mark are."""

    what: str
    number: int
    other: int | None
    code: str
    at: datetime
    mark: str


def path() -> Path | None:
    """Return where the file is on this machine; None where no folder for backups is set."""
    return settings.BACKUP_DIR / NAME if settings.BACKUP_DIR else None


def write_out(_at: datetime | None = None) -> int:
    """Take all numbers that wait to the file; return how many. Nothing where no folder is set.

    Raises OSError while the folder cannot be written; the numbers go on waiting.
    """
    if (where := path()) is None:
        return 0
    count = 0
    while rows := list(ErasedNumber.objects.order_by("pk")[:AT_ONCE]):
        append(
            where,
            (ErasedLine(row.what, row.row_ref, row.other_ref, row.code, row.at, row.mark) for row in rows),
        )
        ErasedNumber.objects.filter(pk__in=[row.pk for row in rows]).delete()
        count += len(rows)
    return count


def append(where: Path, lines: Iterable[ErasedLine]) -> None:
    """Add lines to the file, whole and on the disk when this returns. Raises OSError."""
    is_new = not where.exists()
    with where.open("a+b") as file:
        where.chmod(0o600)
        fcntl.flock(
            file, fcntl.LOCK_EX
        )  # one writer at a time, on any number of machines that share the disk
        words = b"".join(
            json.dumps(asdict(line) | {"at": line.at.isoformat()}).encode() + b"\n" for line in lines
        )
        file.write(_gap(file) + words)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        handle = os.open(where.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _gap(file: IO[bytes]) -> bytes:
    """Return what begins a new line after one that a crash has cut off."""
    end = file.seek(0, os.SEEK_END)
    if not end:
        return b""
    file.seek(end - 1)
    return b"" if file.read(1) == b"\n" else b"\n"


def read(where: Path) -> tuple[list[ErasedLine], int]:
    """Return the lines in order, and how many could not be read: one that a crash cut off is there again,
    whole. Raises OSError.
    """
    found, unread = [], 0
    with where.open("rb") as file:
        for line in file:
            try:
                told = json.loads(line)
                found.append(ErasedLine(**told | {"at": datetime.fromisoformat(told["at"])}))
            except (ValueError, TypeError, KeyError):
                unread += bool(line.strip())
    return found, unread
