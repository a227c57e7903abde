"""Several real processes or threads that act at the same time."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from traceback import format_exception_only

from django.db import connections, transaction

FORK = multiprocessing.get_context("fork")
PATIENCE = 60


def at_once(*acts: Callable[[], object]) -> list[tuple[str, object]]:
    """Run each act in its own process, all released together; return ("done", value) or ("refused", exception
    text) for each.

    Values cross processes, so use plain ones. A process that dies returns ("died", its exit code).
    """
    connections.close_all()  # a connection is never shared between processes
    barrier = FORK.Barrier(len(acts))
    pipes, processes = [], []
    for act in acts:
        here, there = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_act, args=(act, barrier, there))
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    outcomes = []
    for pipe, process in zip(pipes, processes, strict=True):
        try:
            outcomes.append(pipe.recv() if pipe.poll(PATIENCE) else ("stuck", None))
        except EOFError:
            process.join(PATIENCE)
            outcomes.append(("died", process.exitcode))
    for process in processes:
        process.join(PATIENCE)
    return outcomes


def _act(act, barrier, pipe):
    connections["default"].ensure_connection()
    barrier.wait(PATIENCE)
    pipe.send(_outcome(act))
    pipe.close()
    connections.close_all()
    os._exit(0)  # nothing of the test machinery is put away twice


def _outcome(act) -> tuple[str, object]:
    try:
        return "done", act()
    except Exception as refusal:  # noqa: BLE001 — whatever happens is the outcome
        return "refused", "".join(format_exception_only(refusal)).strip()


def in_threads(*acts: Callable[[], object]) -> list[tuple[str, object]]:
    """Do the same in threads of this process, like the embedded server."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def work(number, act):
        barrier.wait(PATIENCE)
        outcomes[number] = _outcome(act)
        connections.close_all()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return outcomes


def behind(first: Callable[[], object], *others: Callable[[], object]) -> list[tuple[str, object]]:
    """Do the first act and commit it when each of the others, in a thread of its own, waits for a lock or has
    ended. Return the outcomes, the first one's too.

    What the others read before they wait is then older than what the first has written: the worst order, each
    time.
    """
    outcomes: list = [None] * len(others)
    backends: list = [None] * len(others)

    def work(number, act):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends[number] = cursor.fetchone()[0]
        outcomes[number] = _outcome(act)
        connections.close_all()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(others)]
    with transaction.atomic():
        done = _outcome(first)
        for thread in threads:
            thread.start()
        until = time.monotonic() + PATIENCE
        while not _all_stopped(backends, outcomes) and time.monotonic() < until:
            time.sleep(0.005)
    for thread in threads:
        thread.join(PATIENCE)
    return [done, *outcomes]


def _all_stopped(backends: list, outcomes: list) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT pid FROM pg_locks WHERE NOT granted")
        waiting = {pid for (pid,) in cursor.fetchall()}
    return all(backend in waiting or outcome for backend, outcome in zip(backends, outcomes, strict=True))
