"""Why a file cannot be read."""

from enum import StrEnum


class FileFault(StrEnum):
    """What is wrong with a file. `readings.Reason` has the same values, and the sentences."""

    UNKNOWN_KIND = "unknown_kind"
    DAMAGED = "damaged"
    TOO_COMPLEX = "too_complex"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    PERSONAL = "personal"
    PHOTO_TOO_LARGE = "photo_too_large"


class CannotRead(Exception):
    """This file cannot be read. It is told to the parent process by its code."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault.value)
        self.fault = fault
