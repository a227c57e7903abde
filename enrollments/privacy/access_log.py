"""Who looked at what of a child. The only writer of ReadRecord; rows are added, never changed (trust 33)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser as User
from django.db.models import Q

from enrollments.models import Child, Guardianship, ReadRecord
from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER, roles_of

ONE_LOOK = timedelta(minutes=15)  # the same page opened again within it is the same look


@dataclass(frozen=True)
class Look:
    """One line for a guardian: what was looked at, by whom in words, why, when (UTC)."""

    what: str
    by: str
    reason: str
    at: datetime


def record_read(
    what: str, *, children: Iterable[Child | int], by: User, at: datetime, reason: str = ""
) -> None:
    """Keep that somebody of the team looked; a guardian's look at one's own child is no record.

    The same look within a quarter of an hour is written once; a look with a reason is always written.
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
    """The latest looks at a child's data, as a full guardian may read them: role and first name of the team's
    member.
    """
    files = Child.objects.filter(Q(pk=child.pk) | Q(merged_into=child)).values(
        "pk"
    )  # looks at a file merged into this one count
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
