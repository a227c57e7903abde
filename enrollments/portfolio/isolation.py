"""Run a reader in a process of its own: whatever a file does, the server goes on.

The child has no settings, no environment and no open files of ours. It limits its own memory, CPU and output,
and writes no file; the parent ends it after a time. Two lanes, one for photos and one for the rest, let one
child at a time run on a node, so that readers never take more than about a gigabyte together.
"""

import fcntl
import json
import logging
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any, cast

log = logging.getLogger("enrollments.portfolio")

ROOT = Path(__file__).resolve().parent.parent.parent
MODULE = "enrollments.portfolio.readers.__main__"
# `-I` leaves our folder and the environment out; ours is put last, so that it hides nothing of Python's own.
START = f"import sys; sys.path.append({str(ROOT)!r}); from {MODULE} import main; main()"
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve memory
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
# The proxy ends a request after 65 seconds: a picture takes 10 + 15 at most, files 20 and the last one 15.
PATIENCE = 15.0  # seconds until a child is ended; its CPU ends after 10
TURN = 10.0  # seconds that a reading waits for its turn
FORMS = 2  # with files that a node reads at a time: the other threads answer pages
MOST_OUTPUT = 34 * 1024 * 1024  # bytes: a LEGO project of 25 MB written again, or a photo, and the facts
PIECE = 64 * 1024

TOO_SLOW, TOO_COMPLEX, DAMAGED, BUSY = "too_slow", "too_complex", "damaged", "busy"


@dataclass(frozen=True)
class ReaderAnswer:
    """What a child said: a fault, or what it found."""

    fault: str = ""
    kind: str = ""
    extension: str = ""
    facts: dict[str, Any] | None = None
    clean: bytes | None = None


def read(
    path: Path, name: str, *, is_photo: bool = False, patience: float = PATIENCE, turn: float | None = None
) -> ReaderAnswer:
    """Return what the child found in the file, waiting `turn` seconds (TURN) for the lane. Never raises for
    what the file holds.
    """
    with _turn("photos" if is_photo else "files", turn) as is_mine:
        return _run([START, str(path.resolve()), name], patience) if is_mine else ReaderAnswer(fault=BUSY)


@contextmanager
def one_of_few() -> Iterator[bool]:
    """Yield whether this form is one of the few whose files a node reads at a time. Does not wait."""
    with ExitStack() as opened:
        yield any(_locked(_lane(f"form-{number}", opened), 0) for number in range(FORMS))


@contextmanager
def _turn(lane: str, seconds: float | None = None) -> Iterator[bool]:
    """Wait until no other process or thread of this node reads in this lane; yield whether it is our turn."""
    with ExitStack() as opened:
        yield _locked(_lane(lane, opened), monotonic() + (TURN if seconds is None else seconds))


def _lane(name: str, opened: ExitStack) -> int:
    """Open the file that stands for a lane of this node; closing it with `opened` unlocks it."""
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    lock = os.open(Path(tempfile.gettempdir()) / f"active-labs-{os.getuid()}-{name}.lock", flags, 0o600)
    opened.callback(os.close, lock)
    return lock


def _locked(lock: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > until:
                return False
            sleep(0.05)
        else:
            return True


def _run(arguments: list[str], patience: float) -> ReaderAnswer:
    """Start the child, collect what it says, and end it when it takes too long or says too much."""
    child = subprocess.Popen(  # noqa: S603 — our own interpreter, and a path that is one argument
        [sys.executable, "-I", "-B", "-c", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    output = cast(IO[bytes], child.stdout)
    with child, output:
        try:
            said = _collected(output.fileno(), monotonic() + patience)
            if isinstance(said, bytes):
                child.wait(1)
        except subprocess.TimeoutExpired:
            said = TOO_SLOW
        finally:
            child.kill()
    if isinstance(said, str):
        return ReaderAnswer(fault=said)
    return _understood(said, child.returncode)


def _collected(output: int, until: float) -> bytes | str:
    """Return what the child writes until it closes its output; a fault if it is late or too much."""
    pieces: list[bytes] = []
    total = 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(output, selectors.EVENT_READ)
        while True:
            left = until - monotonic()
            if left <= 0 or not waiting.select(left):
                return TOO_SLOW
            piece = os.read(output, PIECE)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            total += len(piece)
            if total > MOST_OUTPUT:
                return TOO_COMPLEX


def _understood(said: bytes, code: int | None) -> ReaderAnswer:
    """Return the child's answer; without a whole one, a limit or the file has ended it."""
    line, _newline, clean = said.partition(b"\n")
    try:
        found = json.loads(line)
    except ValueError:
        log.warning("a reader ended with %s and no answer", code)
        return ReaderAnswer(fault={-24: TOO_SLOW, -9: TOO_SLOW, -11: DAMAGED}.get(code or 0, TOO_COMPLEX))
    if "fault" in found:
        if found.get("where"):
            log.warning("a reader met what it does not know: %s", found["where"])
        return ReaderAnswer(fault=found["fault"])
    return ReaderAnswer(
        kind=found["kind"], extension=found["extension"], facts=found["facts"], clean=clean or None
    )
