"""A PostgreSQL of our own with a streaming replica, in a folder, with the recipe's settings.

The server refuses to run as root: as root, it runs as the account that Debian's package brings.
"""

import os
import pwd
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

import psycopg

from tests.databases import ROOT
from tests.machines.programs import end, free_port, listens, until

RECIPE = ROOT / "academy" / "deploy"
NEEDED = ("initdb", "pg_basebackup", "postgres")


@cache
def programs() -> Path | None:
    """Return the folder of the newest server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if on_path := shutil.which("pg_basebackup"):
        found.insert(0, Path(on_path).resolve().parent)
    whole = [folder for folder in found if all((folder / name).exists() for name in NEEDED)]
    return whole[-1] if whole and (os.getuid() or account()) else None


def account() -> str | None:
    """Return whom the server runs as: None for whoever runs the tests."""
    try:
        return pwd.getpwnam("postgres").pw_name if os.getuid() == 0 else None
    except KeyError:
        return None


class Server:
    """A primary, or the replica of one."""

    def __init__(self, folder: Path, name: str, primary: "Server | None" = None):
        self.folder, self.port, self.primary = folder / name, free_port(), primary
        self.process: subprocess.Popen | None = None
        self.folder.mkdir(mode=0o755)
        if os.getuid() == 0:
            shutil.chown(self.folder, account())
        if primary is None:
            self._run("initdb", "-A", "trust", "-U", "root_of_all", "-E", "UTF8", "--locale=C.UTF-8", "-N")
            self._settle()
        else:
            source = f"host=127.0.0.1 port={primary.port} user=academy_replica"
            self._run("pg_basebackup", "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *options: str) -> None:
        command = [str(programs() / program), "-D", str(self.data), *options]
        done = subprocess.run(
            command, cwd=self.folder, user=account(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def _settle(self) -> None:
        conf = self.data / "postgresql.conf"
        conf.write_text(
            conf.read_text()
            + (RECIPE / "postgresql.conf").read_text()
            + "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n"
            "logging_collector = off\nshared_buffers = 64MB\n"
        )

    def start(self) -> None:
        """Start it, and return when it answers."""
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(programs() / "postgres"), "-D", str(self.data), "-p", str(self.port)],
                cwd=self.folder,
                user=account(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: listens(self.port) and self.answers(), f"PostgreSQL, {self.folder.name}")

    def answers(self) -> bool:
        try:
            return self.ask("SELECT 1") == 1
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """Let it die at once, with all its connections."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop_immediately(self) -> None:
        """Stop as `pg_ctl stop -m immediate` does: the next start recovers from the log."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    def restart(self) -> None:
        """Restart as `systemctl restart` does: connections are broken off."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.start()

    def stop(self) -> None:
        if self.process:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
            end(self.process)

    def url(self, database: str = "academy", user: str = "academy") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def ask(self, question: str, *values: object, database: str = "postgres"):
        """Return the first column of the first row, asked as the superuser; None without rows."""
        with psycopg.connect(self.url(database, "root_of_all"), autocommit=True) as line:
            cursor = line.execute(question, values)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def furnish(self) -> None:
        """Create the roles and the database of the recipe."""
        text = (RECIPE / "postgresql.sql").read_text().replace(":'password'", "'unused'")
        for one in text.split(";"):
            lines = "\n".join(line for line in one.splitlines() if not line.startswith("--"))
            if lines.strip():
                self.ask(lines)
