"""The attendance register of a class. Sole writer of Presence and PresenceChange.

Marks use optimistic locking: a mark made on an older version raises Conflict with the current row. Each tap
has an idempotency key, so it can be resent safely.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.db.models import F

from courses.models import Meeting
from enrollments.classes import makeups
from enrollments.classes.diary import diary_of, mark_closed
from enrollments.classes.roster import lines
from enrollments.letters import outbox
from enrollments.models import (
    Child,
    ClassDiary,
    Guardianship,
    Presence,
    PresenceChange,
)
from enrollments.models.attendance import children_in
from enrollments.permissions import MANAGER, has_role
from home.account import User
from home.language.dates import one_line
from home.refusals import CodedRefusal, Refusal

Mark = Presence.Mark
OPENS_BEFORE = timedelta(hours=2)
EDITABLE_FOR = timedelta(hours=48)  # after the class; later only a manager, with a reason
HELD = timedelta(minutes=5)  # an absence message waits this long for a correction
TAKE_BACK = timedelta(minutes=10)  # an answer about missing children can be undone


class Reason(StrEnum):
    NOT_EXPECTED = "not_expected"
    NOT_OPEN = "not_open"
    PAST = "past"  # only a manager still writes
    REASON = "reason"  # a late change without one
    UNMARKED = "unmarked"  # a child without a mark
    MARK = "mark"  # no such mark
    MINUTES = "minutes"  # fewer than one, or more than the class lasts
    OTHER_TAP = "other_tap"  # the idempotency key belongs to another child or class
    NOT_HERE = "not_here"
    GONE = "gone"  # the child has gone home
    NOT_ALLOWED = "not_allowed"  # nobody the child may go with
    BARRED = "barred"
    OVER = "over"


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


class Conflict(Refusal):
    """Raised if somebody else changed the row in the meantime; `presence` is the current one."""

    def __init__(self, presence: Presence):
        super().__init__(presence.pk)
        self.presence = presence


def may_mark(meeting: Meeting, at: datetime) -> bool:
    """Return whether an instructor may write marks now."""
    return (
        meeting.cancelled_at is None
        and meeting.starts_at - OPENS_BEFORE <= at <= meeting.ends_at + EDITABLE_FOR
    )


@transaction.atomic
def mark(
    meeting: Meeting,
    child_id: int,
    *,
    mark: str,
    seen: int,
    key: UUID,
    by: User,
    at: datetime,
    minutes: int | None = None,
    remark: str | None = None,
    reason: str = "",
    may_correct: bool = False,
) -> Presence:
    """Record one mark, or remove it with "", and return the stored state; minutes not given are counted from
    the clock while the class is on, and stay unknown after it. `seen` is the version the mark was made on.

    Raise Conflict, or Refused: NOT_EXPECTED, MARK, MINUTES, NOT_OPEN before the class, PAST after 48 hours,
    then REASON of a manager (`may_correct`) who gives none, OTHER_TAP.
    """
    if done := done_before(key, meeting, child_id):
        return done
    if mark and mark not in Mark.values:
        raise Refused(Reason.MARK)
    _check_hour(meeting, at, reason=reason, may_correct=may_correct)
    presence = locked_row(meeting, child_id)
    if done_before(key, meeting, child_id):
        return presence
    minutes = _minutes(meeting, mark, minutes, at)
    remark = presence.remark if remark is None else one_line(remark, 200)
    if seen != presence.version:
        if (presence.mark, presence.remark) == (mark, remark):
            return presence
        raise Conflict(presence)
    if presence.went_home and mark not in Presence.CAME:
        raise Refused(Reason.GONE)
    was = presence.mark
    was_away = was in makeups.AWAY or (was == "" and presence.announced == Presence.Announced.ABSENT)
    presence.mark, presence.minutes, presence.remark = mark, minutes, remark
    presence.marked_at, presence.marked_by_ref = at, by.pk
    write_change(presence, key=key, by=by, at=at, reason=reason)
    _correct_letters(presence, was, at)
    if was_away and mark not in makeups.AWAY:
        makeups.end_unjustified([child_id], at=at)
    return presence


@transaction.atomic
def all_present(meeting: Meeting, *, key: UUID, by: User, at: datetime, **more: Any) -> list[Presence]:
    """Mark every expected child without a mark as present, announced absences as excused. Idempotent.

    A child whose family announced that it comes late keeps no mark until it is seen.
    """
    written = []
    for line in lines(meeting):
        if line.presence.mark == "" and line.presence.announced != Presence.Announced.LATE:
            there = Mark.PRESENT if line.is_expected else Mark.EXCUSED
            one = tap_key(key, line.child.pk)
            written.append(
                mark(
                    meeting,
                    line.child.pk,
                    mark=there,
                    seen=line.presence.version,
                    key=one,
                    by=by,
                    at=at,
                    **more,
                )
            )
    return written


def tap_key(key: UUID, child_id: int) -> UUID:
    """Return the idempotency key of one child's tap in a form that carries one key for all."""
    return uuid5(key, str(child_id))


