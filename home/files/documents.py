"""Judge a document by its content: its kind is what its bytes say, not what its name says (trust 23).

The allowed kinds are in one table, `KINDS`. Documents are stored as they are, and sent as downloads.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from home.refusals import CodedRefusal

MOST_BYTES = 25 * 1024 * 1024
EDGE = 2048  # bytes at each end of the file that are read


class Reason(StrEnum):
    KIND = "kind"
    SIZE = "size"
    DISGUISED = "disguised"


class Refused(CodedRefusal[Reason]):
    """The file is not stored."""


SENTENCES = {
    Reason.KIND: _("Only PDF files can be uploaded here."),
    Reason.SIZE: _("This file is larger than 25 MB. Make it smaller, then try again."),
    Reason.DISGUISED: _(
        "The content of this file is not what its name says, or it is damaged. Open it, export it as PDF, "
        "then try again."
    ),
}

MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml|\?php)", re.IGNORECASE)
LAST_TABLE = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF\s*\Z")
TABLE = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document: the bytes at its start, and a test of its structure."""

    magic: re.Pattern[bytes]
    is_whole: Callable[[File, bytes, bytes], bool]  # type: ignore[type-arg]  # file, its first and its last bytes


def _is_whole_pdf(file: File, head: bytes, tail: bytes) -> bool:  # type: ignore[type-arg]
    """Return whether the file ends as a PDF does, with the place of its table of objects, and is no page of
    the web too.
    """
    found = LAST_TABLE.search(tail)
    if found is None or MARKUP.search(head[:1024]):
        return False
    file.seek(int(found[1]))
    return bool(TABLE.match(file.read(64)))


KINDS = {"pdf": DocumentKind(re.compile(rb"%PDF-[12]\.\d"), _is_whole_pdf)}


def judge(file: File) -> None:  # type: ignore[type-arg]
    """Raise Refused unless the file is what its name says, of an allowed kind and size."""
    kind = KINDS.get(PurePath(file.name or "").suffix.lower().removeprefix("."))
    if kind is None:
        raise Refused(Reason.KIND)
    if file.size > MOST_BYTES:
        raise Refused(Reason.SIZE)
    file.seek(0)
    head = file.read(EDGE)
    file.seek(max(0, file.size - EDGE))
    tail = file.read(EDGE)
    fits = kind.magic.match(head) and kind.is_whole(file, head, tail)
    file.seek(0)
    if not fits:
        raise Refused(Reason.DISGUISED)
