"""The files of a backup, through the storage interface: a folder and a bucket are the same here."""

from collections.abc import Iterator
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import Storage, storages

# The part of the archive → the alias in STORAGES. Static files, social pictures and exports are made again.
STORES = {"media": "default", "private": "private"}


class FileChanged(OSError):
    """A file had another length at its end than at its beginning."""


def store(part: str) -> Storage:
    return storages[STORES[part]]


def names(place: Storage, folder: str = "") -> Iterator[str]:
    """Give the name of every file below a folder, one folder's names in memory at a time."""
    try:
        folders, files = place.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored, or it has gone since
        return
    for name in sorted(files):
        if name:
            yield f"{folder}/{name}".lstrip("/")
    for name in sorted(folders):
        if name:
            yield from names(place, f"{folder}/{name}".lstrip("/"))


def is_empty(place: Storage) -> bool:
    return next(names(place), None) is None


def opened(place: Storage, name: str) -> tuple[Any, int] | None:
    """Return the open file and its size in bytes; None if it has been deleted since it was named."""
    try:
        file = place.open(name)
        return file, file.size
    except FileNotFoundError:
        return None


def put(place: Storage, name: str, content: IO[bytes], size: int) -> None:
    """Store a file under exactly this name, in place of one that is there."""
    if place.exists(name):
        place.delete(name)
    told = File(content, name=name)
    told.size = size
    if (given := place.save(name, told)) != name:
        place.delete(given)
        raise FileChanged(f"{name} could not be stored under its name")


def clear(place: Storage) -> int:
    """Delete every file of a store; return how many."""
    count = 0
    for name in list(names(place)):
        place.delete(name)
        count += 1
    return count
