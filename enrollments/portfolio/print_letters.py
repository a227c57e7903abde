"""What guardians hear of a child's 3D prints.

Whether somebody knows of a print is decided by the messages that name it. Call these with the child locked:
two at once would each miss what the other writes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from enrollments.letters import outbox
from enrollments.models import Child, Guardianship, Letter, PrintJob
from home.account import User

READY, NOT_READY, REFUSED = "print_ready", "print_not_ready", "print_refused"
HOLD = timedelta(minutes=15)  # what becomes ready within it is one message
WAITS = Q(kind=READY, state=Letter.State.QUEUED)


def tell_ready(child: Child, *, at: datetime) -> None:
    """Tell each guardian of every print that is ready and that no message which has left named. A message
    that waits and names others is replaced by one that names them all; one that names these stays.
    """
    guardians = _guardians(child)
    said = _last_said(guardians, ~WAITS)
    ready = list(
        PrintJob.objects.of_children([child])
        .filter(state=PrintJob.State.DONE)
        .with_facts()
        .order_by("ready_at", "pk")
    )
    for guardian in guardians:
        prints = [job for job in ready if said.get((guardian.pk, job.pk)) != READY]
        waiting = list(Letter.objects.filter(WAITS, recipient=guardian, child=child))
        if [letter.print_keys for letter in waiting] == [{job.pk for job in prints}]:
            continue
        outbox.withhold_unsent(letter.pk for letter in waiting)
        if prints:
            outbox.write(READY, to=guardian, child=child, at=at, hold=HOLD, prints=prints)


def tell_not_ready(row: PrintJob, *, at: datetime) -> None:
    """Tell the guardians who may have read that this print is ready that it is not: their message was sent,
    or its time has come. A message that waits no longer names it.
    """
    due = Q(channel=Letter.Channel.EMAIL, written_at__lte=at - HOLD)
    guardians = _guardians(row.child)
    said = _last_said(guardians, ~WAITS | due)
    tell_ready(row.child, at=at)
    for guardian in guardians:
        if said.get((guardian.pk, row.pk)) == READY:
            outbox.write(NOT_READY, to=guardian, child=row.child, at=at, prints=[row])


def tell_refused(row: PrintJob, *, at: datetime) -> None:
    """Tell the guardians who were told that this print was ready, and then that it was not, that it is
    refused. The others see it on the page of the project.
    """
    guardians = _guardians(row.child)
    said = _last_said(guardians, ~WAITS)
    for guardian in guardians:
        if said.get((guardian.pk, row.pk)) == NOT_READY:
            outbox.write(REFUSED, to=guardian, child=row.child, at=at, prints=[row])


def _guardians(child: Child) -> list[User]:
    ties = Guardianship.objects.filter(child=child).select_related("guardian").order_by("pk")
    return [tie.guardian for tie in ties]


def _last_said(guardians: Iterable[User], left: Q) -> dict[tuple[int | None, int], str]:
    """Return the kind of the last message, of those that have left, which names a print, by guardian and
    print.
    """
    letters = Letter.objects.filter(left, recipient__in=list(guardians), kind__in=(READY, NOT_READY, REFUSED))
    said = {}
    for letter in letters.exclude(state=Letter.State.WITHHELD).order_by("pk"):
        for key in letter.print_keys:
            said[letter.recipient_id, key] = letter.kind
    return said
