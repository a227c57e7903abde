"""The site in several processes on this worker's database, and families who press the same button at once."""

import http.client
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections

from academy.signed_in import SessionStore

PATIENCE = 60
TOKEN = "a" * 32  # the form's and the cookie's: they only have to be the same


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(*, processes: int, threads: int, application: str = "academy.wsgi"):
    """Return the port of gunicorn with this many processes and threads; stopped after the block."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        str(processes),
        "--threads",
        str(threads),
        "--log-level",
        "warning",
        "--keep-alive",
        "15",
    ]
    connections.close_all()
    # A file, not a pipe: nobody reads it meanwhile, and a full pipe would hold every thread that logs.
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 — closed below, after the server
    server = subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=log)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                if server.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(log.read()[-2000:]) from None
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)
        log.close()


def signed_in(user) -> str:
    """Return the cookies of this user's session."""
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "academy.signed_in.ModelBackend"
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


@dataclass
class Answer:
    """The response to one press: status, redirect, duration (seconds)."""

    who: int
    status: int
    led_to: str
    seconds: float


def press(port: int, orders: list[tuple[int, str, str, dict]], *, callers: int) -> list[Answer]:
    """POST each order (user, cookies, path, fields) once, this many in parallel,
    over keep-alive connections.
    """
    todo: queue.Queue = queue.Queue()
    for order in orders:
        todo.put(order)
    answers, barrier = [], threading.Barrier(callers)

    def call():
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        barrier.wait(PATIENCE)
        while True:
            try:
                who, cookies, path, fields = todo.get_nowait()
            except queue.Empty:
                break
            body = urlencode(fields | {"csrfmiddlewaretoken": TOKEN})
            headers = {
                "Cookie": cookies,
                "Content-Type": "application/x-www-form-urlencoded",
                "Host": f"localhost:{port}",
                "Origin": f"http://localhost:{port}",
            }
            started = time.perf_counter()
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            answer.read()
            answers.append(
                Answer(who, answer.status, answer.getheader("Location") or "", time.perf_counter() - started)
            )
        line.close()

    threads = [threading.Thread(target=call) for _caller in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
