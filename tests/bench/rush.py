"""Registration morning: 500 parents within five seconds, 30 sessions of 12, each from the catalogue to the
confirmation of a place or of a position in the queue.
"""

import queue
import random
import statistics
import time
from collections import Counter

from tests.bench.callers import Caller, Request, at_once

PARENTS, WITHIN, SESSIONS, SEATS, CALLERS = 500, 5.0, 30, 12, 64
LED = Request("")  # the page the last answer led to
BARE = Request("/")


def walk(
    port: int, paths: list[list[Request]], *, within: float = WITHIN, callers: int = CALLERS
) -> tuple[float, float, Counter]:
    """Run each path as one parent, started at its own time; return (seconds until the last ended, 95th
    percentile of whole paths in seconds from the planned start, the answers by method and status).
    """
    chance = random.Random(7)
    todo: queue.Queue = queue.Queue()
    for moment, number in sorted((chance.uniform(0, within), number) for number in range(len(paths))):
        todo.put((moment, paths[number]))
    times: list[float] = []
    answers: Counter = Counter()
    began = time.perf_counter()

    def call() -> None:
        caller = Caller(port)
        while True:
            try:
                moment, path = todo.get_nowait()
            except queue.Empty:
                break
            time.sleep(max(0, began + moment - time.perf_counter()))
            led_to = ""
            for request in path:
                asked = Request(led_to, path[0].cookies) if request is LED else request
                try:
                    answer = caller.ask(asked)
                except OSError as fault:
                    answers[type(fault).__name__] += 1
                    break
                led_to = answer.led_to
                answers[f"{'POST' if asked.fields else 'GET'} {answer.status}"] += 1
            times.append(time.perf_counter() - began - moment)
        caller.close()

    at_once(call, callers)
    return time.perf_counter() - began, statistics.quantiles(times, n=20)[-1], answers
