"""Make-up classes: a child may attend each missed class once, in another session. Sole writer of MakeUp.

Guests are only admitted once the host session takes no newcomers (its last day to join is over), so that no
later enrollment can overfill the room. Places of children with an announced absence count as free for that
class.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet

from courses.models import Meeting, Session
from courses.timetable import clashes
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, MakeUp, Presence
from home.account import User
from home.refusals import CodedRefusal

AHEAD = timedelta(days=28)
LATEST = timedelta(hours=2)  # before the host class
MISSED_WITHIN = timedelta(days=28)
AWAY = (Presence.Mark.ABSENT, Presence.Mark.EXCUSED)


class Reason(StrEnum):
    NOT_MISSED = "not_missed"
    NOT_EQUIVALENT = "not_equivalent"
    FULL = "full"
    CLASH = "clash"
    AGAIN = "again"
    OVER = "over"


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


def missed_by(child: Child, at: datetime) -> list[Meeting]:
    """Return the classes of the last four weeks the child missed (or will miss, as announced) and has not
    made up, newest first.
    """
    away = Presence.objects.filter(child=child).filter(
        Q(mark__in=AWAY) | Q(mark="", announced=Presence.Announced.ABSENT)
    )
    rows = Meeting.objects.filter(
        pk__in=away.values("meeting"),
        starts_at__gt=at - MISSED_WITHIN,
        cancelled_at=None,
        session__enrollments__child=child,
        session__enrollments__state=Enrollment.State.SEATED,
    ).exclude(made_up__in=_held(child))
    return list(
        rows.select_related("session__course", "lesson", "room__venue").order_by("-starts_at").distinct()
    )


def _held(child: Child) -> QuerySet[MakeUp]:
    """Return the guest's current places: not given up, and the host class not cancelled."""
    return MakeUp.objects.filter(
        child=child,
        cancelled_at=None,
        host__cancelled_at=None,
        host__session__cancelled_at=None,
        host__session__published_at__isnull=False,
    )


def hosts_for(child: Child, missed: Meeting, at: datetime) -> list[Meeting]:
    """Return possible host classes: the same lesson (or course), a free place that day, no clash; soonest
    first.
    """
    rows = Meeting.objects.filter(
        session__course=missed.session.course_id,
        starts_at__gt=at + LATEST,
        starts_at__lt=at + AHEAD,
        cancelled_at=None,
        session__cancelled_at=None,
        session__published_at__isnull=False,
        session__access_code="",
    ).exclude(session=missed.session_id)
    if missed.lesson_id:
        rows = rows.filter(lesson=missed.lesson_id)
    rows = rows.select_related("session__course", "room__venue", "lesson").order_by("starts_at")
    return [
        meeting
        for meeting in rows[:40]
        if room_in(meeting) > 0 and not _clashes(child, meeting) and not _is_in(child, meeting)
    ]


def room_in(meeting: Meeting) -> int:
    """Return how many guests this class can take; none while its session takes newcomers."""
    session = meeting.session
    if session.join_until is None or session.join_until >= meeting.on:
        return 0
    seated = Enrollment.objects.filter(session=session, state__in=Enrollment.HOLDING)
    away = Presence.objects.filter(
        meeting=meeting,
        announced=Presence.Announced.ABSENT,
        child__in=seated.filter(state=Enrollment.State.SEATED).values("child"),
    ).exclude(mark__in=Presence.CAME)
    guests = MakeUp.objects.filter(host=meeting, cancelled_at=None)
    free: int = min(session.capacity, meeting.room.seats) - seated.count() + away.count() - guests.count()
    return free


@transaction.atomic
def book(child: Child, missed: Meeting, host: Meeting, *, by: User, at: datetime) -> MakeUp:
    """Book the host class once and notify guardians with full rights. Idempotent. Raises Refused."""
    Child.objects.select_for_update().get(pk=child.pk)
    Session.objects.select_for_update().get(pk=host.session_id)
    host = Meeting.objects.select_related("session__course", "room__venue", "lesson").get(pk=host.pk)
    if there := _held(child).filter(missed=missed).first():
        if there.host_id == host.pk:
            return there
        raise Refused(Reason.AGAIN)
    if missed.pk not in {meeting.pk for meeting in missed_by(child, at)}:
        raise Refused(Reason.NOT_MISSED)
    if host.cancelled_at or host.session.cancelled_at or host.starts_at <= at + LATEST:
        raise Refused(Reason.OVER)
    if (
        host.session.course_id != missed.session.course_id
        or host.session_id == missed.session_id
        or host.lesson_id != missed.lesson_id
    ):
        raise Refused(Reason.NOT_EQUIVALENT)
    if _clashes(child, host) or _is_in(child, host):
        raise Refused(Reason.CLASH)
    if room_in(host) <= 0:
        raise Refused(Reason.FULL)
    MakeUp.objects.filter(child=child, missed=missed, cancelled_at=None).update(
        cancelled_at=at
    )  # its host class was cancelled
    row = MakeUp.objects.create(child=child, missed=missed, host=host, booked_at=at, booked_by_ref=by.pk)
    outbox.tell_full_guardians("made_up", child=child, at=at, meeting=host, session=host.session)
    return row


@transaction.atomic
def cancel(row: MakeUp, *, by: User, at: datetime) -> bool:
    """Give up the guest's place before the class; False if it is over or already given up."""
    open_rows = MakeUp.objects.filter(pk=row.pk, cancelled_at=None, host__starts_at__gt=at)
    return bool(open_rows.update(cancelled_at=at))


def hand_over(*, from_child: Child, to_child: Child) -> None:
    """Move the guest's places to the kept file when merging; if both have one, the kept file's wins."""
    for row in MakeUp.objects.filter(child=from_child, cancelled_at=None):
        if MakeUp.objects.filter(
            Q(missed=row.missed_id) | Q(host=row.host_id), child=to_child, cancelled_at=None
        ).exists():
            row.delete()
    MakeUp.objects.filter(child=from_child).update(child=to_child)


def _is_in(child: Child, meeting: Meeting) -> bool:
    return Enrollment.objects.live().filter(child=child, session=meeting.session_id).exists()


def _clashes(child: Child, host: Meeting) -> bool:
    """Return whether the child has another class or make-up class at that time, including travel between
    venues.
    """
    sessions = Enrollment.objects.filter(child=child, state__in=Enrollment.HOLDING).values("session")
    guest = MakeUp.objects.filter(child=child, cancelled_at=None).values("host")
    own = Meeting.objects.filter(
        Q(session__in=sessions) | Q(pk__in=guest), on=host.on, cancelled_at=None, session__cancelled_at=None
    )
    return any(clashes.overlap(host, row) for row in own.exclude(pk=host.pk).select_related("room__venue"))
