"""Copies of the own data, asked for on a page and made by the scheduled jobs: two gigabytes take longer than
a page may. Sole writer of CopyRequest.

A build that fails leaves no file, and an older copy stays. It is tried again twice, ten minutes apart; then
the guardian is told that there is no copy.
"""

import logging
import time as stopwatch
from datetime import datetime, timedelta

from django.db import transaction

from enrollments.letters import outbox
from enrollments.models import CopyRequest
from enrollments.privacy import data_export
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


def make_due(at: datetime) -> int:
    """Make the copies that were asked for, the first asked first; return how many were made."""
    began, made = stopwatch.monotonic(), 0
    due = CopyRequest.objects.filter(next_try_at__lte=at, user__is_active=True)
    for request in due.select_related("user").order_by("asked_at", "pk"):
        if stopwatch.monotonic() - began > LONGEST:
            break
        made += _made(request, at)
    return made


def _made(request: CopyRequest, at: datetime) -> bool:
    try:
        data_export.make(request.user, at=at)
    except data_export.Refused as refused:
        if refused.code is data_export.Reason.RUNNING:  # another worker's
            return False
        log.warning("copy %s: %s", request, refused.code)
    except Exception:
        log.exception("copy %s", request)
    else:
        request.delete()
        return True
    _note_failure(request, at)
    return False


@transaction.atomic
def _note_failure(request: CopyRequest, at: datetime) -> None:
    row = CopyRequest.objects.select_for_update().filter(pk=request.pk).select_related("user").first()
    if row is None:  # the account is gone
        return
    if row.tries + 1 >= MOST_TRIES:
        outbox.write("export_failed", to=row.user, at=at)
        row.delete()
    else:
        row.tries, row.next_try_at = row.tries + 1, at + PAUSE
        row.save(update_fields=["tries", "next_try_at"])
