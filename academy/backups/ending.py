"""Which backups a folder has, and when they end. The nightly job asks, and a backup that has been written."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"academy-(\d{8}T\d{6})Z\.age")
STAMP = "%Y%m%dT%H%M%S"
LATE = timedelta(days=2)


def name_at(at: datetime) -> str:
    """Return the name of a backup of that moment."""
    return f"academy-{at.astimezone(UTC).strftime(STAMP)}Z.age"


def moment_of(path: Path) -> datetime | None:
    """Return when a backup was made, by its name; None for another file."""
    found = NAME.fullmatch(path.name)
    return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None


def kept(place: Path) -> list[Path]:
    """Return the backups of a folder, the newest first."""
    return sorted(
        (path for path in place.iterdir() if moment_of(path)), key=lambda path: path.name, reverse=True
    )


def end_old(place: Path, *, at: datetime, keep: int = 0) -> list[Path]:
    """Delete backups older than settings.BACKUP_DAYS, and with `keep` all but so many; return them.

    The newest stays, whatever its age: there would be none.
    """
    oldest = at - timedelta(days=settings.BACKUP_DAYS)
    found = kept(place)
    ended = [
        path
        for number, path in enumerate(found)
        if number and ((keep and number >= keep) or (moment_of(path) or at) < oldest)
    ]
    for path in ended:
        path.unlink(missing_ok=True)
    return ended


class NoRecentBackup(Exception):
    """The newest backup is older than settings.BACKUP_DAYS allows for, or there is none."""


def watch(at: datetime) -> int:
    """Delete backups past their end, each night; return how many. Nothing where no folder is set.

    Raises NoRecentBackup when there is none of the last two days: the job then shows that fault.
    """
    if settings.BACKUP_DIR is None:
        return 0
    ended = end_old(settings.BACKUP_DIR, at=at)
    newest = next(iter(kept(settings.BACKUP_DIR)), None)
    if newest is None or (moment_of(newest) or at) < at - LATE:
        raise NoRecentBackup(str(newest))
    return len(ended)