@transaction.atomic
def close(meeting: Meeting, *, by: User, at: datetime) -> ClassDiary:
    """The register is complete: families of absent children who had said nothing are written to.

    Raises Refused: UNMARKED, NOT_OPEN.

    Once closed, closing again changes nothing.
    """
    diary = diary_of(meeting, lock=True)
    if diary.closed_at:
        return diary
    if at < meeting.starts_at:
        raise Refused(Reason.NOT_OPEN)
    rows = lines(meeting)
    if any(line.presence.mark == "" for line in rows):
        raise Refused(Reason.UNMARKED)
    mark_closed(diary, by=by, at=at)
    for line in rows:
        if line.presence.mark == Mark.ABSENT and line.is_expected:
            _tell_absence(line.presence, at)
    return diary


# ---- announced, unaccounted for


@transaction.atomic
def announce(child: Child, meeting: Meeting, *, what: str, by: User, at: datetime) -> Presence:
    """A guardian says "absent", "late", or "" (comes after all).

    Raises Refused: OVER once the class has ended, NOT_EXPECTED, MARK.
    """
    if what and what not in Presence.Announced.values:
        raise Refused(Reason.MARK)
    if meeting.cancelled_at or at >= meeting.ends_at:
        raise Refused(Reason.OVER)
    presence = locked_row(meeting, child.pk)
    was = presence.announced
    presence.announced, presence.announced_at, presence.announced_by_ref = what, at, by.pk
    presence.save(update_fields=["announced", "announced_at", "announced_by_ref"])
    if was == Presence.Announced.ABSENT != what:
        makeups.end_unjustified([child.pk], at=at)
    return presence


def start_over(meeting: Meeting) -> dict[int, str]:
    """Forget what was said and marked for a class that gets another day: announcements, early marks, calls.
    Return what families had announced, by child.
    """
    rows = Presence.objects.select_for_update().filter(meeting=meeting)
    said = dict(rows.exclude(announced="").values_list("child_id", "announced"))
    rows.update(
        announced="",
        announced_at=None,
        announced_by_ref=None,
        mark="",
        minutes=None,
        marked_at=None,
        marked_by_ref=None,
        spoken_at=None,
        spoken_by_ref=None,
        spoken_with="",
        version=F("version") + 1,
    )
    return said


@transaction.atomic
def spoken_about_all(
    meeting: Meeting, children: Iterable[int], *, by: User, at: datetime, said_by: str
) -> int:
    """Record that these children have been accounted for in one answer, and return how many.

    Children who are not in the class are left out.
    """
    here = children_in(meeting).filter(pk__in=list(children)).order_by("pk").values_list("pk", flat=True)
    return sum(spoken(meeting, child, by=by, at=at, said_by=said_by).spoken_at == at for child in here)


@transaction.atomic
def spoken(
    meeting: Meeting, child_id: int, *, by: User, at: datetime, said_by: str = Presence.SpokenWith.ADULT
) -> Presence:
    """Record that staff talked with an adult: the child is accounted for. Raises Refused(NOT_OPEN) before the
    class has begun.
    """
    if at < meeting.starts_at:
        raise Refused(Reason.NOT_OPEN)
    presence = locked_row(meeting, child_id)
    if presence.spoken_at is None:
        _answer(presence, said_by, by=by, at=at, spoken_at=at)
    return presence


@transaction.atomic
def take_back(meeting: Meeting, *, said_at: datetime, by: User, at: datetime) -> int:
    """Undo the answer given at that moment, so that its children are missing again; return how many.
    Raises Refused(OVER) after ten minutes.
    """
    if not timedelta() <= at - said_at <= TAKE_BACK:
        raise Refused(Reason.OVER)
    rows = Presence.objects.select_for_update().filter(meeting=meeting, spoken_at=said_at)
    for row in (found := list(rows.order_by("child"))):  # as every answer locks them
        _answer(row, "", by=by, at=at, spoken_at=None)
    return len(found)


def _answer(row: Presence, said_by: str, *, by: User, at: datetime, spoken_at: datetime | None) -> None:
    row.spoken_at, row.spoken_by_ref, row.spoken_with = spoken_at, by.pk if spoken_at else None, said_by
    row.save(update_fields=["spoken_at", "spoken_by_ref", "spoken_with"])
    _record(row, key=uuid4(), by=by, at=at, answer=said_by or PresenceChange.Answer.TAKEN_BACK)


# ---- merging files


def hand_over(*, from_child: Child, to_child: Child) -> None:
    """Move one child's rows to the other when merging; if both have one, a mark wins over none."""
    both = Presence.objects.filter(child=to_child, meeting__presences__child=from_child)
    for row in both.filter(mark=""):
        row.delete()
    Presence.objects.filter(
        child=from_child, meeting__in=Presence.objects.filter(child=to_child).values("meeting")
    ).delete()
    Presence.objects.filter(child=from_child).update(child=to_child)


