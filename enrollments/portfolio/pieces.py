"""Take in an uploaded file of a project: read by content, named safely, ready to store. Writes nothing."""

import hashlib
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile

from enrollments.models import ProjectFile
from enrollments.portfolio import readings
from home.files import photos
from home.language.invisible import visible

SMALL = 480  # pixels, the longer side of what lists show
MOST_LETTERS = 90
PICTURES = (".jpg", ".png")  # as home.files.photos writes them
NOT_IN_A_NAME = re.compile(r'[/\\<>:"|?*]')


@dataclass(frozen=True)
class ProjectPiece:
    """One file, ready to be stored: `content`, and for a picture `small`, what lists show. Sizes in bytes."""

    kind: str
    facts: dict[str, Any]
    name: str
    digest: str  # of what was sent
    content: File = field(repr=False)  # type: ignore[type-arg]  # Django's stubs alone make it generic
    small: File | None = field(default=None, repr=False)  # type: ignore[type-arg]

    @property
    def size(self) -> int:
        return int(self.content.size + (self.small.size if self.small else 0))


def taken_in(
    upload: UploadedFile,  # type: ignore[type-arg]
    *,
    only_picture: bool = False,
    turn: float | None = None,
) -> ProjectPiece:
    """Read an uploaded file, waiting at most `turn` seconds for the readers. Raises readings.Unreadable."""
    if not upload.size:
        raise readings.Unreadable(readings.Reason.EMPTY)
    if upload.size > readings.MOST_BYTES:
        raise readings.Unreadable(readings.Reason.TOO_LARGE)
    reading = _read(upload, turn)
    extension = f".{reading.extension.lstrip('.')}" if reading.extension else ""
    is_picture = extension in PICTURES and reading.clean is not None
    if only_picture and not is_picture:
        raise readings.Unreadable(readings.Reason.NOT_A_PHOTO)
    content = upload if reading.clean is None else ContentFile(reading.clean)
    small = photos.clean(ContentFile(content.read()), longest=SMALL, most_bytes=None) if is_picture else None
    content.seek(0)
    return ProjectPiece(
        kind=ProjectFile.PICTURE if is_picture else reading.kind,
        facts=reading.facts,
        name=shown_name(upload.name or "", extension),
        digest=_digest(upload),
        content=content,
        small=small,
    )


def _read(upload: UploadedFile, turn: float | None) -> readings.FileReading:  # type: ignore[type-arg]
    """The one door to the readers of files."""
    with _on_disk(upload) as path:
        return readings.read(path, name=upload.name or "", turn=turn)


@contextmanager
def _on_disk(upload: UploadedFile) -> Iterator[Path]:  # type: ignore[type-arg]
    """Give the file a path: its own when Django wrote it to the disk, else one for this moment."""
    if hasattr(upload, "temporary_file_path"):
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(prefix="piece-") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def _digest(upload: UploadedFile) -> str:  # type: ignore[type-arg]
    found = hashlib.sha256()
    for chunk in upload.chunks():
        found.update(chunk)
    upload.seek(0)
    return found.hexdigest()


def shown_name(name: str, extension: str) -> str:
    """Return the name people see and download: no folder, no character that is unseen, turns the line or
    means something to a system, and the extension of what the file is.
    """
    stem = PurePosixPath(name.replace("\\", "/")).name
    if "." in stem.strip("."):
        stem = stem.rpartition(".")[0]
    return f"{plain(stem) or 'file'}{extension}"


def plain(words: str) -> str:
    """Return these words as a part of a path in any system, at most MOST_LETTERS long; maybe nothing."""
    words = "".join(c for c in visible(words) if unicodedata.category(c)[0] != "C")
    words = " ".join(NOT_IN_A_NAME.sub("_", words).split())
    return words[:MOST_LETTERS].strip(". ")
