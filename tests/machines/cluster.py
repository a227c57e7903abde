"""The whole site on loopback, as the recipe sets it up on many machines: nginx, nodes and workers with data
folders of their own, PostgreSQL with its replica behind PgBouncer, Redis, a server of files, a mail server.

nginx and PgBouncer stand where they are installed; without them, nodes are asked one by one, and ask the
database itself. Whatever happens inside the block, nothing is left running.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

from aiosmtpd.controller import Controller

from tests import databases
from tests.databases import ROOT
from tests.machines import programs
from tests.machines.browser import HOST, Browser, Line
from tests.machines.postgres import RECIPE, Server, account
from tests.machines.postgres import programs as postgres_programs
from tests.machines.programs import KEYS, free_port, listens, until

NODES, WORKERS = 3, 2
# The units forbid memory that is written and then run (MemoryDenyWriteExecute); Linux does here from 6.3 on.
STRICT = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execv(sys.executable, sys.argv[1:])"
)
# As `manage.py collectstatic`, but nothing is packed: that takes longer than everything else here together.
COLLECT = """
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
import django
django.setup()
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
"""


class Post:
    """A mail server that keeps what it takes, and can be slow."""

    def __init__(self):
        self.taken, self.lock, self.pause = [], threading.Lock(), 0.0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 — the library's name
        import asyncio

        letter = message_from_bytes(envelope.content, policy=modern)
        with self.lock:
            self.taken.append((letter["Message-ID"], envelope.rcpt_tos[0], letter["Subject"]))
        await asyncio.sleep(self.pause)
        return "250 taken"

    def to(self, address: str) -> list[str]:
        with self.lock:
            return [number for number, reader, _subject in self.taken if reader == address]


class Process:
    """A process of ours, as a unit of systemd starts it: killed, it is started again by `start`."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path):
        self.name, self.command, self.environment, self.folder = name, command, environment, folder
        self.process: subprocess.Popen | None = None

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(errors="replace")

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill it and all its children at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it at once: nobody waits for its last answers."""
        if self.process and self.process.poll() is None:
            self.kill()


class Cluster:
    """What runs, and how to ask it."""

    def __init__(self, folder: Path, world: str):
        self.folder, self.world_name, self.post = folder, world, Post()
        self.nodes: list[Process] = []
        self.workers: list[Process] = []
        self.ports = [free_port() for _node in range(NODES)]
        self.redis_port = free_port()
        self.line = Line(self.ports)

    def browser(self) -> Browser:
        return Browser(self.line)

    def ready(self, node: int = 0) -> tuple[int, dict]:
        """Return what /readyz of one node says: status, and what is not well."""
        said = Line([self.ports[node]]).ask("GET", "/readyz", {}, None)
        if not said.body.startswith(b"{"):
            return said.status, {"answer": said.text[:200]}  # none: the node is away
        return said.status, {name: found for name, found in said.json().items() if found != "ok"}

    def is_well(self) -> bool:
        return all(self.ready(node) == (200, {}) for node in range(NODES))

    def manage(self, *command: str) -> str:
        """Return what a command of the site prints. It must end well."""
        return self._run("manage.py", *command)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.nodes[0].environment if self.nodes else self.environment(0),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    def ask(self, question: str, *values: object):
        return self.primary.ask(question, *values, database="academy")

    # ---- putting it up

    def environment(self, node: int) -> dict[str, str]:
        """Return the variables of environment.example, with the values of this machine."""
        said = (RECIPE / "environment.example").read_text()
        example = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", said))
        own = {
            "DATABASE_URL": self.database_url,
            "REPLICA_URL": self.replica_url,
            "CACHE_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "SECRET_KEY": "boot" * 16,
            "SAFETY_KEYS": "",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.mail_port),
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "EMAIL_USE_TLS": "",
            "DATA_DIR": str(self.folder / f"data-{node}"),
            "LEAST_FREE_MB": "1",
            "BIND": f"127.0.0.1:{self.ports[node % NODES]}",
            "WORKERS": "1",
            "MEDIA_BUCKET": "media",
            "MEDIA_BUCKET_ENDPOINT": self.files,
            "PRIVATE_BUCKET": "private",
            "PRIVATE_BUCKET_ENDPOINT": self.files,
            "DJANGO_SETTINGS_MODULE": "academy.settings",
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | example | own | KEYS

    def put_up(self, stack: ExitStack) -> None:
        self.mail_port = free_port()
        mail = Controller(self.post, hostname="127.0.0.1", port=self.mail_port)
        mail.start()
        stack.callback(mail.stop)
        self.files = stack.enter_context(programs.file_server(self.folder, "media", "private"))
        self.file_process = programs.file_server.process
        self.redis = Process(
            "redis", programs.redis(self.folder, self.redis_port), dict(os.environ), self.folder
        )
        stack.callback(self.redis.stop)
        self.redis.start()
        self._databases(stack)
        self.world = self._rows()
        self._nodes(stack)
        if shutil.which("nginx"):
            self._nginx(stack)

    def _databases(self, stack: ExitStack) -> None:
        self.primary = Server(self.folder, "primary")
        stack.callback(self.primary.stop)
        self.primary.start()
        self.primary.furnish()
        self.replica = Server(self.folder, "replica", self.primary)
        stack.callback(self.replica.stop)
        self.replica.start()
        self.database_url, self.replica_url = self.primary.url(), self.replica.url()
        if not shutil.which("pgbouncer") or os.getuid() != 0:
            return
        port = free_port()
        said = (RECIPE / "pgbouncer.ini").read_text()
        for old, new in {
            "host=127.0.0.1 port=5432 dbname": f"host=127.0.0.1 port={self.primary.port} dbname",
            "host=10.0.0.8 port=5432 dbname": f"host=127.0.0.1 port={self.replica.port} dbname",
            "listen_port = 6432": f"listen_port = {port}",
            "auth_type = scram-sha-256": "auth_type = trust",
            "/etc/pgbouncer/userlist.txt": str(self.folder / "userlist.txt"),
            "/var/log/postgresql/pgbouncer.log": str(self.primary.folder / "pgbouncer.log"),
            "/var/run/postgresql/pgbouncer.pid": str(self.primary.folder / "pgbouncer.pid"),
        }.items():
            assert old in said, old
            said = said.replace(old, new)
        (self.folder / "pgbouncer.ini").write_text(said)
        (self.folder / "userlist.txt").write_text('"academy" ""\n')
        command = ["pgbouncer", "-q", "-u", account() or "nobody", str(self.folder / "pgbouncer.ini")]
        stack.enter_context(programs.running(command, self.folder / "pgbouncer.log"))
        until(lambda: listens(port), "PgBouncer")
        self.database_url = f"postgresql://academy@127.0.0.1:{port}/academy"
        self.replica_url = f"postgresql://academy@127.0.0.1:{port}/academy_replica"

    def _rows(self) -> dict:
        """Copy the migrated tables from the suite's template, and write the world into them."""
        name = databases._kept_on_server(databases.built(databases.PLAIN))
        dump = [str(postgres_programs() / "pg_dump"), "--no-owner", databases.named(name)]
        load = ["psql", "-q", "-v", "ON_ERROR_STOP=1", self.primary.url()]
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as rows:
            done = subprocess.run(load, stdin=rows.stdout, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        self._run("-c", COLLECT)
        for node in range(1, NODES + WORKERS):
            shutil.copytree(self.folder / "data-0", self.folder / f"data-{node}")
        return json.loads(self._run("-m", "tests.machines.world", self.world_name).splitlines()[-1])

    def _nodes(self, stack: ExitStack) -> None:
        gunicorn = ["-m", "gunicorn", "--config", "academy/deploy/gunicorn.conf.py", "academy.wsgi"]
        for number in range(NODES + WORKERS):
            is_node = number < NODES
            process = Process(
                f"{'node' if is_node else 'worker'}-{number}",
                [
                    sys.executable,
                    "-c",
                    STRICT,
                    sys.executable,
                    *(gunicorn if is_node else ["manage.py", "worker", "--pause", "0.5"]),
                ],
                self.environment(number),
                self.folder,
            )
            (self.nodes if is_node else self.workers).append(process)
            stack.callback(process.stop)
            process.start()
        for port in self.ports:
            until(lambda port=port: listens(port), "a node")

    def _nginx(self, stack: ExitStack) -> None:
        tls, plain = free_port(), free_port()
        certificate = self.folder / "tls"
        certificate.mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", f"/CN={HOST}", "-keyout", certificate / "privkey.pem",
             "-out", certificate / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        said = (RECIPE / "nginx.conf").read_text()
        said = re.sub(r"    listen \[::\]:\d+[^\n]*\n", "", said)
        upstream = "".join(f"    server 127.0.0.1:{p} max_fails=1 fail_timeout=5s;\n" for p in self.ports)
        for old, new in {
            "listen 443 ": f"listen 127.0.0.1:{tls} ",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "    server 127.0.0.1:8000 max_fails=1 fail_timeout=5s;\n": upstream,
            "/etc/ssl/academy": str(certificate),
            "/srv/academy/data": str(self.folder / "data-0"),
            "/srv/academy/app": str(ROOT),
            "/var/log/nginx/academy.log": str(self.folder / "access.log"),
            "/var/lib/nginx/academy": str(self.folder / "cache"),
        }.items():
            assert old in said, old
            said = said.replace(old, new)
        (self.folder / "academy.conf").write_text(said)
        kinds = "client_body proxy fastcgi uwsgi scgi".split()
        paths = "".join(f"  {kind}_temp_path {self.folder}/nginx-{kind};\n" for kind in kinds)
        user = "user root;\n" if os.getuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user}daemon off;\nworker_processes 2;\npid {self.folder}/nginx.pid;\n"
            f"error_log {self.folder}/nginx-error.log;\nevents {{ worker_connections 256; }}\n"
            f"http {{\n  include /etc/nginx/mime.types;\n{paths}  include {self.folder}/academy.conf;\n}}\n"
        )
        command = ["nginx", "-c", str(self.folder / "nginx.conf")]
        test = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert test.returncode == 0 and "[warn]" not in test.stderr, test.stderr
        stack.enter_context(programs.running(command, self.folder / "nginx.log"))
        until(lambda: listens(tls), "nginx")
        self.line.tls, self.plain = tls, plain


@contextmanager
def many_machines(folder: Path, world: str = "journeys"):
    """Give the running cluster with this world of tests.machines.world. What its processes wrote is shown
    when the block fails.
    """
    cluster = Cluster(folder, world)
    with ExitStack() as stack:
        try:
            cluster.put_up(stack)
            yield cluster
        except BaseException:
            for path in sorted(folder.glob("*.log")):
                print(f"== {path.name}\n{path.read_text(errors='replace')[-3000:]}")
            raise
