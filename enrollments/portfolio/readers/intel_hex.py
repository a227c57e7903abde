"""Intel HEX: records of 16 bytes or so in text, and the universal form that holds two micro:bits."""

from dataclasses import dataclass, field
from typing import IO

from enrollments.portfolio.readers.faults import CannotRead, FileFault

MOST_RECORDS = 700_000
MOST_FLASH = 1024 * 1024  # bytes that are kept of one board: a micro:bit has 512 KB
DATA, END, SEGMENT, LINEAR = 0x00, 0x01, 0x02, 0x04
BLOCK, PADDED, OTHER_DATA, OTHER = 0x0A, 0x0C, 0x0D, 0x0E  # of the universal form


@dataclass
class Contents:
    """The flash of each board (`""` where the file is for one), and what is beside it."""

    boards: dict[str, bytearray] = field(default_factory=dict)
    beside: bytearray = field(default_factory=bytearray)  # records 0x0E
    after_end: bytearray = field(default_factory=bytearray)  # data after the record that says END


def read(file: IO[bytes]) -> Contents:
    """Read every record. Raises CannotRead if one is broken, or if something else is between them."""
    contents, board, base, is_over = Contents(), "", 0, False
    for number, line in enumerate(file):
        text = line.strip()
        if not text:
            continue
        kind, address, data = _record(text, number)
        if kind in (LINEAR, SEGMENT):
            base = int.from_bytes(data[:2], "big") << (16 if kind == LINEAR else 4)
        elif kind == BLOCK:
            board = data[:2].hex()
        elif kind == OTHER:
            contents.beside += data
        elif kind == END:
            is_over = True
        elif kind in (DATA, OTHER_DATA) and is_over:
            contents.after_end += data
        elif kind in (DATA, OTHER_DATA):
            _store(contents.boards.setdefault(board, bytearray()), base + address, data)
    if not is_over:
        raise CannotRead(FileFault.DAMAGED)  # cut off
    return contents


def _record(text: bytes, number: int) -> tuple[int, int, bytes]:
    """Return a record's kind, address and data once its length and its sum are right."""
    try:
        raw = bytes.fromhex(text[1:].decode("ascii"))
    except ValueError as fault:
        raise CannotRead(FileFault.DAMAGED) from fault
    if text[:1] != b":" or len(raw) < 5 or len(raw) != raw[0] + 5 or sum(raw) & 0xFF:
        raise CannotRead(FileFault.DAMAGED)
    if number >= MOST_RECORDS:
        raise CannotRead(FileFault.TOO_COMPLEX)
    return raw[3], int.from_bytes(raw[1:3], "big"), raw[4:-1]


def _store(flash: bytearray, address: int, data: bytes) -> None:
    """Write data where it belongs. What is beyond a micro:bit's flash, such as its settings, is left out."""
    end = address + len(data)
    if end > MOST_FLASH:
        return
    if len(flash) < end:
        flash += b"\xff" * (end - len(flash))
    flash[address:end] = data
