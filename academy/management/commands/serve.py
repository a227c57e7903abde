"""Run the site on this machine: bring everything up to date, print the address, start gunicorn."""

import hashlib
import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from gunicorn.app.base import BaseApplication

from academy.demo.foundations import follow_site_url
from academy.demo.team import PASSWORD
from academy.management.commands.furnish import ROOMS
from home.models import AcademySettings

HOST = "127.0.0.1"
THREADS = 8


def gunicorn_settings(port: int) -> dict:
    """Return the settings of academy/deploy/gunicorn.conf.py, but for one process and eight threads.

    Fastest for SQLite with an in-memory cache (`make bench` measures it).
    """
    told = runpy.run_path(str(settings.BASE_DIR / "academy" / "deploy" / "gunicorn.conf.py"))
    shared = {
        name: value
        for name, value in told.items()
        if name.islower() and not name.startswith("_") and not isinstance(value, ModuleType)
    }
    here = {"bind": [f"{HOST}:{port}"], "workers": 1, "threads": THREADS, "graceful_timeout": 2}
    return shared | here


class Server(BaseApplication):
    """gunicorn in this process, with an application already loaded, so that Django starts only once."""

    def __init__(self, application, port: int):
        self.application, self.port = application, port
        super().__init__()

    def load_config(self):
        for name, value in gunicorn_settings(self.port).items():
            self.cfg.set(name, value)

    def load(self):
        return self.application


class Command(BaseCommand):
    help = (
        "Migrate, furnish the demonstration, collect static files, then serve on this machine (what `make "
        "run` does)."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--prepare-only", action="store_true", help="Bring everything up to date and stop there."
        )

    def handle(self, *, prepare_only, **options):
        if not settings.DEMO:
            raise CommandError(
                "serve opens the demonstration: set DEMO=1. In production run gunicorn academy.wsgi "
                "with the real settings."
            )
        if not prepare_only:
            self.refuse_a_taken_port()
        self.migrate()
        self.furnish()
        self.collect()
        if prepare_only:
            return
        self.tell()
        connection.close()  # the worker is a child process and opens its own
        # In a session of its own: Ctrl-C reaches only this process, which then stops it.
        command = [sys.executable, "manage.py", "worker", "--with-parent"]
        clockwork = subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603
        ours = os.getpid()
        try:
            Server(get_wsgi_application(), settings.PORT).run()
        finally:
            if os.getpid() == ours:  # also stops the worker on exit
                clockwork.terminate()

    def refuse_a_taken_port(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, settings.PORT))
            except OSError:
                raise CommandError(
                    f"Port {settings.PORT} is taken (perhaps by another `make run`): "
                    f"PORT={settings.PORT + 1} make run uses the next one."
                ) from None

    def migrate(self):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database")
            call_command("migrate", verbosity=0, interactive=False)

    def furnish(self):
        """Load the data once, and again when the demo's own files change. The stamp is written last."""
        folder = settings.BASE_DIR / "academy"
        sources = sorted(
            [
                *(folder / "demo").rglob("*.py"),
                *(folder / "demo").rglob("*.yaml"),
                *(folder / "management").rglob("furnish.py"),
            ]
        )
        mark = digest_of(path.read_bytes() for path in sources)
        stamp = settings.DATA_DIR / "furnished.stamp"
        if (
            stamp.exists()
            and stamp.read_text() == mark
            and AcademySettings.objects.filter(is_demo=True).exists()
        ):
            follow_site_url()  # another PORT than last time
            return
        call_command("furnish", demo=True, stdout=self.stdout)
        stamp.write_text(mark)

    def collect(self):
        """Collect static files if any was added or changed."""
        files = (
            f"{path}|{found.st_size}|{found.st_mtime_ns}".encode()
            for finder in get_finders()
            for path, storage in finder.list([])
            for found in [Path(storage.path(path)).stat()]
        )
        mark = digest_of(sorted(files))
        stamp = settings.DATA_DIR / "static.stamp"
        if stamp.exists() and stamp.read_text() == mark and settings.STATIC_ROOT.exists():
            return
        self.stdout.write("Collecting static files")
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(mark)

    def tell(self):
        lines = ["", f"The academy is open: {settings.SITE_URL}/   (Ctrl-C closes it)", ""]
        lines += [f"  {address:<24} {who:<28} {room}" for address, (who, room) in ROOMS.items()]
        lines += [
            "",
            f"  Everybody's password: {PASSWORD}   The letters it sends: {settings.SITE_URL}/mailbox/",
            "",
        ]
        self.stdout.write("\n".join(lines))


def digest_of(pieces) -> str:
    """Return one hash of all these bytes, in this order."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
