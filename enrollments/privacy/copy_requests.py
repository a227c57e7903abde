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
from django.utils import timezone
from django_tasks import task

from enrollments.letters import outbox
from enrollments.models import CopyRequest
from enrollments.privacy import build_turn, data_export
from home import one_shot
from home.account import User

PAUSE, MOST_TRIES = timedelta(minutes=10), 3
LATE = timedelta(hours=2)  # three tries and their pauses, and a few copies before it
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


def are_late(at: datetime) -> bool:
    """Return whether somebody waits for a copy that should have been made, or given up, long ago."""
    return CopyRequest.objects.filter(asked_at__lte=at - LATE, user__is_active=True).exists()


def make_due(at: datetime) -> int:
    """Make the copies that were asked for, or hand them to the queue, the first asked first; return how many
    were made. What a closed account asked for is forgotten. Raises one_shot.NotHandedOut.
    """
    began, made = stopwatch.monotonic(), 0
    due = CopyRequest.objects.filter(next_try_at__lte=at)
    due.filter(user__is_active=False).delete()
    for request in due.select_related("user").order_by("asked_at", "pk"):
        if stopwatch.monotonic() - began > LONGEST:
            break
        made += _begun(request, at)
    return made


def _begun(request: CopyRequest, at: datetime) -> bool:
    """Claim the request and hand it out; return whether its copy is made."""
    if build_turn.is_taken(request.user):  # another machine's
        return False
    if request.tries >= MOST_TRIES:  # the last one ended without a word
        _give_up(request, at)
        return False
    row = CopyRequest.objects.filter(pk=request.pk, tries=request.tries)
    if not one_shot.claim(row.filter(next_try_at=request.next_try_at), next_try_at=at + PAUSE):
        return False
    try:
        return bool(one_shot.hand_out(make, request.pk, request.tries, at.isoformat()))
    except one_shot.NotHandedOut:
        row.filter(next_try_at=at + PAUSE).update(next_try_at=request.next_try_at)
        raise


@task(backend=one_shot.LONG, queue_name="copies")
def make(key: int, tries: int, handed_out_at: str) -> bool:
    """Make the copy of this request, unless another try has begun since it was handed out; return whether it
    is made.
    """
    request = CopyRequest.objects.filter(pk=key, tries=tries).select_related("user").first()
    if request is None or not request.user.is_active or build_turn.is_taken(request.user):
        return False
    return _counted(request) and _made(request, datetime.fromisoformat(handed_out_at))


def _made(request: CopyRequest, at: datetime) -> bool:
    """Make the copy; `at` is when it was handed out."""
    try:
        data_export.make(request.user, at=max(at, timezone.now()), done=partial(_forget, request))
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


def _counted(request: CopyRequest) -> bool:
    """Count a try before it begins; False if another process did."""
    rows = CopyRequest.objects.filter(pk=request.pk, tries=request.tries)
    return bool(rows.update(tries=F("tries") + 1))


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
