"""Room on the disk: files are refused before it is full, because the database writes there too."""

import errno
import os
import shutil
from pathlib import Path

from django.conf import settings


def has_room(place: Path, size: int = 0) -> bool:
    """Return whether `size` more bytes in this folder leave settings.LEAST_FREE_MB on its disk."""
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free - size >= settings.LEAST_FREE_MB * 1024**2


def check_room(place: Path, size: int = 0) -> None:
    """Raise OSError (no space left on device) when there is no room for so many bytes."""
    if not has_room(place, size):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
