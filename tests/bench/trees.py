"""The two trees of a comparison: this checkout, and an older commit in a folder of its own.

This commit's bench drives both. It starts the older tree's server and runs its scripts with the older tree's
Python, so that older commits need to know nothing of the bench.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = Path("academy/deploy/gunicorn.conf.py")
KEPT = ROOT / ".cache" / "bench"
SCRIPTS = Path(__file__).resolve().parent
PLAIN = ("PATH", "HOME", "LANG")


@dataclass(frozen=True)
class Tree:
    """A checkout: its name in the table, its folder, the Python with its requirements."""

    name: str
    folder: Path
    python: str

    @property
    def label(self) -> str:
        """A name for databases and folders."""
        return re.sub(r"\W", "_", self.name)

    @property
    def data(self) -> Path:
        return KEPT / "data" / self.label

    @property
    def gunicorn_settings(self) -> Path:
        """Return its own gunicorn.conf.py; for a tree that has none, this commit's values without its hooks,
        which call this commit's code.
        """
        own = self.folder / GUNICORN
        if own.exists():
            return own
        values = self.data / "gunicorn.conf.py"
        values.parent.mkdir(parents=True, exist_ok=True)
        values.write_text((ROOT / GUNICORN).read_text().split("\n\n\ndef ")[0])
        return values

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables of a process of this tree: only its own modules are importable."""
        plain = {name: os.environ[name] for name in PLAIN if name in os.environ}
        return plain | {"PYTHONPATH": str(self.folder), "PYTHONSAFEPATH": "1"} | more

    def run(self, *command: str, told: str = "", **environment: str) -> str:
        """Run a Python command in this tree, `told` as its input; return what it printed.

        Raises SystemExit with the end of its error.
        """
        done = subprocess.run(
            [self.python, *command],
            cwd=self.folder,
            env=self.environment(**environment),
            input=told,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(
                f"{self.name}: {' '.join(command)[:200]} failed\n{done.stderr[-3000:]}{done.stdout[-800:]}"
            )
        return done.stdout


def here() -> Tree:
    return Tree("here", ROOT, sys.executable)


def older(commit: str) -> Tree:
    """Return that commit, checked out under `.cache/bench/trees`, with a virtual environment of its own only
    if its requirements are others.
    """
    full = _git("rev-parse", "--verify", f"{commit}^{{commit}}")
    folder = KEPT / "trees" / full[:12]
    if not (folder / "manage.py").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["git", "clone", "--quiet", "--no-checkout", "--shared", str(ROOT), str(folder)], check=True
        )
        subprocess.run(["git", "checkout", "--quiet", "--detach", full], cwd=folder, check=True)
    if not (folder / ".venv").exists() and _requirements(folder) == _requirements(ROOT):
        (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    plain = {name: os.environ[name] for name in PLAIN if name in os.environ}
    made = subprocess.run(
        ["make", "dev", "build"], cwd=folder, env=plain, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SystemExit(f"{commit}: make dev build failed\n{made.stderr[-3000:]}")
    return Tree(full[:7], folder, str(folder / ".venv" / "bin" / "python"))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _requirements(folder: Path) -> bytes:
    return b"".join((folder / name).read_bytes() for name in ("requirements.txt", "requirements-dev.txt"))
