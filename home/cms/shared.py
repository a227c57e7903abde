"""What the frame of every page shows alike, kept by each process for VISITOR_CACHE_SECONDS: the site, the
academy's settings, the pages of the menu, and rendered parts (the tag `kept`).

Nothing about a reader may be kept here, nor anything that a decision rests on.
"""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished, post_page_move

Thing = TypeVar("Thing")
MOST = 500  # things of one process
_kept: dict[Hashable, tuple[float, object]] = {}


def shared(key: Hashable, make: Callable[[], Thing]) -> Thing:
    """Return what is kept under that key, made by `make` if there is none young enough.

    Two threads may make it at the same time; the later one stays.
    """
    seconds = settings.VISITOR_CACHE_SECONDS
    if not seconds:
        return make()
    now = time.monotonic()
    until, thing = _kept.get(key, (0.0, None))
    if now < until:
        return thing  # type: ignore[return-value]  # kept under this key by this function
    made = make()
    if len(_kept) >= MOST:
        _kept.clear()
    _kept[key] = (now + seconds, made)
    return made


def forget() -> None:
    """Forget everything in this process; the others do within VISITOR_CACHE_SECONDS."""
    _kept.clear()


@receiver([page_published, page_unpublished, post_page_move], dispatch_uid="the menu may be another one")
@receiver(post_save, sender="home.AcademySettings", dispatch_uid="the academy has other words")
@receiver(post_delete, sender="wagtailcore.Page", dispatch_uid="a page is gone from the menu")
@receiver([post_save, post_delete], sender="wagtailcore.Site", dispatch_uid="a site answers elsewhere")
def _changed(**_what: object) -> None:
    """Show the change on the next page to the editor who made it."""
    transaction.on_commit(forget)
