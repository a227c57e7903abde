"""A micro:bit's hex: the project of MakeCode or the Python that it carries, if it carries one."""

import lzma
import re
from typing import IO

from enrollments.portfolio.readers import intel_hex, makecode, python_source
from enrollments.portfolio.readers.archives import parsed
from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding, table, words

MAGIC = bytes.fromhex("41140e2fb82fa2bb")
MOST_SOURCE = 8 * 1024 * 1024  # bytes of a project's text once it is unpacked
MOST_MEMORY = 32 * 1024 * 1024  # bytes that unpacking may take: the header may ask for four gigabytes
V1 = {"", "9900", "9901"}

# The file system of MicroPython: chunks of 128 bytes.
CHUNK, START, UNUSED = 128, 0xFE, 0xFF
MOST_CHUNKS = 252
OLD_SCRIPT = 0x3E000  # where uFlash once put a single script, after "MP" and its length
MAIN = b"main.py"


def read(file: IO[bytes]) -> Finding:
    contents = intel_hex.read(file)
    for carrier in (contents.beside, contents.after_end, *contents.boards.values()):
        at = carrier.find(MAGIC)
        if at >= 0:
            return _makecode(bytes(carrier[at:]), sorted(contents.boards))
    for flash in contents.boards.values():
        source = _main_py(bytes(flash))
        if source is not None:
            facts = python_source.outline(source)
            facts |= {"program": "MicroPython", "program_version": _version(flash), "source_name": "main.py"}
            return Finding("microbit_python", "hex", facts)
    return Finding("microbit_hex", "hex", {"boards": _boards(sorted(contents.boards))})


def _boards(found: list[str]) -> list[str]:
    """Return for which micro:bits the file is; an ordinary hex does not say."""
    return sorted({"V1" if board in V1 else "V2" for board in found}) if found != [""] else []


def _version(flash: bytearray) -> str:
    found = re.search(rb"micro:bit v(\d+\.\d+\.\d+[-\w.]*)", flash)
    return found[1].decode() if found else ""


def _makecode(data: bytes, boards: list[str]) -> Finding:
    """Read what MakeCode leaves in its hex files: 16 bytes, a description, and the packed source."""
    length = int.from_bytes(data[8:10], "little")
    size = int.from_bytes(data[10:14], "little")
    about, packed = data[16 : 16 + length], data[16 + length : 16 + length + size]
    if len(packed) < size or not about:
        raise CannotRead(FileFault.DAMAGED)
    meta = table(parsed(about))
    text = _unpacked(packed) if meta.get("compression") == "LZMA" else packed
    inside = meta.get("headerSize")
    header = table(parsed(text[:inside])) if isinstance(inside, int) and 0 < inside < len(text) else {}
    files = table(parsed(text[inside:] if header else text))
    facts = makecode.facts(files)
    facts |= {
        "program": "MakeCode",
        "program_version": words(meta.get("eVER"))
        or words(table(header.get("targetVersions")).get("target")),
        "title": words(meta.get("name")) or words(header.get("name")),
        "boards": _boards(boards),
    }
    return Finding("microbit_makecode", "hex", facts)


def _unpacked(packed: bytes) -> bytes:
    """Return LZMA in its old form, which declares its size itself. Memory and output are bounded."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MOST_MEMORY)
    try:
        text = unpacker.decompress(packed, MOST_SOURCE + 1)
    except (lzma.LZMAError, EOFError) as fault:
        is_greedy = "limit" in str(fault).lower()
        raise CannotRead(FileFault.TOO_COMPLEX if is_greedy else FileFault.DAMAGED) from fault
    if len(text) > MOST_SOURCE:
        raise CannotRead(FileFault.TOO_COMPLEX)
    if not text:
        raise CannotRead(FileFault.DAMAGED)
    return text


def _main_py(flash: bytes) -> str | None:
    """Return the source of main.py from the file system in this flash, or from where scripts stood before."""
    for at in range(0, len(flash) - CHUNK + 1, CHUNK):
        head = flash[at : at + CHUNK]
        if head[0] == START and head[1] < CHUNK and head[2] == len(MAIN) and head[3:10] == MAIN:
            data = _file(flash, at)
            if data is not None:
                return data.decode("utf-8", "replace")
    script = flash[OLD_SCRIPT : OLD_SCRIPT + 4]
    if script[:2] == b"MP":
        length = int.from_bytes(script[2:4], "little")
        return flash[OLD_SCRIPT + 4 : OLD_SCRIPT + 4 + length].decode("utf-8", "replace")
    return None


def _file(flash: bytes, at: int) -> bytes | None:
    """Return a file whose first chunk is here; None if its chain is broken.

    A chunk is numbered, and its last byte is the number of the next one, whose first byte points back. The
    number of the first is found by trying: the one whose followers all point back.
    """
    end = flash[at + 1]
    following = flash[at + CHUNK - 1]
    if following == UNUSED:
        return flash[at + 3 + len(MAIN) : at + 1 + end] if end >= 2 + len(MAIN) else None
    for first in [following - 1, *range(1, MOST_CHUNKS + 1)]:
        data = _chain(flash, at, first, end)
        if data is not None:
            return data
    return None


def _chain(flash: bytes, at: int, first: int, end: int) -> bytes | None:
    base = at - (first - 1) * CHUNK
    data, number, here = flash[at + 3 + len(MAIN) : at + CHUNK - 1], first, at
    for _step in range(MOST_CHUNKS):
        following = flash[here + CHUNK - 1]
        if following == UNUSED:
            # `end` counts from the first byte after the chunk's mark.
            return data[: len(data) - (CHUNK - 2) + end]
        here = base + (following - 1) * CHUNK
        if not (0 <= here <= len(flash) - CHUNK) or flash[here] != number:
            return None
        number = following
        data += flash[here + 1 : here + CHUNK - 1]
    return None
