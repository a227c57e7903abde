"""Emails people ask for: the evening before a class, the week on Sunday; and the team's morning email."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from courses.models import Meeting, Session
from enrollments.letters import outbox
from enrollments.letters.preferences import OPTIONAL, token_for
from enrollments.models import (
    Child,
    ClassNote,
    Guardianship,
    Letter,
    LetterWish,
    PlaceCheck,
    Presence,
)
from enrollments.models.attendance import attendees
from enrollments.permissions import MANAGER
from enrollments.places import offers
from home.cms import schedule

SUNDAY = 6
SOON = timedelta(days=7)


@dataclass(frozen=True)
class DigestClass:
    """One class of one child, as the letter says it."""

    child: Child
    meeting: Meeting


def classes_of(users: Iterable[int], first: date, last: date) -> dict[int, list[DigestClass]]:
    """Return each guardian's classes of seated children on these days, make-up classes included, without
    cancelled ones, in order. Four queries.
    """
    ties: dict[int, list[int]] = {}
    for tie in Guardianship.objects.filter(guardian__in=list(users)):
        ties.setdefault(tie.child_id, []).append(tie.guardian_id)
    meetings = Meeting.objects.filter(
        on__gte=first,
        on__lte=last,
        cancelled_at=None,
        session__cancelled_at=None,
        session__published_at__isnull=False,
    )
    ordered = list(
        meetings.select_related("session__course", "room__venue", "lesson").order_by("starts_at", "pk")
    )
    here = attendees(ordered) if ties else {}
    found: dict[int, list[DigestClass]] = {}
    for meeting in ordered:
        for attendee in here.get(meeting.pk, ()):
            for user in ties.get(attendee.child.pk, ()):
                found.setdefault(user, []).append(DigestClass(attendee.child, meeting))
    return found


@dataclass(frozen=True)
class Done:
    """A class of the past week: child, class, mark and the instructor's note."""

    child: Child
    meeting: Meeting
    presence: Presence
    note: ClassNote | None


def done_of(users: Iterable[int], first: date, last: date) -> dict[int, list[Done]]:
    """Return each guardian's marked classes on these days, in order. Three queries."""
    ties: dict[int, list[int]] = {}
    for tie in Guardianship.objects.filter(guardian__in=list(users)):
        ties.setdefault(tie.child_id, []).append(tie.guardian_id)
    rows = Presence.objects.filter(child__in=ties, meeting__on__gte=first, meeting__on__lte=last).exclude(
        mark=""
    )
    rows = rows.select_related("child", "meeting__session__course", "meeting__lesson").order_by(
        "meeting__starts_at", "pk"
    )
    words = ClassNote.objects.filter(child__in=ties, meeting__on__gte=first, meeting__on__lte=last)
    notes = {(note.child_id, note.meeting_id): note for note in words}
    found: dict[int, list[Done]] = {}
    for row in rows:
        for user in ties[row.child_id]:
            found.setdefault(user, []).append(
                Done(row.child, row.meeting, row, notes.get((row.child_id, row.meeting_id)))
            )
    return found


def send_tomorrow(at: datetime) -> int:
    """Write one email per guardian who opted in and has a child in a class tomorrow; once an evening, however
    often it runs.
    """
    today = timezone.localdate(at)
    return _send("tomorrow", today, today + timedelta(days=1), today + timedelta(days=1), at)


def send_weekly(at: datetime) -> int:
    """Write the Sunday email: what was done this week, absences included, and the next seven days."""
    today = timezone.localdate(at)
    if today.weekday() != SUNDAY:
        return 0
    return _send("weekly", today, today + timedelta(days=1), today + timedelta(days=7), at)


def _send(kind: str, today: date, first: date, last: date, at: datetime) -> int:
    field, sent = OPTIONAL[kind], 0
    wishes = (
        LetterWish.objects.filter(**{field: True})
        .exclude(**{f"{field}_sent_on": today})
        .select_related("user")
    )
    users = [wish.user_id for wish in wishes]
    classes = classes_of(users, first, last)
    done = done_of(users, today - timedelta(days=6), today) if kind == "weekly" else {}
    for wish in wishes:
        mine, past = classes.get(wish.user_id, []), done.get(wish.user_id, [])
        with transaction.atomic():
            fresh = LetterWish.objects.filter(pk=wish.pk, **{field: True}).exclude(
                **{f"{field}_sent_on": today}
            )
            if not fresh.update(**{f"{field}_sent_on": today}) or not (mine or past):
                continue
            outbox.write(kind, to=wish.user, at=at, classes=mine, done=past, token=token_for(wish.user, kind))
            sent += 1
    return sent


def send_team(at: datetime) -> int:
    """Write the managers' morning report, if it has content: sessions to decide, full sessions, failures."""
    today = timezone.localdate(at)
    held = Session.objects.with_facts().filter(published_at__isnull=False, cancelled_at=None, over_at__gt=at)
    few = held.filter(confirmed_at=None, seats_taken__lt=F("minimum"), first_at__lt=at + SOON).order_by(
        "first_at"
    )
    found: dict[str, Any] = {
        "few": list(few[:20]),
        "full": list(held.filter(waiting_count__gte=3).order_by("-waiting_count")[:20]),
        "calls": offers.call_list(at).count(),
        "failed": Letter.objects.filter(state=Letter.State.FAILED).count(),
        "faults": len(check.faults) if (check := PlaceCheck.objects.first()) else 0,
        "pages": [plan.page.title for plan in schedule.late(at)],
    }
    if not any(found.values()):
        return 0
    sent = 0
    for manager in get_user_model().objects.filter(groups__name=MANAGER, is_active=True).order_by("pk"):
        if not Letter.objects.filter(
            recipient=manager, kind="team_morning", written_at__gt=at - timedelta(hours=20)
        ).exists():
            outbox.write("team_morning", to=manager, at=at, today=today, **found)
            sent += 1
    return sent
