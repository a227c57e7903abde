"""Scratch 1.4: recognised and kept unread."""

from typing import IO

from enrollments.portfolio.readers.finding import Finding


def read(_file: IO[bytes]) -> Finding:
    """Return the program's name alone: the file is a memory image of Squeak, which nothing of ours opens."""
    return Finding("scratch1", "sb", {"program": "Scratch", "program_version": "1.4"})
