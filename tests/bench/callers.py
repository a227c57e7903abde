"""Callers of a served site: keep-alive connections that behave as a browser behind production's proxy."""

import http.client
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.bench.grounds import SITE

PATIENCE = 120  # seconds
TOKEN = "a" * 32  # the form's and the cookie's: they only have to be the same
TOKEN_FIELD = ("csrfmiddlewaretoken", TOKEN)
HEADERS = {
    "Host": urlsplit(SITE).netloc,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "192.0.2.1",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True)
class Request:
    """One request of a family: with fields it is a form's POST."""

    path: str
    cookies: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """Status, path of the redirect, seconds."""

    status: int
    led_to: str
    seconds: float


class Caller:
    """One keep-alive connection. gunicorn closes it after five idle seconds: it is then opened again."""

    def __init__(self, port: int):
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.last = 0.0

    def ask(self, request: Request) -> Answer:
        if time.monotonic() - self.last > 4:
            self.line.close()
        headers = dict(HEADERS)
        if request.cookies:
            headers["Cookie"] = request.cookies
        body = None
        if request.fields:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": SITE}
            body = urlencode([*request.fields, TOKEN_FIELD])
        started = time.perf_counter()
        self.line.request("POST" if body else "GET", request.path, body, headers)
        answer = self.line.getresponse()
        answer.read()
        self.last = time.monotonic()
        led_to = urlsplit(answer.getheader("Location") or "").path
        return Answer(answer.status, led_to, time.perf_counter() - started)

    def close(self) -> None:
        self.line.close()


def at_once(call: Callable[[], None], callers: int) -> None:
    """Call it in this many threads, and wait until all have ended."""
    threads = [threading.Thread(target=call) for _caller in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drive(port: int, requests: list[Request], *, callers: int) -> list[Answer]:
    """Make each request once, this many at a time; return the answers in the order of the requests.

    Raises RuntimeError for a caller's fault.
    """
    todo: queue.Queue = queue.Queue()
    for number, request in enumerate(requests):
        todo.put((number, request))
    answers: dict[int, Answer] = {}
    faults: list[Exception] = []

    def call() -> None:
        caller = Caller(port)
        try:
            while True:
                number, request = todo.get_nowait()
                answers[number] = caller.ask(request)
        except queue.Empty:
            pass
        except Exception as fault:  # noqa: BLE001 — told below
            faults.append(fault)
        finally:
            caller.close()

    at_once(call, callers)
    if faults:
        raise RuntimeError(f"a caller stopped: {faults[0]!r}")
    return [answers[number] for number in range(len(requests))]
