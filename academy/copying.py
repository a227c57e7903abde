"""Copies of families' data, made in a process of their own: one takes many minutes, and emails must not wait.

One process at a time on a machine, started by `manage.py worker`, which ends it when it stops, or
`manage.py tick`, which leaves it running. With a queue (LONG_WORK=redis) none is started: the requests are
handed out, and `manage.py task_worker` makes the copies.
"""

import fcntl
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.conf import settings

from enrollments.privacy import copy_requests
from home import one_shot

COMMAND = [sys.executable, "manage.py", "make_copies"]
PATIENCE = 10  # seconds that a process has to clear up when it is told to stop
log = logging.getLogger(__name__)
_running: subprocess.Popen | None = None  # the one that this process started


class CopiesFailed(Exception):
    """The process that makes copies ended with a fault."""


@contextmanager
def turn() -> Iterator[bool]:
    """Hold this machine's turn to make copies; False when another process holds it. It ends with the process,
    however that ends.
    """
    with (settings.BASE_DIR / "manage.py").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def begin(at: datetime) -> int:
    """Start the process when a copy is due and none runs here; return how many were started.

    With a queue, hand out what is due. Raises CopiesFailed when the one started before ended with a fault,
    and what home.one_shot raises.
    """
    global _running
    if one_shot.is_queued():
        copy_requests.make_due(at)
        one_shot.look_after()
        return 0
    if _running is not None:
        if (code := _running.poll()) is None:
            return 0
        _running = None
        if code:
            raise CopiesFailed(code)
    if not copy_requests.are_due(at):
        return 0
    with turn() as is_ours:  # let go at once: the new process takes it
        if not is_ours:
            return 0
    _running = subprocess.Popen(  # noqa: S603 — our own interpreter and command
        COMMAND, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL
    )
    return 1


def stop() -> None:
    """End the process that was started here; a copy that it is writing leaves no file and is made later."""
    global _running
    if _running is None:
        return
    _running.terminate()
    with suppress(subprocess.TimeoutExpired):
        _running.wait(PATIENCE)
    if _running.poll() is None:
        log.warning("a process that makes copies had to be killed")
        _running.kill()
        _running.wait()
    _running = None
