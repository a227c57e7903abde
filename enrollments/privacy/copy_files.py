"""The files of families' copies of their data: written on this machine, kept in the storage "copies".

Any node hands them out, so with a bucket they are put there when they are whole.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from enrollments.models import DataCopy
from home.files import disk


def storage() -> Storage:
    """Return where whole copies are: a folder or a bucket (settings.STORAGES)."""
    return storages["copies"]


def folder() -> Path:
    """Return the folder in which copies are written, outside what the web server serves."""
    return Path(settings.DATA_DIR) / "copies"


def name_of(copy: DataCopy) -> str:
    return f"{copy.name}.zip"


@contextmanager
def written(copy: DataCopy, size: int) -> Iterator[IO[bytes]]:
    """Give a file to write the copy into, of about `size` bytes; after the block it is whole, and in the
    storage. A fault leaves nothing. Raises OSError.
    """
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    disk.check_room(folder(), size)
    part = folder() / f"{copy.name}.part"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(part, name_of(copy))
    finally:
        part.unlink(missing_ok=True)


def _put(part: Path, name: str) -> None:
    place = storage()
    if isinstance(place, FileSystemStorage):
        part.replace(place.path(name))
        return
    with part.open("rb") as file:
        place.save(name, File(file))


def delete(copy: DataCopy) -> None:
    """Delete the file, if it is there. Raises OSError."""
    storage().delete(name_of(copy))


def sweep(known: set[str], before: datetime) -> int:
    """Delete the files of crashes, which are older than that and not `known`; return how many."""
    place, taken = storage(), 0
    try:
        names = place.listdir("")[1]
    except FileNotFoundError:  # none was ever made
        names = []
    for name in names:
        if name not in known and place.get_modified_time(name) < before:
            place.delete(name)
            taken += 1
    for part in folder().glob("*.part"):  # of this machine, where they are not in the storage
        if part.stat().st_mtime < before.timestamp():
            part.unlink(missing_ok=True)
            taken += 1
    return taken
