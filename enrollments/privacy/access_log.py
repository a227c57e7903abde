"""Access log for children's data. Sole writer of ReadRecord; append-only (trust 33)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q

from enrollments.models import Child, Guardianship, ReadRecord
from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER, roles_of
from home.account import User

ONE_LOOK = timedelta(minutes=15)  # opening the same page again within this time is the same access


@dataclass(frozen=True)
class Look:
    """One line of the access log for a guardian: what was viewed, by whom, why, when (UTC)."""

    what: str
    by: str
    reason: str
    at: datetime


def record_read(
    what: str, *, children: Iterable[Child | int], by: User, at: datetime, reason: str = ""
) -> None:
    """Record that a team member viewed a child's data. A guardian's own views are not recorded.

    The same view within a quarter of an hour is written once; a view with a reason is always written.
    """
    refs = {child.pk if isinstance(child, Child) else child for child in children}
    refs -= set(Guardianship.objects.filter(guardian=by, child__in=refs).values_list("child_id", flat=True))
    if not reason:
        again = ReadRecord.objects.filter(what=what, by_ref=by.pk, child_ref__in=refs, at__gt=at - ONE_LOOK)
        refs -= set(again.values_list("child_ref", flat=True))
    role = next((name for name in (MANAGER, FRONT_DESK, INSTRUCTOR, EDITOR) if name in roles_of(by)), "")
    ReadRecord.objects.bulk_create(
        ReadRecord(what=what, child_ref=ref, by_ref=by.pk, role=role, reason=reason, at=at)
        for ref in sorted(refs)
    )


def looks_at(child: Child, most: int = 100) -> list[Look]:
    """Return the latest accesses to a child's data, as shown to guardians with full rights: role and first
    name.
    """
    files = Child.objects.filter(Q(pk=child.pk) | Q(merged_into=child)).values(
        "pk"
    )  # accesses to a file merged into this one count
    rows = list(ReadRecord.objects.filter(child_ref__in=files)[:most])
    people = get_user_model().objects.in_bulk({row.by_ref for row in rows})
    found = []
    for row in rows:
        person = people.get(row.by_ref)
        found.append(
            Look(
                row.get_what_display(),
                person.get_short_name() if person else "",
                row.get_reason_display(),
                row.at,
            )
        )
    return found
