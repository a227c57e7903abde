"""Numbers of what was erased, so that a backup from before can lose it again. Sole writer of ErasedNumber.

Written in the transaction of the erasure, which therefore neither waits for the folder of the backups nor is
forgotten; enrollments.privacy.erased_file takes the numbers there.
"""

import hashlib
from datetime import UTC, datetime

from enrollments.models import ErasedNumber

What = ErasedNumber.What


def note(
    what: What, number: int, *, born: datetime | str, at: datetime, other: int | None = None, code: str = ""
) -> None:
    """Note that this was erased, hidden or refused at that moment; ErasedNumber.What says which numbers.

    `born`: what the row was given when it was made and nothing else was, as for `mark_of`.
    """
    ErasedNumber.objects.create(
        what=what, row_ref=number, other_ref=other, code=code, mark=mark_of(born), at=at
    )


def mark_of(born: datetime | str) -> str:
    """Return the mark of a row by the moment it was made, or the random name of its file.

    After a restore, numbers are given a second time: the mark tells who had it then from who has it now.
    """
    words = born.astimezone(UTC).isoformat() if isinstance(born, datetime) else born
    return hashlib.sha256(words.encode()).hexdigest()[:16]
