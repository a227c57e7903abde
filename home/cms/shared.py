"""What public pages show alike, kept by each process for some seconds: the site, the academy's settings, the
pages of the menu, what editors write of a course, and rendered parts (the tag `kept`).

Nothing about a reader may be kept here, nor anything that a decision rests on. A part that is made of others
is kept no longer than they are, and a visitor's page (academy.middleware.VisitorCache) for the rest of
VISITOR_CACHE_SECONDS: nobody sees anything older than that.
"""

import time
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from wagtail.signals import page_published, page_unpublished, post_page_move

Thing = TypeVar("Thing")
SHARE = 0.3  # of VISITOR_CACHE_SECONDS
MOST = 500  # things of one process
_kept: dict[Hashable, tuple[float, object]] = {}
_changes = 0  # what was made before a change is not kept after it
_until: ContextVar[float] = ContextVar("until", default=float("inf"))  # of the part that is being made


def shared(key: Hashable, make: Callable[[], Thing]) -> Thing:
    """Return what is kept under that key, made by `make` if there is none young enough.

    Two threads may make it at the same time; the later one stays.
    """
    hash(key)  # so that a test without a cache finds a key that cannot be one
    seconds = settings.VISITOR_CACHE_SECONDS * SHARE
    if not seconds:
        return make()
    now, change = time.monotonic(), _changes
    until, thing = _kept.get(key, (0.0, None))
    if until <= now:
        outer = _until.set(now + seconds)
        try:
            thing = make()
            until = _until.get()
        finally:
            _until.reset(outer)
        if len(_kept) >= MOST:
            _kept.clear()
        if change == _changes:
            _kept[key] = (until, thing)
    _until.set(min(until, _until.get()))
    return thing  # type: ignore[return-value]  # kept under this key by this function


def host_of(request: HttpRequest | None) -> str:
    """Return the host that was asked, which Django judges again at each question; "" without a request."""
    if request is None:
        return ""
    host: str | None = getattr(request, "_judged_host", None)
    if host is None:
        host = request._judged_host = request.get_host()  # type: ignore[attr-defined]  # ours, on theirs
    return host


def forget() -> None:
    """Forget everything in this process; the others do after their seconds."""
    global _changes
    _changes += 1
    _kept.clear()


@receiver([page_published, page_unpublished, post_page_move], dispatch_uid="the menu may be another one")
@receiver(post_save, sender="home.AcademySettings", dispatch_uid="the academy has other words")
@receiver(post_delete, sender="wagtailcore.Page", dispatch_uid="a page is gone from the menu")
@receiver([post_save, post_delete], sender="wagtailcore.Site", dispatch_uid="a site answers elsewhere")
def _changed(**_what: object) -> None:
    """Let this process show the change at once."""
    transaction.on_commit(forget)
