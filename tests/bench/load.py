"""A small, bounded load on this machine: a few keep-alive connections, a fixed number of requests."""

import os
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import callers

CONNECTIONS = 4
HEADERS = "".join(f"{name}: {value}\r\n" for name, value in callers.HEADERS.items())
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    """Requests per second, and server CPU milliseconds per request."""

    throughput: float
    cpu_ms: float


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of this process and its children, from the kernel."""
    total = 0.0
    for one in [pid, *children_of(pid)]:
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def children_of(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *children_of(child)]
    return found


def load(port: int, paths: list[str], pid: int, *, connections: int = CONNECTIONS) -> Run:
    """Request these paths in order over a few parallel connections, behind production's proxy; every response
    must be 200.
    """
    shares = [paths[number::connections] for number in range(connections)]
    faults: list[str] = []
    threads = [threading.Thread(target=_ask, args=(port, share, faults)) for share in shares]
    used, started = cpu_seconds(pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    if faults:
        raise RuntimeError(faults[0])
    return Run(len(paths) / elapsed, (cpu_seconds(pid) - used) / len(paths) * 1000)


def _ask(port: int, paths: list[str], faults: list[str]) -> None:
    connection, kept = None, b""
    try:
        for path in paths:
            if connection is None:
                connection, kept = socket.create_connection(("127.0.0.1", port), timeout=30), b""
            connection.sendall(f"GET {path} HTTP/1.1\r\n{HEADERS}\r\n".encode())
            while b"\r\n\r\n" not in kept:
                kept += _more(connection)
            head, _blank, kept = kept.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{path}: {head.splitlines()[0].decode()}")
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(headers[b"content-length"])
            while len(kept) < length:
                kept += _more(connection)
            kept = kept[length:]
            if headers.get(b"connection") == b"close":
                connection.close()
                connection = None
    except Exception as fault:  # noqa: BLE001 — told to whoever started the load
        faults.append(f"{type(fault).__name__}: {fault}")


def _more(connection) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise RuntimeError("the server closed the connection")
    return got
