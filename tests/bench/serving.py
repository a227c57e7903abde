"""A tree, or a bare view, under gunicorn in production's shape, and what its workers use."""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.grounds import answers, free_port
from tests.bench.load import TICK, children_of
from tests.bench.trees import ROOT, Tree, here

WORKERS, THREADS = 2, 4
PATIENCE = 90  # seconds
_collected: set[Tree] = set()


@dataclass
class Served:
    """A running server: its port, and the process that started the workers."""

    port: int
    pid: int

    def workers(self) -> list[int]:
        """Return the workers, without the processes that answer Prometheus (academy.metrics_port)."""
        children = children_of(self.pid)
        return [one for one in children if Path(f"/proc/{one}/comm").read_text().strip() != "academy-metrics"]

    def cpu(self) -> float:
        """Return the CPU seconds of the workers until now, user and system, threads included."""
        return sum(_cpu(worker) for worker in self.workers())

    def memory(self) -> tuple[float, float]:
        """Return (largest RSS, largest PSS) of a worker in MB of 2²⁰ bytes."""
        found = []
        for worker in self.workers():
            lines = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
            kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
            found.append((kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024))
        rss, pss = zip(*found, strict=True)
        return max(rss), max(pss)

    def settle(self, quiet: float = 1.0) -> None:
        """Return when every worker has started and none has used CPU for this many seconds."""
        until, before, since = time.monotonic() + PATIENCE, -1.0, time.monotonic()
        while time.monotonic() < until:
            used = self.cpu() if len(self.workers()) == WORKERS else -1.0
            if used != before or used < 0:  # a preloaded worker may rest at nothing used
                before, since = used, time.monotonic()
            elif time.monotonic() - since >= quiet:
                return
            time.sleep(0.1)
        raise SystemExit("the workers never came to rest")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


@contextmanager
def _gunicorn(python: str, folder: Path, settings: Path, application: str, environment: dict[str, str]):
    port = free_port()
    command = [python, "-m", "gunicorn", "--config", str(settings), "--bind", f"127.0.0.1:{port}",
               "--workers", str(WORKERS), "--threads", str(THREADS), application]  # fmt: skip
    log = folder / ".cache" / "bench-server.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as written:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=written, stderr=written)
        try:
            answers(port, PATIENCE, process)
            served = Served(port, process.pid)
            served.settle()
            yield served
        except (SystemExit, RuntimeError) as fault:
            raise SystemExit(f"{fault}\n{log.read_text()[-3000:]}") from fault
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def served(tree: Tree, environment: dict[str, str]):
    """Give the site of a tree, served; `environment` are production's variables."""
    variables = tree.environment(**environment)
    with _gunicorn(tree.python, tree.folder, tree.gunicorn_settings, "academy.wsgi", variables) as site:
        yield site


@contextmanager
def bare(module: str, **environment: str):
    """Give the bare view of `tests.bench.<module>`, under this commit's settings of gunicorn."""
    variables = here().environment(**environment)
    settings = here().gunicorn_settings
    with _gunicorn(sys.executable, ROOT, settings, f"tests.bench.{module}", variables) as site:
        yield site


def collected(tree: Tree, environment: dict[str, str]) -> None:
    """Collect the tree's static files, once a run: production's pages name them by their digest."""
    if tree in _collected:
        return
    _collected.add(tree)
    tree.data.mkdir(parents=True, exist_ok=True)
    tree.run("manage.py", "collectstatic", "--no-input", "--verbosity=0", **environment)
