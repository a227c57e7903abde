"""A site apart from the worker's: its own folder, database and keys, for `manage.py` in real processes."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from academy.backups import keys
from tests import databases
from tests.warm import Warm

PATIENCE = 120


@dataclass
class OwnSite:
    """A site in `folder`; `variables` are added to the environment of its processes."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    warm: dict[str, Warm] = field(default_factory=dict)  # by the environment they were started with

    @property
    def database(self) -> str:
        """Its name on the server; the same site, the same name."""
        return f"{databases.own_name()}_{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    @property
    def identity(self) -> Path:
        return self.folder / "identity.txt"

    @property
    def environment(self) -> dict[str, str]:
        own = {"DATA_DIR": str(self.folder / "data"), "DJANGO_SETTINGS_MODULE": "academy.settings"}
        if databases.SERVER:
            own["DATABASE_URL"] = databases.named(self.database)
        return os.environ | own | self.variables

    def start(self, *command: str, **more) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=databases.ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def manage(self, *command: str, **more) -> str:
        """Run a command that must succeed; return what it wrote."""
        code, out, errors = self.run("manage.py", *command, **more)
        assert code == 0, out + errors
        return out

    def refused(self, *command: str, **more) -> str:
        """Run a command that must fail with a sentence; return the sentence."""
        code, out, errors = self.run("manage.py", *command, **more)
        assert code == 1 and "Traceback" not in errors, (code, out, errors)
        return errors.strip()

    def run(self, *command: str, **more) -> tuple[int, str, str]:
        if not more and command[0] != "-c":
            environment = self.environment
            name = json.dumps(environment, sort_keys=True)
            if name not in self.warm:
                self.warm[name] = Warm(environment)
            return self.warm[name].run(*command)
        process = self.start(*command, **more)
        out, errors = process.communicate(timeout=PATIENCE)
        return process.returncode, out, errors

    def scene(self, act: str, *words: str):
        """Let tests/backups/scene.py act on this site; return what it tells."""
        code, out, errors = self.run("-m", "tests.backups.scene", act, *words)
        assert code == 0, out + errors
        return json.loads(out.splitlines()[-1])

    def back_up(self, *more: str) -> Path:
        self.manage("backup", *more)
        return max(self.whole())

    def whole(self) -> list[Path]:
        return sorted(self.backups.glob("*.age"))

    def unfinished(self) -> list[Path]:
        return sorted(self.backups.glob(".*.part"))

    def private(self) -> list[Path]:
        return sorted(path for path in (self.folder / "data/private").rglob("*") if path.is_file())


@contextmanager
def own_site(folder: Path, template: str | None = databases.SITE) -> Iterator[OwnSite]:
    """Give a site grown from a template, with a folder for backups and an identity that opens them; without a
    template, its database is empty.
    """
    site = OwnSite(folder)
    (folder / "data").mkdir(parents=True)
    site.backups.mkdir()
    _place(site, databases.built(template) if template else None)
    try:
        site.variables |= {
            "BACKUP_DIR": str(site.backups),
            "BACKUP_KEYS": keys.new_identity(site.identity),
            "SAFETY_KEYS": Fernet.generate_key().decode(),
        }
        yield site
    finally:
        for warm in site.warm.values():
            warm.close()
        if databases.SERVER:
            with databases._administration() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{site.database}" WITH (FORCE)')


def _place(site: OwnSite, source: str | None) -> None:
    if databases.SERVER:
        grown = f' TEMPLATE "{databases._kept_on_server(source)}"' if source else ""
        with databases._administration() as cursor:
            cursor.execute(f'CREATE DATABASE "{site.database}"{grown}')
    elif source:
        shutil.copyfile(databases.KEPT / f"{source}.sqlite3", site.folder / "data/db.sqlite3")


def until(is_so, seconds: float = 60) -> None:
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def end(process: subprocess.Popen, how: signal.Signals) -> tuple[int, str]:
    """Send a signal; return the code and what was written to standard error."""
    process.send_signal(how)
    _out, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors
