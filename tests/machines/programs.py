"""Programs of other people that the site stands on, on free ports of this machine's loopback. They end with
the block, however it ends.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE = 60  # seconds
KEYS = {"AWS_ACCESS_KEY_ID": "academy", "AWS_SECRET_ACCESS_KEY": "academy-secret"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(found: Callable[[], object], what: str, patience: float = PATIENCE):
    """Return the first true answer of `found()`; a refused connection is none."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with suppress(OSError, URLError):
            if told := found():
                return told
        time.sleep(0.1)
    raise AssertionError(f"in vain for {patience:.0f} s: {what}")


def listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


@contextmanager
def running(command: list[str], log: Path, patience: float = 20) -> Iterator[subprocess.Popen]:
    """Give the process, which writes to `log`; it and its children end with the block, at the latest so many
    seconds after they are told.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
        try:
            yield process
        finally:
            end(process, patience=patience)


def end(process: subprocess.Popen, *, patience: float = 20) -> None:
    """Tell it to stop; kill it and all its children when it does not."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)  # a group of its own (start_new_session)
    process.wait()


@contextmanager
def file_server(folder: Path, *buckets: str) -> Iterator[str]:
    """Give the address of a server of S3's API (moto) with these buckets. It keeps files in memory: killing
    it would lose them, so tests stop and continue it instead.
    """
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, folder / "files.log", patience=0.5) as process:
        address = f"http://127.0.0.1:{port}"
        until(lambda: urlopen(f"{address}/moto-api/").status == 200, "the server of files")
        for bucket in buckets:
            client(address).create_bucket(Bucket=bucket)
        file_server.process = process
        yield address


def client(address: str):
    """Return the client of that server."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def redis(folder: Path, port: int) -> list[str]:
    """Return the command of a Redis as the recipe wants it."""
    recipe = Path(__file__).resolve().parents[2] / "academy" / "deploy" / "redis.conf"
    return ["redis-server", str(recipe), "--port", str(port), "--dir", str(folder), "--daemonize", "no"]
