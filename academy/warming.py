"""What gunicorn's first process does before it starts the workers: load what pages need, once for all.

The workers then share that memory, and no visitor waits for a fresh one. The database refuses writes
in the meantime, and nothing that fails here stops a start: the first visitor loads what is missing.
"""

import gc
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections, transaction
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.urls import get_resolver, reverse
from django.utils import translation

from courses.catalogue.course_cards import address
from courses.models import CatalogueIndexPage, CoursePage
from home.cms.closed import open_pages
from home.cms.pages import language_of

logger = logging.getLogger(__name__)
OF_THE_TEAM = ("cms/", "enrollments/desk/", "enrollments/office/", "letters/", "wagtail")
LONGEST = "5s"  # of a query: a start does not wait for a database that is busy


class CannotWarm(Exception):
    """Raised when a page answers with a fault."""


def warm(application: WSGIHandler) -> None:
    """Load addresses, translations, templates and public pages, and leave no connection open behind."""
    told = logging.getLogger("django.request")
    was_silent, told.disabled = told.disabled, True  # visitors and /readyz tell of a database that is away
    try:
        _load_addresses()
        _load_templates()
        _ask_pages(application)
    except Exception as fault:  # noqa: BLE001 - a start never fails because of what only makes it faster
        logger.warning("Started without all pages loaded: %s", type(fault).__name__)
    finally:
        told.disabled = was_silent
        disconnect()
    gc.collect()
    gc.freeze()  # no collection in a worker touches, and so copies, what is shared


def disconnect() -> None:
    """Close this process's connections: two processes must never speak on one."""
    connections.close_all()
    for cache in caches.all(initialized_only=True):
        close = getattr(cache, "disconnect", None)
        if close:
            close()


def _load_addresses() -> None:
    """Load all views, and the translations and addresses of each language."""
    get_resolver().url_patterns  # noqa: B018 - a property that imports the views
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("account_login")


def _load_templates() -> None:
    """Compile what visitors and families read; Django keeps it. The team's templates are as many again, and
    each worker compiles those that it is asked for.
    """
    for folder in cast(list[Path], settings.TEMPLATES[0]["DIRS"]):
        for path in sorted(Path(folder).rglob("*.html")):
            name = path.relative_to(folder).as_posix()
            if name.startswith(OF_THE_TEAM):
                continue
            try:
                get_template(name)
            except TemplateSyntaxError as fault:
                logger.warning("A template cannot be compiled: %s", fault)


def _ask_pages(application: WSGIHandler) -> None:
    """Render what visitors see first, in each language. Not on SQLite: one process serves it, and its mode
    that refuses writes refuses the pages as well.
    """
    if connection.vendor == "sqlite":
        return
    with _reading():
        for path in _addresses():
            try:
                with transaction.atomic():
                    _ask(application, path)
            except CannotWarm as fault:
                logger.info("Not loaded: %s", fault)


def _addresses() -> list[str]:
    """Return the addresses of home pages, catalogues, a course and the forms of accounts."""
    found = ["/readyz"]  # it reads every migration
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found += [f"/{language}/", reverse("account_login"), reverse("account_signup")]
    for kind in (CatalogueIndexPage, CoursePage):
        rows = open_pages(kind.objects.live()).order_by("-pk").values_list("locale_id", "url_path")
        found += {language_of(locale): address(language_of(locale), path) for locale, path in rows}.values()
    return found


@contextmanager
def _reading() -> Iterator[None]:
    """Let the database refuse whatever would be written. Requests begin and end in one connection here:
    Django would drop it, since it is in a transaction.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        with _refusing():
            yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@contextmanager
def _refusing() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST}'")
        yield


def _ask(application: WSGIHandler, path: str) -> None:
    """Ask for a page as the proxy does. With its query the page is not kept for visitors.

    Raises CannotWarm.
    """
    environ: dict[str, Any] = {
        "PATH_INFO": path,
        "QUERY_STRING": "warm=1",
        "HTTP_HOST": settings.SITE_HOST.netloc,
        "HTTP_X_FORWARDED_PROTO": settings.SITE_HOST.scheme,
        "HTTP_ACCEPT_ENCODING": "gzip",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
    }
    setup_testing_defaults(environ)
    statuses: list[str] = []
    answer = cast(Any, application)(environ, lambda status, *_more: statuses.append(status))
    try:
        for _piece in answer:
            pass
    finally:
        answer.close()
    if statuses[0] >= "5":
        raise CannotWarm(f"{path}: {statuses[0]}")
