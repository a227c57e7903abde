"""The process that answers Prometheus, on a port of this machine's loopback and no address of the site.

gunicorn's first process forks it once the application is loaded, so that it shares that memory. A keeper
starts it again if it dies, and both end with gunicorn, however that ends. It is the one reader of the
workers' files, and the one that asks the database.
"""

import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from academy import metrics
from academy.work_metrics import Work

HOST, PATH = "127.0.0.1", "/metrics"
PAUSE, AGAIN = 0.5, 1.0  # seconds between two looks at the parent, and before another try
NAME = "academy-metrics"  # as ps and top show it
ENDED = "0"  # in the place of a process's number: what all processes that ended have counted
FILE = re.compile(r"(?P<kind>[a-z_]+)_(?P<pid>\d+)\.db")
log = logging.getLogger(__name__)


def start(listeners: list[Any]) -> None:
    """Begin to count, and fork the keeper. Call it in gunicorn's first process, before it starts workers.

    `listeners` are the site's sockets, which the new processes let go.
    """
    memory = "/dev/shm"  # noqa: S108 — a folder that only this user can read is made in it
    folder = tempfile.mkdtemp(prefix="academy-metrics-", dir=memory if os.access(memory, os.W_OK) else None)
    metrics.begin(folder)
    parent = os.getpid()
    if os.fork() == 0:
        try:
            _become_own_process(listeners)
            _keep(folder, parent)
        finally:
            os._exit(0)  # never back into gunicorn's own stack


def _become_own_process(listeners: list[Any]) -> None:
    signal.set_wakeup_fd(-1)
    for sign in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH,
                 signal.SIGTTIN, signal.SIGTTOU):  # fmt: skip
        signal.signal(sign, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for sign in (signal.SIGTERM, signal.SIGQUIT):
        signal.signal(sign, lambda *_arguments: sys.exit(0))
    for listener in listeners:
        listener.close()
    metrics.end()
    with suppress(OSError):
        Path("/proc/self/comm").write_text(NAME)


def _keep(folder: str, parent: int) -> None:
    child = 0
    try:
        while os.getppid() == parent:
            if not child:
                child = _forked(folder)
            time.sleep(PAUSE)
            if os.waitpid(child, os.WNOHANG)[0]:
                child = 0
                time.sleep(AGAIN)
    finally:
        if child:
            os.kill(child, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _forked(folder: str) -> int:
    keeper = os.getpid()
    if child := os.fork():
        return child
    try:
        serve(folder, settings.METRICS_PORT, parent=keeper)
    except Exception:
        log.exception("metrics")
    finally:
        os._exit(0)


def serve(folder: str, port: int, *, parent: int) -> None:
    """Answer until the parent is gone. A port that is taken, by a gunicorn that another one takes over from,
    is waited for.
    """
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)
    registry.register(Work())
    handler = type("Handler", (Answers,), {"folder": folder, "registry": registry})
    was_told = False
    while os.getppid() == parent:
        try:
            with HTTPServer((HOST, port), handler) as server:
                server.timeout = PAUSE
                while os.getppid() == parent:
                    server.handle_request()
        except OSError as fault:
            if not was_told:
                log.warning("Port %d of the metrics is taken: %s", port, type(fault).__name__)
            was_told = True
            time.sleep(AGAIN)


class Answers(BaseHTTPRequestHandler):
    """One answer at a time: the metrics at one path, 404 elsewhere."""

    folder: str
    registry: CollectorRegistry
    timeout = 5  # seconds for a client to say what it wants

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        close_old_connections()
        gather(self.folder)
        body = generate_latest(self.registry)
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no line for each scrape."""


def gather(folder: str) -> None:
    """Add the numbers of processes that ended to one file for all, so that nothing counted is lost and a
    worker that dies each minute fills no memory.
    """
    for path in sorted(Path(folder).glob("*.db")):
        name = FILE.fullmatch(path.name)
        if not name or name["pid"] == ENDED or Path(f"/proc/{name['pid']}").exists() or not _is_linux():
            continue
        total = MmapedDict(str(path.with_name(f"{name['kind']}_{ENDED}.db")))
        for key, value, _at, _place in MmapedDict.read_all_values_from_file(str(path)):
            total.write_value(key, total.read_value(key)[0] + value, 0.0)
        total.close()
        path.unlink()


def _is_linux() -> bool:
    return Path("/proc/self").exists()
