"""PDF: judged by its structure and kept as it is."""

import re
import zipfile
from typing import IO

from enrollments.portfolio.readers.faults import CannotRead, FileFault
from enrollments.portfolio.readers.finding import Finding

EDGE = 2048  # bytes at each end that are read
VERSION = re.compile(rb"%PDF-([12]\.\d)")
LAST_TABLE = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF\s*\Z")
TABLE = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")
MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe)", re.IGNORECASE)


def read(file: IO[bytes]) -> Finding:
    """Return the version. Refuses a file that is something else too, such as a web page or a ZIP."""
    head = file.read(EDGE)
    size = file.seek(0, 2)
    file.seek(max(0, size - EDGE))
    last = LAST_TABLE.search(file.read(EDGE))
    version = VERSION.match(head)
    if version is None or last is None or MARKUP.search(head[:1024]):
        raise CannotRead(FileFault.DAMAGED)
    file.seek(int(last[1]))
    if not TABLE.match(file.read(64)) or zipfile.is_zipfile(file):
        raise CannotRead(FileFault.DAMAGED)
    return Finding("pdf", "pdf", {"program_version": version[1].decode()})
