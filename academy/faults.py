"""What may be told of an exception outside this process: its type, where it was raised, and codes.

Never a local variable, a line of source or a message as such: messages quote rows, forms and addresses, such
as `Key (email)=(…) already exists`.
"""

import errno
import re
import smtplib
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import NamedTuple

ROOT = f"{Path(__file__).resolve().parent.parent}/"
MOST_FRAMES, MOST_CAUSES = 40, 5
# Messages of Python itself that hold names of our code and nothing else.
OF_CODE = re.compile(
    r"(?:type object |module )?'[\w.]{1,80}'(?: object)? has no attribute '\w{1,60}'"
    r"|name '\w{1,60}' is not defined"
    r"|No module named '[\w.]{1,80}'"
    r"|cannot import name '\w{1,60}' from '[\w.]{1,80}'",
    re.ASCII,
)


class Frame(NamedTuple):
    """A place in the code; a path below the project or below a package, never one of this machine."""

    path: str
    function: str
    line: int


class Raised(NamedTuple):
    """One exception of a chain; `detail` holds codes, or is empty."""

    module: str
    name: str
    detail: str
    frames: list[Frame]


def chain(fault: BaseException) -> list[Raised]:
    """Return the exception and what it arose from, the first cause first."""
    found: list[Raised] = []
    seen: set[int] = set()
    one: BaseException | None = fault
    while one is not None and id(one) not in seen and len(found) < MOST_CAUSES:
        seen.add(id(one))
        kind = type(one)
        found.append(Raised(kind.__module__, kind.__name__, detail(one), list(_frames(one.__traceback__))))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found[::-1]


def detail(fault: BaseException) -> str:
    """Return codes that say what happened and hold no value: of the database, the mail server, the system."""
    if isinstance(fault, smtplib.SMTPResponseException):
        return str(fault.smtp_code)
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return " ".join(sorted({str(code) for code, _words in fault.recipients.values()}))
    if isinstance(fault, OSError):
        return errno.errorcode.get(fault.errno or 0, "")
    if state := getattr(fault, "sqlstate", None):  # psycopg
        return f"{state} {getattr(getattr(fault, 'diag', None), 'constraint_name', None) or ''}".strip()
    if name := getattr(fault, "sqlite_errorname", None):
        return str(name)
    if isinstance(fault, AttributeError | NameError | ImportError) and OF_CODE.fullmatch(str(fault)):
        return str(fault)
    return ""


def _frames(trace: TracebackType | None) -> Iterator[Frame]:
    places = [(frame.f_code, line) for frame, line in walk_tb(trace)]
    for code, line in places[-MOST_FRAMES:]:
        yield Frame(shortened(code.co_filename), code.co_name, line)


def shortened(path: str) -> str:
    """Return a path below the project, below a package or of Python's own library."""
    for start in ("site-packages/", "dist-packages/"):
        if start in path:
            return path.rpartition(start)[2]
    return path.removeprefix(ROOT) if path.startswith(ROOT) else Path(path).name
