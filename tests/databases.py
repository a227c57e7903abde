"""Where tests work: one database for each worker, copied from a template that is built once.

Migrating takes long (Wagtail has many migrations) and furnishing longer, so each is done once and kept in
`.cache/tests/`, named by what it was made from. Before a test, the worker's database is brought back to the
template it wants, when something else stands in it: a test that commits leaves the copy used, and the next
one gets a fresh copy.

Three templates: `plain` (migrations only), and two that grow from it: `site` (the smallest site and the
rights of the team, tests/site.py) and `demo` (`furnish --demo`, dated around today). `python -m
tests.databases plain site demo` builds those that are missing.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# As given from outside: a database beside which this role may create others. Workers inherit a variable
# already changed.
SERVER = os.environ.setdefault("TEST_DATABASE_URL", os.environ.get("DATABASE_URL", ""))
KEPT = ROOT / ".cache" / "tests" / ("postgres" if SERVER else "sqlite")
PLAIN, SITE, DEMO = TEMPLATES = ("plain", "site", "demo")
FILES = ("media", "private")  # folders beside a database
# Checkouts share a server, and each keeps the files of its templates to itself.
CHECKOUT = hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]

_folder = Path(tempfile.mkdtemp(prefix=f"academy-{WORKER}-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_standing: str | None = None  # what the worker's database holds now; None when it was used up


def named(name: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


def own_name() -> str:
    return f"{urlsplit(SERVER).path.strip('/')}_{WORKER}_{os.getpid()}"


def prepare_environment() -> None:
    """Set the settings' variables for this worker and the processes it starts.

    Call before importing Django.
    """
    os.environ |= {
        "TESTING": "1",
        "DEMO": "1",
        "DATA_DIR": str(_folder),
        "DJANGO_SETTINGS_MODULE": "academy.settings",
    }
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # Playwright keeps an event loop in the thread of the tests
    )
    for name in (
        "DEBUG",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "SITE_URL",
        "CACHE_URL",
        "EMAIL_HOST",
        "PROXY_COUNT",
        "PORT",
        "REPLICA_URL",
        "MEDIA_BUCKET",
        "PRIVATE_BUCKET",
    ):
        os.environ.pop(name, None)
    if SERVER:
        os.environ["DATABASE_URL"] = named(own_name())


def mark_used() -> None:
    """Record that a test has committed."""
    global _standing
    _standing = None


def stands(template: str) -> bool:
    """Whether the worker's database holds that template untouched, or what one test has done in it so far."""
    return _standing == template


def bring(template: str) -> None:
    """Reset the worker's database to that template, unless it is already unchanged."""
    global _standing
    if _standing == template:
        return
    source = built(template)
    (_put_on_server if SERVER else _put_in_file)(source)
    for files in FILES:
        if (kept := KEPT / f"{source}.{files}").exists():
            shutil.copytree(kept, _folder / files, dirs_exist_ok=True)
    _standing = template


def drop() -> None:
    """Drop the worker's database; templates stay."""
    if SERVER and _standing_was_made:
        with _administration() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{own_name()}" WITH (FORCE)')


# ---- templates


def fingerprint(template: str) -> str:
    """Changes when the migrations or pins change; for the others also with what is written, the code that
    writes it, and the day.
    """
    digest = hashlib.sha256()
    patterns = ["requirements.txt", "*/migrations/*.py"]
    if template != PLAIN:
        from django.utils import timezone

        patterns += [f"{app}/**/*.py" for app in ("home", "courses", "enrollments")]
        digest.update(timezone.localdate().isoformat().encode())
    if template == SITE:
        patterns += ["tests/site.py"]
    if template == DEMO:
        patterns += [
            "academy/demo/**/*.py",
            "academy/demo/**/*.yaml",
            "academy/management/commands/furnish.py",
        ]
    pages = {"views", "forms", "urls", "admin"}  # packages that write no demonstration data
    sources = {path for pattern in patterns for path in ROOT.glob(pattern) if not pages & set(path.parts)}
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _name(template: str) -> str:
    return f"{template}-{fingerprint(template)}"


def _is_kept(template: str, name: str) -> bool:
    if not SERVER:
        return (KEPT / f"{name}.sqlite3").exists()
    # A server outlives the checkout whose folder held the files.
    return (KEPT / f"{name}.made").exists() and _server_has(name)


