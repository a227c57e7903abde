"""Read entries of a ZIP file within bounds: what an entry declares is not believed."""

import json
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, Any

from enrollments.portfolio.readers.faults import CannotRead, FileFault

MOST_ENTRIES = 5_000
MOST_JSON = 16 * 1024 * 1024  # bytes of a project; a large real one has 5 MB
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class Archive:
    """An open ZIP. Folders that a Mac adds are left out, and so is the folder around everything else."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self.zip = zipfile.ZipFile(file)
        except BROKEN as fault:
            raise CannotRead(FileFault.DAMAGED) from fault
        entries = self.zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise CannotRead(FileFault.TOO_COMPLEX)
        self.entries = {
            entry.filename: entry
            for entry in entries
            if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
        }

    def find(self, name: str) -> str | None:
        """Return the path of the entry with this name: at the top, or else in one single folder."""
        if name in self.entries:
            return name
        found = [path for path in self.entries if PurePosixPath(path).parts[1:] == (name,)]
        return found[0] if len(found) == 1 else None

    def beside(self, path: str, name: str) -> str | None:
        """Return the path of the entry with this name in the same folder as another entry."""
        near = str(PurePosixPath(path).with_name(name))
        return near if near in self.entries else None

    def stream(self, path: str) -> IO[bytes]:
        """Open an entry. Raises CannotRead if it is encrypted or packed in a way we do not know."""
        try:
            return self.zip.open(self.entries[path])
        except (KeyError, *BROKEN) as fault:
            raise CannotRead(FileFault.DAMAGED) from fault

    def read(self, path: str, most: int) -> bytes:
        """Return an entry of at most so many bytes once it is unpacked."""
        with self.stream(path) as entry:
            try:
                data = entry.read(most + 1)
            except BROKEN as fault:
                raise CannotRead(FileFault.DAMAGED) from fault
        if len(data) > most:
            raise CannotRead(FileFault.TOO_COMPLEX)
        return data

    def json(self, path: str, most: int = MOST_JSON) -> Any:
        """Return an entry that is JSON."""
        return parsed(self.read(path, most))


def parsed(data: bytes) -> Any:
    """Return what this JSON says. JSON that is too deep for Python is too complex."""
    try:
        return json.loads(data)
    except RecursionError as fault:
        raise CannotRead(FileFault.TOO_COMPLEX) from fault
    except ValueError as fault:
        raise CannotRead(FileFault.DAMAGED) from fault
