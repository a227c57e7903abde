"""The diary of a class: notes for the next instructor, missing kit, whether families were told. Sole writer
of ClassDiary.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from courses.models import Meeting
from enrollments.models import ClassDiary
from home.account import User

MOST_SHOWN = 50


def diary_of(meeting: Meeting, lock: bool = False) -> ClassDiary:
    """Return the class's diary, created if there is none."""
    diary, _made = ClassDiary.objects.get_or_create(meeting=meeting)
    return ClassDiary.objects.select_for_update().get(pk=diary.pk) if lock else diary


@transaction.atomic
def write_diary(meeting: Meeting, *, by: User, at: datetime, **words: str) -> ClassDiary:
    """Save `stopped_at`, `handover`, `worked`, `kit_missing`; other words about the kit are news again."""
    diary = diary_of(meeting, lock=True)
    kit = diary.kit_missing
    for name, text in words.items():
        setattr(diary, name, text.strip())
    diary.written_at, diary.written_by_ref = at, by.pk
    if diary.kit_missing != kit:
        diary.kit_said_at, diary.kit_said_by_ref = (at, by.pk) if diary.kit_missing else (None, None)
        diary.kit_righted_at = diary.kit_righted_by_ref = None
    diary.save()
    return diary


def mark_closed(diary: ClassDiary, *, by: User, at: datetime) -> None:
    """Record that the register is complete."""
    diary.closed_at, diary.closed_by_ref = at, by.pk
    diary.save(update_fields=["closed_at", "closed_by_ref"])


def note_told(diary: ClassDiary, at: datetime | None) -> None:
    """Record when the families were notified about the class; None: sending was undone."""
    diary.told_at = at
    diary.save(update_fields=["told_at"])


@dataclass(frozen=True)
class MissingKit:
    """What an instructor reported missing or broken; `by` is empty once that account is gone."""

    diary: ClassDiary
    by: str


def kit_to_put_right() -> list[MissingKit]:
    """Return what is missing or broken and not put right, the newest first. Two queries."""
    rows = list(
        ClassDiary.objects.exclude(kit_missing="")
        .filter(kit_righted_at=None)
        .select_related("meeting__session__course", "meeting__room__venue")
        .order_by("-kit_said_at", "-pk")[:MOST_SHOWN]
    )
    people = get_user_model().objects.in_bulk({row.kit_said_by_ref for row in rows}) if rows else {}
    return [
        MissingKit(row, people[row.kit_said_by_ref].get_full_name() if row.kit_said_by_ref in people else "")
        for row in rows
    ]


def put_kit_right(diary: ClassDiary, words: str, *, by: User, at: datetime) -> bool:
    """Record that the kit is there again; False if somebody did already, or if the report has other `words`
    now.
    """
    seen = words.replace("\0", "")  # PostgreSQL takes no NUL
    rows = ClassDiary.objects.filter(pk=diary.pk, kit_missing=seen, kit_righted_at=None)
    return bool(rows.update(kit_righted_at=at, kit_righted_by_ref=by.pk))
