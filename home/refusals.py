"""Refusals: a verb says no, and nothing was written.

One reason: the exception is named after it (`seat_log.NoSeat`). Several reasons: the module has an enum
`Reason` and an exception `Refused`, always written with their module, so that a reader sees who refuses:

    class Reason(StrEnum):
        OVER = "over"
        FULL = "full"

    class Refused(CodedRefusal[Reason]):
        \"\"\"Nothing was written.\"\"\"

    raise Refused(Reason.OVER)

    except withdrawal.Refused as refusal:
        fault = WORDS[refusal.code]

A screen that tells reasons apart has a table `Reason -> sentence` with every reason in it;
tests/home/test_refusals.py looks for gaps.
"""

from enum import StrEnum
from typing import Generic, TypeVar

Code = TypeVar("Code", bound=StrEnum)


class Refusal(Exception):
    """The base of all refusals."""


class CodedRefusal(Refusal, Generic[Code]):
    """A refusal with a reason. `str()` is the sentence for the reader if the function gives one, else the
    code.
    """

    def __init__(self, code: Code, sentence: str = "") -> None:
        super().__init__(sentence or code.value)
        self.code = code
