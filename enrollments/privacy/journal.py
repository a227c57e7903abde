"""The journal for managers: exports, changed phones, failed sign-ins, roles, guardians, certificates; newest
first.

Reads what others write; it stores nothing and holds no name (academy/docs/privacy.md).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, CharField, F, Model, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrollments.models import AccountEvent, CertificateEvent, GuardianEvent, ReadRecord, RoleEvent

What = AccountEvent.What
COLUMNS = ("source", "number", "word", "user", "child", "author", "moment")


@dataclass(frozen=True)
class EntryKind:
    """One kind of entry: its label, and the rows of each table that belong to it."""

    words: Promise
    events: tuple[str, ...] = ()
    records: str = ""  # of ReadRecord, by what was read
    table: type[Model] | None = None  # a table that belongs to it whole


KINDS = {
    "exports": EntryKind(_("Exports"), events=(What.COPY, What.WORK_COPY), records=ReadRecord.What.EXPORT),
    "phones": EntryKind(_("Changed phones"), events=(What.PHONE, What.CHILD_PHONE)),
    "signing_in": EntryKind(_("Signing in"), events=(What.LOGIN_FAILED, What.SHUT_OUT, What.NEW_DEVICE)),
    "projects": EntryKind(_("Deleted projects"), events=(What.WORK_DELETED,)),
    "photos": EntryKind(
        _("Removed pictures"), events=(What.PHOTO_HIDDEN, What.PHOTO_SHOWN, What.PHOTO_DELETED)
    ),
    "prints": EntryKind(_("3D prints"), events=(What.PRINT_BACK,)),
    "showcase": EntryKind(_("Showcase"), events=(What.STORY_SHOWN, What.STORY_HIDDEN, What.STORY_ENDED)),
    "roles": EntryKind(_("Roles"), table=RoleEvent),
    "guardians": EntryKind(_("Guardians"), table=GuardianEvent),
    "certificates": EntryKind(_("Certificates"), table=CertificateEvent),
}
WORDS: dict[str, dict[Any, Any]] = {
    "AccountEvent": dict(What.choices),
    "ReadRecord": {ReadRecord.What.EXPORT: _("list exported by the team")},
    "RoleEvent": {"given": _("role given"), "taken": _("role removed")},
    "GuardianEvent": dict(GuardianEvent.What.choices),
    "CertificateEvent": dict(CertificateEvent.What.choices),
}


@dataclass(frozen=True)
class JournalEntry:
    """One line: what, whose account and which child it was about, who did it, when. Numbers, no names."""

    what: str
    user: int | None
    child: int | None
    by: int | None
    at: datetime


def rows(kind: str = "", day: date | None = None) -> QuerySet[Any, Any]:
    """Return the rows of a kind (empty: all) on a day, newest first; `entry` reads one."""
    chosen = [KINDS[kind]] if kind else list(KINDS.values())
    parts = []
    if events := [what for one in chosen for what in one.events]:
        parts.append(_columns(AccountEvent.objects.filter(what__in=events), day))
    if records := [one.records for one in chosen if one.records]:
        parts.append(_columns(ReadRecord.objects.filter(what__in=records), day, user=None))
    for one in chosen:
        if one.table is RoleEvent:
            parts.append(_columns(RoleEvent.objects.all(), day, child=None))
        elif one.table is GuardianEvent:
            parts.append(_columns(GuardianEvent.objects.all(), day, user="guardian_ref"))
        elif one.table is CertificateEvent:
            parts.append(_columns(CertificateEvent.objects.all(), day, user=None))
    first, *more = parts
    return (
        first.union(*more, all=True).order_by("-moment", "-number")
        if more
        else first.order_by("-moment", "-number")
    )


def entry(row: dict[str, Any]) -> JournalEntry:
    """Read one row."""
    words = str(WORDS[row["source"]][row["word"]])
    return JournalEntry(words, row["user"], row["child"], row["author"], row["moment"])


def _columns(
    rows: QuerySet[Any, Any],
    day: date | None,
    *,
    user: str | None = "user_ref",
    child: str | None = "child_ref",
) -> QuerySet[Any, Any]:
    """Return the columns every table answers with, on that day of Morocco."""
    if day is not None:
        start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
        end = timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))
        rows = rows.filter(at__gte=start, at__lt=end)
    nothing = Cast(Value(None), BigIntegerField())
    told = rows.order_by().annotate(
        source=Value(rows.model.__name__, output_field=CharField()),
        number=F("pk"),
        word=Cast("what", CharField()),
        user=Cast(user, BigIntegerField()) if user else nothing,
        child=Cast(child, BigIntegerField()) if child else nothing,
        author=Cast("by_ref", BigIntegerField()),
        moment=F("at"),
    )
    columns: QuerySet[Any, Any] = told.values(*COLUMNS)
    return columns
