"""Programs of other people that tests run where this machine has them; what is left out where it has not."""

import re
import shutil
import subprocess
from functools import cache

from tests import databases, depth
from tests.machines import postgres


def chromium() -> str | None:
    """Return this machine's Chromium, or None. The shell without a screen does the same in two thirds of the
    time.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@cache
def node() -> str | None:
    """Where this machine keeps a Node that has the test runner and its clock (20.11 or later), or None."""
    path = shutil.which("node")
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout if path else ""
    version = re.match(r"v(\d+)\.(\d+)", said)
    return path if version and tuple(map(int, version.groups())) >= (20, 11) else None


def here() -> dict[str, bool]:
    """Return for each marker whether this machine has what its tests need."""
    return {
        "postgres": bool(databases.SERVER),
        "browser": bool(chromium()),
        "node": bool(node()),
        "redis": bool(shutil.which("redis-server")),
        "machines": bool(postgres.programs() and shutil.which("redis-server")),
        "systemd": bool(shutil.which("systemd-analyze")),
    }


ABSENT = {
    "browser": "LEFT OUT: the browser tests (tests/journeys). No Chromium here: apt-get install chromium",
    "node": "LEFT OUT: the tests of our scripts (tests/javascript). No Node 20.11 or later here: "
    "apt-get install nodejs",
    "redis": "LEFT OUT: cache and queue on a real Redis. No redis-server here: apt-get install redis-server",
    "machines": "LEFT OUT: servers of our own (tests/machines). Not all of their programs are here: "
    "apt-get install postgresql redis-server",
    "systemd": "LEFT OUT: the units of systemd. No systemd-analyze here: apt-get install systemd",
    "postgres": "LEFT OUT: races on PostgreSQL (tests/races). DATABASE_URL names no server; .ci/run does.",
}


def left_out() -> list[str]:
    """Return a line for all that this run leaves out."""
    found = here()
    lines = []
    if not depth.THOROUGH:
        lines.append(
            "LEFT FOR `make thorough`: long random lives, rushes, kills, the full accessibility matrix"
        )
    if databases.SERVER and not depth.THOROUGH:
        lines.append("LEFT TO SQLITE: the tests no database decides (tests/once.py)")
    if found["machines"] and not shutil.which("nginx"):
        lines.append(
            "WITHOUT NGINX: many machines are asked one by one (tests/machines). apt-get install nginx-light"
        )
    return lines + [line for name, line in ABSENT.items() if not found[name]]