# ---- internal


def check_open(meeting: Meeting, *, by: User, at: datetime) -> None:
    """Raise Refused(PAST) for anybody but a manager once a class is long over: what it says stays."""
    if at > meeting.ends_at + EDITABLE_FOR and not has_role(by, MANAGER):
        raise Refused(Reason.PAST)


def _check_hour(meeting: Meeting, at: datetime, *, reason: str, may_correct: bool) -> None:
    if meeting.cancelled_at or at < meeting.starts_at - OPENS_BEFORE:
        raise Refused(Reason.NOT_OPEN)
    if at > meeting.ends_at + EDITABLE_FOR:
        if not may_correct:
            raise Refused(Reason.PAST)
        if not reason.strip():
            raise Refused(Reason.REASON)


def locked_row(meeting: Meeting, child_id: int) -> Presence:
    """Lock the child's row of this class, only if the child has a seat or already has a row."""
    rows = Presence.objects.select_for_update(of=("self",)).select_related("child")
    if presence := rows.filter(meeting=meeting, child=child_id).first():
        return presence
    if not children_in(meeting).filter(pk=child_id).exists():
        raise Refused(Reason.NOT_EXPECTED)
    Presence.objects.get_or_create(meeting=meeting, child_id=child_id)
    return rows.get(meeting=meeting, child=child_id)


def done_before(key: UUID, meeting: Meeting, child_id: int) -> Presence | None:
    """Return the child's row if this idempotency key has already been applied to it.

    Checked before taking the lock and again while holding it. Raises Refused(OTHER_TAP) for a key that was
    used for another child or class.
    """
    change = PresenceChange.objects.filter(key=key).first()
    if change is None:
        return None
    if (change.meeting_ref, change.child_ref) != (meeting.pk, child_id):
        raise Refused(Reason.OTHER_TAP)
    return Presence.objects.filter(meeting=meeting, child=child_id).select_related("child").first()


def _minutes(meeting: Meeting, mark: str, minutes: int | None, at: datetime) -> int | None:
    """Return the minutes given, or computed while the class is on: late since the start, left before the end.

    None for other marks, and where nobody can know them any more. Raises Refused(MINUTES).
    """
    if mark not in {Mark.LATE, Mark.LEFT}:
        return None
    longest = int((meeting.ends_at - meeting.starts_at).total_seconds() // 60)
    if minutes is not None:
        if not 1 <= minutes <= longest:
            raise Refused(Reason.MINUTES)
        return minutes
    if at > meeting.ends_at:
        return None
    gap = at - meeting.starts_at if mark == Mark.LATE else meeting.ends_at - at
    return min(max(math.ceil(gap.total_seconds() / 60), 1), longest)


def write_change(presence: Presence, *, key: UUID, by: User, at: datetime, reason: str = "") -> None:
    """Save a changed row with its next version, and record the change under its idempotency key."""
    presence.version += 1
    presence.save()
    _record(presence, key=key, by=by, at=at, reason=reason)


def _record(
    presence: Presence, *, key: UUID, by: User, at: datetime, reason: str = "", answer: str = ""
) -> None:
    PresenceChange.objects.create(
        key=key,
        meeting_ref=presence.meeting_id,
        child_ref=presence.child_id,
        mark=presence.mark,
        minutes=presence.minutes,
        went_home=presence.went_home,
        version=presence.version,
        answer=answer,
        reason=one_line(reason, 200),
        by_ref=by.pk,
        at=at,
    )


def _tell_absence(presence: Presence, at: datetime) -> None:
    words = {"meeting": presence.meeting, "session": presence.meeting.session}
    ties = Guardianship.objects.filter(child=presence.child_id).select_related("guardian").order_by("pk")
    for tie in ties:
        outbox.write("absent", to=tie.guardian, child=presence.child, at=at, hold=HELD, **words)


def _correct_letters(presence: Presence, was: str, at: datetime) -> None:
    """Correct messages after a mark changes in a closed register: withhold an unsent one, or retract a sent
    one.
    """
    if (
        was == presence.mark
        or not ClassDiary.objects.filter(meeting=presence.meeting_id, closed_at__isnull=False).exists()
    ):
        return
    if was == Mark.ABSENT:
        for letter in outbox.call_back("absent", child=presence.child, meeting=presence.meeting):
            words = {"meeting": presence.meeting, "session": presence.meeting.session}
            outbox.write(
                "absent_mistaken", to=cast(User, letter.recipient), child=presence.child, at=at, **words
            )
    elif presence.mark == Mark.ABSENT and presence.announced != Presence.Announced.ABSENT:
        _tell_absence(presence, at)
