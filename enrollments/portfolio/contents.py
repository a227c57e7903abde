"""The contents of what children make and of pictures of them, in the storage "private", under random names.

A content is stored before the row that names it is committed, and deleted after the row is gone. What a crash
leaves in between is a file that no row names; `sweep` deletes it a day later.
"""

import logging
import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction

from home.files import disk

log = logging.getLogger(__name__)
LEFT_FOR = timedelta(days=1)
AWAY_FOR = 10.0  # seconds in which a storage that did not answer is not asked for sizes
_away_until = 0.0


def storage() -> Storage:
    """Return where the contents are: a folder or a bucket (settings.STORAGES)."""
    return storages["private"]


def size_of(stored_as: str) -> int | None:
    """Return the bytes of a content; None where the storage has lost it or does not answer. It is then not
    asked again for some seconds: a page asks for ten.
    """
    global _away_until
    if time.monotonic() < _away_until:
        return None
    try:
        return int(storage().size(stored_as))
    except OSError as fault:
        log.exception("the size of a content could not be read")
        if not isinstance(fault, FileNotFoundError):
            _away_until = time.monotonic() + AWAY_FOR
        return None


def store(content, folder: str) -> str:  # type: ignore[no-untyped-def]  # Django's File, generic in its stubs alone
    """Store a content in this folder; return its name in the storage. OSError: nothing of it stays, also when
    the disk has less room than settings.LEAST_FREE_MB.
    """
    name = f"{folder}/{secrets.token_hex(16)}"
    place = storage()
    if isinstance(place, FileSystemStorage):
        disk.check_room(Path(place.location), content.size)
    content.seek(0)
    try:
        return place.save(name, content)
    except BaseException:
        delete([name])  # what was stored in part
        raise


def delete(names: Iterable[str]) -> None:
    """Delete stored files. One that cannot be deleted now is left to `sweep`."""
    for name in names:
        try:
            storage().delete(name)
        except Exception:
            log.exception("a file of the private storage was not deleted")


def delete_when_committed(names: list[str]) -> None:
    if names:
        transaction.on_commit(partial(delete, names), robust=True)


def sweep(folder: str, known: set[str], at: datetime) -> int:
    """Delete the files of a folder that are not `known`, a day after they were written; return how many."""
    place, taken = storage(), 0
    try:
        _folders, found = place.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return 0
    for name in (f"{folder}/{file}" for file in found):
        if name not in known and place.get_modified_time(name) < at - LEFT_FOR:
            place.delete(name)
            taken += 1
    return taken
