"""What a child's file is, and what it shows: read by its content in a process of its own.

    reading = readings.read(path, name="robot.llsp3")     raises Unreadable, with a sentence for the reader
    readings.words(reading.kind, reading.facts)           what to show a family, in the active language

`facts` is what to store: it can be written as JSON, and old facts stay readable. `clean` is what to store in
place of the file: a photo without its metadata, a LEGO project without its hub.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrollments.portfolio import isolation
from enrollments.portfolio.readers.recognising import HEAD, is_picture
from enrollments.portfolio.said import FileKind, words
from home.refusals import CodedRefusal

__all__ = ["FileKind", "FileReading", "Reason", "Unreadable", "read", "words"]

MOST_BYTES = 25 * 1024 * 1024


class Reason(StrEnum):
    UNKNOWN_KIND = "unknown_kind"
    TOO_LARGE = "too_large"
    PHOTO_TOO_LARGE = "photo_too_large"
    DAMAGED = "damaged"
    TOO_COMPLEX = "too_complex"
    TOO_SLOW = "too_slow"
    EMPTY = "empty"
    PERSONAL = "personal"
    NOT_A_PHOTO = "not_a_photo"
    BUSY = "busy"


SENTENCES: dict[Reason, str | Promise] = {
    Reason.UNKNOWN_KIND: _(
        "We do not know this kind of file. Choose a project from Scratch, mBlock, LEGO or micro:bit, a "
        "Python program, a 3D model (STL or 3MF), a picture or a PDF."
    ),
    Reason.TOO_LARGE: _("This file is larger than 25 MB. Make it smaller, then try again."),
    Reason.PHOTO_TOO_LARGE: _(
        "This picture is larger than 8 MB or 40 million pixels. Make it smaller, then try again."
    ),
    Reason.DAMAGED: _(
        "This file is damaged or incomplete. Save it again in the program that made it, then try again."
    ),
    Reason.TOO_COMPLEX: _(
        "This file holds more than we can read. Save a simpler version of it, then try again."
    ),
    Reason.TOO_SLOW: _("This file takes too long to read. Save a simpler version of it, then try again."),
    Reason.EMPTY: _("This file is empty. Save it again in the program that made it, then try again."),
    Reason.PERSONAL: _(
        "This project holds the serial number or the address of a robot, and we could not remove it. "
        "Disconnect the robot, save the project under a new name, then try again."
    ),
    Reason.NOT_A_PHOTO: _(
        "This is not a picture. Choose a JPEG, PNG, WebP or HEIC file, or add it as another file."
    ),
    Reason.BUSY: _("Other files are being read at the moment. Try again in a minute."),
}


class Unreadable(CodedRefusal[Reason]):
    """This file is not stored. `sentence` says why, and what to do."""

    @property
    def sentence(self) -> str | Promise:
        return SENTENCES[self.code]


@dataclass(frozen=True)
class FileReading:
    """A file that was read. `clean` is what to store in its place; None: store it as it was sent."""

    kind: FileKind
    facts: dict[str, Any]
    clean: bytes | None
    extension: str


def read(path: Path, *, name: str, turn: float | None = None) -> FileReading:
    """Return what is in this file. Its name only helps to say what is wrong. Raises Unreadable.

    It takes up to `turn` seconds (10) of waiting, and 15 of reading: not within a transaction.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(Reason.TOO_LARGE)
    answer = isolation.read(path, f"file{PurePath(name).suffix[:12]}", is_photo=_is_picture(path), turn=turn)
    if answer.fault:
        reason = Reason(answer.fault)
        raise Unreadable(reason)
    facts = dict(answer.facts or {})
    if "size_mm" in facts:
        facts["fits"] = _fits(facts["size_mm"])
    return FileReading(FileKind(answer.kind), facts, answer.clean, answer.extension)


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return is_picture(file.read(HEAD))


def _fits(size: list[float]) -> bool:
    """Return whether a model fits the printer, turned on whichever side (settings.PRINTER_MM)."""
    return all(side <= room for side, room in zip(sorted(size), sorted(settings.PRINTER_MM), strict=True))
