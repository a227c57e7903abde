"""One-day pick-up passes: a guardian with full rights authorises one adult to collect the child once.

Sole writer of PickupPass.

The link shows that adult's name and the day, but no child, place or time, so that a finder learns nothing
(domain §7).
"""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from courses.models import Meeting
from enrollments.classes import dismissal
from enrollments.families import pickup
from enrollments.letters import outbox
from enrollments.letters.tokens import hash_of
from enrollments.models import Child, PickupPass, Presence
from enrollments.models.attendance import classes_of
from home.account import User
from home.refusals import CodedRefusal

AHEAD = timedelta(days=14)
MOST = 3  # usable passes of one child


class Reason(StrEnum):
    DAY = "day"
    MANY = "many"
    TWICE = "twice"  # the same adult and day
    VOID = "void"  # a name that may not collect: said without saying so
    GONE = "gone"  # used, ended or of another day


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


@transaction.atomic
def give(child: Child, *, name: str, on: date, by: User, at: datetime) -> tuple[PickupPass, str]:
    """Return a pass and its link's token, shown once; notify every guardian with full rights.

    Raises Refused: DAY, if the child has no class that day; pickup.ArrangedByPhone.
    """
    Child.objects.select_for_update().get(pk=child.pk)
    pickup.check_may_arrange(by, child)
    today = timezone.localdate(at)
    if on not in class_days(child, at):
        raise Refused(Reason.DAY)
    if open_passes(child, today).count() >= MOST:
        raise Refused(Reason.MANY)
    if pickup.barred_from(child, name):
        raise Refused(Reason.VOID)
    if open_passes(child, today).filter(on=on, name__iexact=name).exists():
        raise Refused(Reason.TWICE)
    token = secrets.token_urlsafe(18)
    row = PickupPass.objects.create(
        child=child, name=name, on=on, token_hash=hash_of(token), issued_by=by, issued_at=at
    )
    outbox.tell_full_guardians("pass_given", child=child, at=at, name=name, on=on, by=by.get_short_name())
    return row, token


def class_days(child: Child, at: datetime) -> list[date]:
    """Return the days of the next two weeks on which the child has a class that has not ended."""
    last = timezone.localdate(at) + AHEAD
    days = _held(child.pk).filter(ends_at__gt=at, on__lte=last).order_by("on").values_list("on", flat=True)
    return list(days.distinct())


def _held(child_id: int) -> QuerySet[Meeting]:
    return Meeting.objects.filter(
        classes_of([child_id]),
        cancelled_at=None,
        session__cancelled_at=None,
        session__published_at__isnull=False,
    )


def open_passes(child: Child, today: date) -> QuerySet[PickupPass]:
    """Return a child's usable passes from that day on."""
    return PickupPass.objects.filter(child=child, on__gte=today, revoked_at=None, used_at=None).order_by(
        "on", "pk"
    )


def valid_on(child: Child, today: date) -> list[PickupPass]:
    """Return the passes valid on that day; a name barred since makes its pass void."""
    return [
        row for row in open_passes(child, today).filter(on=today) if not pickup.barred_from(child, row.name)
    ]


def children_with_one(children: Iterable[Child], today: date) -> set[int]:
    """Return which of these children somebody may collect today with a pass."""
    rows = PickupPass.objects.filter(child__in=list(children), on=today, revoked_at=None, used_at=None)
    return {
        row.child_id for row in rows.select_related("child") if not pickup.barred_from(row.child, row.name)
    }


def is_open(row: PickupPass, today: date) -> bool:
    """Return whether this pass can still be used, today or on its day."""
    return row in open_passes(row.child, today) and not pickup.barred_from(row.child, row.name)


def find(token: str) -> PickupPass | None:
    return PickupPass.objects.filter(token_hash=hash_of(token)).first()


def end_without_class(children: Iterable[int], day: date, *, at: datetime) -> dict[int, list[str]]:
    """End the open passes for a day on which these children have no class any more; return the names on them,
    by child.
    """
    rows = PickupPass.objects.filter(child__in=list(children), on=day, revoked_at=None, used_at=None)
    ended: dict[int, list[str]] = {}
    for row in rows.select_for_update().order_by("pk"):
        if not _held(row.child_id).filter(on=day).exists():
            PickupPass.objects.filter(pk=row.pk).update(revoked_at=at)
            ended.setdefault(row.child_id, []).append(row.name)
    return ended


def end_with_seat(sender: object, *, child_id: int, at: datetime, **_more: Any) -> None:
    """End the passes, for days without a class, of a child that has left a seat (seat_log.seat_ended)."""
    days = PickupPass.objects.filter(child=child_id, revoked_at=None, used_at=None)
    for day in set(days.filter(on__gte=timezone.localdate(at)).values_list("on", flat=True)):
        end_without_class([child_id], day, at=at)


@transaction.atomic
def revoke(row: PickupPass, *, by: User, at: datetime) -> bool:
    """Cancel an unused pass; False if it has already ended. Raises pickup.ArrangedByPhone."""
    child = Child.objects.select_for_update().get(pk=row.child_id)
    pickup.check_may_arrange(by, child)
    return bool(PickupPass.objects.filter(pk=row.pk, revoked_at=None, used_at=None).update(revoked_at=at))


@transaction.atomic
def hand_over(row: PickupPass, meeting: Meeting, *, key: UUID, by: User, at: datetime) -> Presence:
    """Record that the child left with the adult of the pass, use the pass up and notify the full guardians.
    Raise Refused(GONE), or register.Refused(BARRED) for a name barred in the meantime.
    """
    row = PickupPass.objects.select_for_update().select_related("child").get(pk=row.pk)
    if row.on != timezone.localdate(at) or row not in open_passes(row.child, row.on):
        raise Refused(Reason.GONE)
    presence = dismissal.send_home(meeting, row.child_id, home="pass", name=row.name, key=key, by=by, at=at)
    PickupPass.objects.filter(pk=row.pk).update(used_at=at, used_by_ref=by.pk)
    outbox.tell_full_guardians("pass_used", child=row.child, at=at, name=row.name, used_at=at)
    return presence
