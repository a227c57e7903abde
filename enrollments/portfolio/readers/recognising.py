"""Tell what a file is by its bytes. Its name only helps to say what is wrong with it."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import IO

from enrollments.portfolio.readers.archives import Archive
from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding

Reader = Callable[[IO[bytes]], Finding]

HEAD = 4096  # bytes at the start that tell most kinds apart
STL_HEADER, FACET = 80, 50  # bytes
MOST_TAIL = 2048  # bytes that some programs write after the last facet
OURS = set(
    "sb3 sprite3 sb2 sb mblock llsp llsp3 lms lmsp hex stl 3mf pdf jpg jpeg png webp heic heif".split()
)
HEX_RECORD = re.compile(rb"\s*:(?:[0-9A-Fa-f]{2}){5,}\s*[\r\n]")
TEXT_STL = re.compile(rb"\s*solid\b", re.IGNORECASE)
HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def branch_of(file: IO[bytes], name: str) -> str:
    """Return which reader this file is for, as `module` or `module:function`. Raises CannotRead."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if not head.strip(b"\0 \t\r\n") and size <= HEAD:
        raise CannotRead(FileFault.EMPTY)
    ending = name.rpartition(".")[2].lower()
    branch = _archive(file) if head.startswith(b"PK\x03\x04") else _by_start(head, size, ending)
    if branch is None:
        # A file that has lost its start is damaged, not unknown.
        raise CannotRead(FileFault.DAMAGED if ending in OURS else FileFault.UNKNOWN_KIND)
    file.seek(0)
    return branch


def reader_of(branch: str) -> Reader:
    """Load the reader: only what one file needs, because numpy and Pillow take a tenth of a second each."""
    module, _colon, function = branch.partition(":")
    found: Reader = getattr(import_module(f"{__package__}.{module}"), function or "read")
    return found


def _by_start(head: bytes, size: int, ending: str) -> str | None:
    if head.startswith((b"ScratchV01", b"ScratchV02")):
        return "blocks.scratch1"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if is_picture(head):
        return "pictures"
    if HEX_RECORD.match(head):
        return "microbit"
    # The 80 bytes that come first in a binary STL may say "solid", or anything else: its length decides.
    if _is_binary_stl(head, size):
        return "solids.stl:read_binary"
    if TEXT_STL.match(head.removeprefix(b"\xef\xbb\xbf")) and b"\0" not in head:
        return "solids.stl:read_text"
    if b"\0" not in head and not head.lstrip().startswith(b"<"):
        return "python_source:read_named" if ending == "py" else "python_source"
    return None


def is_picture(head: bytes) -> bool:
    """Return whether a JPEG, PNG, WebP or HEIC starts like this."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return True
    return head[4:8] == b"ftyp" and head[8:12] in HEIF


def _is_binary_stl(head: bytes, size: int) -> bool:
    """Return whether the number of facets that is declared is the number that the length has room for."""
    if size < STL_HEADER + 4 + FACET:
        return False
    declared = int.from_bytes(head[STL_HEADER : STL_HEADER + 4], "little")
    needed = STL_HEADER + 4 + declared * FACET
    if needed == size:
        return declared > 0
    return declared > 0 and needed < size <= needed + MOST_TAIL and b"\0" in head


def _archive(file: IO[bytes]) -> str | None:
    archive = Archive(file)
    if archive.find("project.json") or archive.find("sprite.json"):
        return "blocks.scratch"
    if archive.find("manifest.json"):
        return "blocks.lego"
    if any(path.lower().endswith(".model") for path in archive.entries):
        return "solids.model_3mf"
    return None
