"""What a served tree stands on: a PostgreSQL database, copied from a template, and Redis.

DATABASE_URL names a database beside which its role may create others. Redis is a server of our own, or the
one of BENCH_REDIS_URL, whose database is then emptied.
"""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import date
from urllib.parse import urlsplit, urlunsplit

from tests.bench.trees import KEPT, SCRIPTS, Tree

SITE = "https://academy.example.org"  # as production: TLS ends in a proxy

PLAIN = "plain"  # migrations only
GROWS_FROM = {"rush": PLAIN, "demo": PLAIN} | dict.fromkeys(("history10", "history", "term3", "term"), "demo")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int, seconds: float, process: subprocess.Popen | None = None) -> None:
    """Return when somebody listens at the port. Raises SystemExit after that many seconds, or when the
    process has ended.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process and process.poll() is not None:
                break
            time.sleep(0.05)
    raise SystemExit(f"nobody answers at port {port}")


@contextmanager
def alone():
    """One run at a time for this checkout: another one waits, since both would use the same databases."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def redis():
    """Give the URL of a Redis for this run."""
    given = os.environ.get("BENCH_REDIS_URL")
    if given:
        yield given
        return
    program = shutil.which("redis-server")
    if not program:
        raise SystemExit("Redis is needed: install redis-server, or name one in BENCH_REDIS_URL.")
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        answers(port, 20, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)


def forget(redis_url: str) -> None:
    """Empty the run's Redis database."""
    import redis as client

    client.Redis.from_url(redis_url).flushdb()


class Database:
    """One tree's rows of one world: a template that is written once a day, and a copy for each round."""

    def __init__(self, tree: Tree, world: str, redis_url: str):
        self.redis_url = redis_url
        self.server = os.environ.get("DATABASE_URL", "")
        if not self.server.startswith("postgres"):
            raise SystemExit(
                "PostgreSQL is needed: DATABASE_URL names a database, its role may create others."
            )
        self.tree, self.world = tree, world
        base = urlsplit(self.server).path.strip("/")
        self.prefix = f"{base}_bench_{tree.label}_{world}"
        self.template, self.copy = f"{self.prefix}_{self._mark()}", f"{self.prefix}_copy"

    def _mark(self) -> str:
        """Change with the day, the migrations, and what writes the rows."""
        migrations = [*self.tree.folder.glob("*/migrations/*.py"), self.tree.folder / "requirements.txt"]
        if self.world == PLAIN:
            return _digest(migrations)
        written = [*self.tree.folder.glob("academy/demo/*.*"), SCRIPTS / "world.py"]
        if self.world not in {"rush", "demo"}:
            written.append(SCRIPTS / "many.py")
        return _digest([*migrations, *written], date.today().isoformat())

    def url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{name}"))

    @contextmanager
    def _administration(self):
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as connection, connection.cursor() as cursor:
            yield cursor

    def written(self) -> None:
        """Write the template unless it is there; older ones of the same world are dropped."""
        with self._administration() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s",
                [self.prefix.replace("_", r"\_") + r"\_%"],
            )
            names = {name for (name,) in cursor.fetchall()}
            if self.template in names:
                return
            for name in names:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            print(f"  Writing the rows of {self.world}, {self.tree.name}", flush=True)
            part = f"{self.prefix}_part"
            below = GROWS_FROM.get(self.world)
            if below:
                lower = Database(self.tree, below, self.redis_url)
                lower.written()
                cursor.execute(f'CREATE DATABASE "{part}" TEMPLATE "{lower.template}"')
            else:
                cursor.execute(f'CREATE DATABASE "{part}"')
            self._write(self.url(part))
            cursor.execute(f'ALTER DATABASE "{part}" RENAME TO "{self.template}"')

    def _write(self, url: str) -> None:
        demo = {"DEMO": "1", "DATABASE_URL": url, "DATA_DIR": str(self.tree.data)}
        self.tree.data.mkdir(parents=True, exist_ok=True)
        if self.world == PLAIN:
            self.tree.run("manage.py", "migrate", "--verbosity=0", **demo)
            return
        if self.world == "demo":
            self.tree.run("manage.py", "furnish", "--demo", **demo)
        self.tree.run(str(SCRIPTS / "world.py"), self.world, **self.production(url))

    def fresh(self) -> str:
        """Return the URL of a copy of the template that nobody has used."""
        self.written()
        with self._administration() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.copy}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{self.copy}" TEMPLATE "{self.template}"')
        return self.url(self.copy)

    def drop(self) -> None:
        with self._administration() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.copy}" WITH (FORCE)')

    def production(self, url: str, **more: str) -> dict[str, str]:
        """Return the variables of production on that database."""
        return {
            "DJANGO_SETTINGS_MODULE": "academy.settings",
            "SECRET_KEY": "bench" * 12,
            "SITE_URL": SITE,
            "ALLOWED_HOSTS": urlsplit(SITE).netloc,
            "PROXY_COUNT": "1",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": "9",  # letters wait in the outbox: no worker sends them
            "DEFAULT_FROM_EMAIL": "bench@example.org",
            "DATA_DIR": str(self.tree.data),
            "DATABASE_URL": url,
            "CACHE_URL": self.redis_url,
        } | more


def _digest(paths: list, more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
