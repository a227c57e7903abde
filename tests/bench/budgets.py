"""Budgets that no machine moves: queries for each page, and what a phone downloads for it.

The site runs as with `make run`, on a data folder of its own.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from urllib.error import URLError
from urllib.request import urlopen

from tests import databases
from tests.bench.grounds import free_port
from tests.bench.weights import weigh

ROOT = databases.ROOT
FOLDER = ROOT / ".cache" / "bench" / "run"
PAGES = {"home": "/fr/", "catalogue": "/fr/cours/", "course": "/fr/cours/code-a/"}


class Report:
    """Table lines, and whether every gate passed."""

    def __init__(self):
        self.failed = []

    def gate(self, name: str, value: float, limit: float, *, least: bool = False, unit: str = "") -> None:
        held = value >= limit if least else value <= limit
        if not held:
            self.failed.append(name)
        self.line(
            name,
            f"{value:.2f}" if isinstance(value, float) else value,
            f"{'≥' if least else '≤'} {limit}{unit}",
            "" if held else "MISSED",
        )

    @staticmethod
    def line(name: str, value, limit="", verdict="") -> None:
        print(f"  {name:<44} {value!s:>10} {limit!s:>12}  {verdict}", flush=True)


@contextmanager
def running(command: list[str], port: int, path: str, **environment):
    """Run a server process inside the block."""
    plain = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=plain | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} stopped: {process.stderr.read()[-2000:]}")
            try:
                urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
                break
            except (URLError, OSError):
                time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def furnished() -> dict[str, str]:
    """Return the variables of a site with its own data, loaded today on the current migrations; older ones
    are deleted.
    """
    folder = FOLDER / f"{date.today().isoformat()}-{databases.fingerprint(databases.PLAIN)}"
    for old in FOLDER.glob("*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    environment = {"DEMO": "1", "DATA_DIR": str(folder)}
    plain = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    subprocess.run(
        [sys.executable, "manage.py", "serve", "--prepare-only"],
        cwd=ROOT,
        env=plain | environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return environment


def measure_questions(report: Report) -> None:
    print("\nQuestions to the database, for the whole answer, nothing cached")
    databases.prepare_environment()
    import django

    django.setup()
    databases.bring(databases.PLAIN)
    from tests.bench.counts import questions

    counts = questions()
    limits = {"catalogue": 10, "course page": 12, "enroll, the verb": 10, "enroll, the request": 14,
              "register of thirty": 12, "desk, today": 24, "feed of 200 classes": 8}  # fmt: skip
    report.line("feed of 200 classes, ms of CPU", counts.pop("feed of 200 classes, ms of CPU"), "aim 50")
    for name, count in counts.items():
        report.gate(name, count, next(limit for start, limit in limits.items() if name.startswith(start)))
    for kind in ("catalogue", "course page"):
        numbers = {count for name, count in counts.items() if name.startswith(kind)}
        report.gate(f"{kind}: different numbers", len(numbers), 1)


def measure_weights(report: Report, site: str) -> None:
    print("\nWeight of a page (KB, compressed as served) and addresses asked for")
    for language in ("fr", "ar"):
        for name, path in PAGES.items():
            weight = weigh(site, path.replace("/fr/", f"/{language}/"))
            report.gate(f"{name}, {language}: HTML + CSS + JS", weight.page / 1024, 60, unit=" KB")
            report.gate(f"{name}, {language}: requests", len(weight.addresses), 12)
            report.line(f"{name}, {language}: pictures", f"{weight.pictures / 1024:.1f}")
            report.failed += [
                f"{address} is another host" for address in weight.addresses if not address.startswith(site)
            ]
    for font, length in weight.fonts.items():
        report.gate(f"typeface {font}", length / 1024, 40, unit=" KB")


def measure() -> list[str]:
    """Print every budget; return the names of those that are missed."""
    report = Report()
    environment, port = furnished(), free_port()
    with running(["manage.py", "serve"], port, "/healthz", PORT=str(port), **environment):
        measure_weights(report, f"http://localhost:{port}")
    measure_questions(report)
    return report.failed