def built(template: str) -> str:
    """Return the name of the template, building it first if missing, one worker at a time."""
    KEPT.mkdir(parents=True, exist_ok=True)
    name = _name(template)
    with open(KEPT / f"{template}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_kept(template, name):
            below = None if template == PLAIN else built(PLAIN)
            _forget_older(template)
            (_build_on_server if SERVER else _build_file)(template, name, below)
    return name


def build_ahead(templates: set[str]) -> None:
    """Begin to build what is missing, in a process beside this one; whoever needs a template first waits at
    its lock.
    """
    missing = [
        template
        for template in TEMPLATES
        if template in templates and not _is_kept(template, _name(template))
    ]
    if missing:
        command = [sys.executable, "-m", "tests.databases", *missing]
        atexit.register(
            subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ).terminate
        )


WRITERS = {
    PLAIN: ["migrate", "--verbosity=0"],
    SITE: [
        "shell",
        "--verbosity=0",
        "--command=import tests.site as s, tests.factories as f; s.plant(); s.publish(); f.grant_roles()",
    ],
    DEMO: ["furnish", "--demo"],
}


def _make(template: str, environment: dict[str, str]) -> None:
    """Migrate, or write the rows of the template, in a process of its own."""
    command = WRITERS[template]
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"manage.py {' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )


def _keep_files(folder: Path, name: str) -> None:
    """Keep the files that the rows of a template name."""
    for files in FILES:
        if (folder / files).exists():
            shutil.copytree(folder / files, KEPT / f"{name}.{files}", dirs_exist_ok=True)


def _forget_older(template: str) -> None:
    if SERVER:
        with _administration() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{_kept_on_server(template)}-%"]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    for old in KEPT.glob(f"{template}-*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()


# ---- SQLite: a file


def _build_file(template: str, name: str, below: str | None) -> None:
    with tempfile.TemporaryDirectory(prefix="academy-template-") as folder:
        if below:
            shutil.copyfile(KEPT / f"{below}.sqlite3", f"{folder}/db.sqlite3")
        _make(template, {"DATA_DIR": folder})
        with (
            closing(sqlite3.connect(f"{folder}/db.sqlite3")) as made,
            closing(sqlite3.connect(KEPT / f"{name}.part")) as kept,
        ):
            made.backup(kept)
        _keep_files(Path(folder), name)
        (KEPT / f"{name}.part").rename(KEPT / f"{name}.sqlite3")


def _put_in_file(name: str) -> None:
    """Copy page by page into the open file, so that a server thread using it sees the new rows."""
    with (
        closing(sqlite3.connect(KEPT / f"{name}.sqlite3")) as kept,
        closing(sqlite3.connect(_folder / "db.sqlite3", timeout=20)) as own,
    ):
        kept.backup(own)


# ---- PostgreSQL: a database of the server

_standing_was_made = False


@contextmanager
def _administration():
    import psycopg

    with psycopg.connect(SERVER, autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


def _kept_on_server(name: str) -> str:
    return f"{urlsplit(SERVER).path.strip('/')}_{CHECKOUT}_{name}"


def _server_has(name: str) -> bool:
    with _administration() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_kept_on_server(name)])
        return cursor.fetchone() is not None


def _build_on_server(template: str, name: str, below: str | None) -> None:
    part = _kept_on_server(f"{template}_part")
    with _administration() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{part}" WITH (FORCE)')
        cursor.execute(
            f'CREATE DATABASE "{part}"' + (f' TEMPLATE "{_kept_on_server(below)}"' if below else "")
        )
    with tempfile.TemporaryDirectory(prefix="academy-template-") as folder:
        _make(template, {"DATA_DIR": folder, "DATABASE_URL": named(part)})
        _keep_files(Path(folder), name)
    with _administration() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{_kept_on_server(name)}" WITH (FORCE)')
        cursor.execute(f'ALTER DATABASE "{part}" RENAME TO "{_kept_on_server(name)}"')
    (KEPT / f"{name}.made").touch()


def _put_on_server(name: str) -> None:
    global _standing_was_made
    from django.db import connections

    connections.close_all()
    with _administration() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{own_name()}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{own_name()}" TEMPLATE "{_kept_on_server(name)}"')
    _standing_was_made = True


if __name__ == "__main__":
    import signal

    import django

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that unfinished folders go
    prepare_environment()
    django.setup()
    for asked in sys.argv[1:]:
        built(asked)
