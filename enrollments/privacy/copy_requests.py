"""Copies of the own data, asked for on a page and made by the scheduled jobs: two gigabytes take longer than
a page may. Sole writer of CopyRequest.

A try counts from its beginning, so that one that ends without a word (no memory left, power cut) counts too.
A build that fails leaves no file, and an older copy stays. It is tried again twice, ten minutes apart; then
the guardian is told that there is no copy.
"""

import logging
import time as stopwatch
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from enrollments.letters import outbox
from enrollments.models import CopyRequest
from enrollments.privacy import build_turn, data_export
from home.account import User

PAUSE, MOST_TRIES = timedelta(minutes=10), 3
LONGEST = 60  # seconds a turn; a copy that has begun is finished
log = logging.getLogger(__name__)


def ask(user: User, *, at: datetime) -> CopyRequest:
    """Ask for a copy; a message says when it is there. While one is asked for, it is returned unchanged.

    Raises data_export.Refused: TOO_MANY.
    """
    data_export.check_turns(user, at)
    request, _is_new = CopyRequest.objects.get_or_create(
        user=user, defaults={"asked_at": at, "next_try_at": at}
    )
    return request


def are_due(at: datetime) -> bool:
    """Return whether there is something for `make_due` to do."""
    return CopyRequest.objects.filter(next_try_at__lte=at).exists()


def make_due(at: datetime) -> int:
    """Make the copies that were asked for, the first asked first; return how many were made. What a closed
    account asked for is forgotten.
    """
    began, made = stopwatch.monotonic(), 0
    due = CopyRequest.objects.filter(next_try_at__lte=at)
    due.filter(user__is_active=False).delete()
    for request in due.select_related("user").order_by("asked_at", "pk"):
        if stopwatch.monotonic() - began > LONGEST:
            break
        made += _made(request, at)
    return made


def _made(request: CopyRequest, at: datetime) -> bool:
    if build_turn.is_taken(request.user):  # another machine's
        return False
    if request.tries >= MOST_TRIES:  # the last one ended without a word
        _give_up(request, at)
        return False
    if not _taken(request, at):
        return False
    try:
        data_export.make(request.user, at=at, done=partial(_forget, request))
    except data_export.Refused as refused:
        if refused.code is data_export.Reason.RUNNING:
            _give_back(request, at + PAUSE)
            return False
        log.warning("copy %s: %s", request, refused.code)
    except Exception:
        log.exception("copy %s", request)
    except BaseException:  # told to stop: no failure of this copy
        _give_back(request, at)
        raise
    else:
        return True
    if request.tries + 1 >= MOST_TRIES:
        _give_up(request, at)
    return False


def _taken(request: CopyRequest, at: datetime) -> bool:
    """Count a try before it begins; False if another process did."""
    rows = CopyRequest.objects.filter(pk=request.pk, tries=request.tries, next_try_at=request.next_try_at)
    return bool(rows.update(tries=F("tries") + 1, next_try_at=at + PAUSE))


def _give_back(request: CopyRequest, next_try_at: datetime) -> None:
    CopyRequest.objects.filter(pk=request.pk, tries=request.tries + 1).update(
        tries=request.tries, next_try_at=next_try_at
    )


def _forget(request: CopyRequest) -> bool:
    """Delete the request while its copy is put in place; False if it is answered already."""
    return bool(CopyRequest.objects.filter(pk=request.pk).delete()[0])


@transaction.atomic
def _give_up(request: CopyRequest, at: datetime) -> None:
    row = CopyRequest.objects.select_for_update().filter(pk=request.pk).select_related("user").first()
    if row is None:  # the account is gone
        return
    if row.user.is_active:
        outbox.write("export_failed", to=row.user, at=at)
    row.delete()
