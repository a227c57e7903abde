"""Make-up classes: a child may attend each missed class once, in another session. Sole writer of MakeUp.

Guests are only admitted to classes after the host session's last day to join, so that no later enrollment
can overfill the room. Places of children with an announced absence count as free for that class. A booking
ends when it is no longer justified: the class was not missed after all, or the child has left the course.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from courses.models import Meeting, Session
from courses.timetable import clashes
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, MakeUp, Presence
from enrollments.models.attendance import KEPT, by_name, classes_of
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
    away = Presence.objects.filter(_away(), child=child)
    rows = Meeting.objects.filter(
        pk__in=away.values("meeting"),
        starts_at__gt=at - MISSED_WITHIN,
        cancelled_at=None,
        session__course__in=Enrollment.objects.filter(
            Q(state=Enrollment.State.SEATED) | KEPT, child=child
        ).values("session__course"),
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


def guests_of(session: Session, at: datetime) -> list[MakeUp]:
    """Return the bookings of guests in the session's coming classes, soonest first."""
    rows = MakeUp.objects.filter(
        host__session=session, host__cancelled_at=None, cancelled_at=None, host__starts_at__gt=at
    )
    found = rows.select_related("child", "host")
    return sorted(found, key=lambda row: (row.host.starts_at, by_name(row.child), row.pk))


def room_in(meeting: Meeting) -> int:
    """Return how many guests this class can take; none while its session takes newcomers."""
    session = meeting.session
    if session.joinable_until is None or session.joinable_until > meeting.starts_at:
        return 0
    seated = Enrollment.objects.filter(session=session, state__in=Enrollment.HOLDING)
    away = Presence.objects.filter(
        meeting=meeting,
        announced=Presence.Announced.ABSENT,
        child__in=seated.filter(state=Enrollment.State.SEATED).values("child"),
    ).exclude(mark__in=Presence.CAME)
    guests = MakeUp.objects.filter(host=meeting, cancelled_at=None).exclude(child__in=seated.values("child"))
    free: int = min(session.capacity, meeting.room.seats) - seated.count() + away.count() - guests.count()
    return free


@transaction.atomic
def book(child: Child, missed: Meeting, host: Meeting, *, by: User, at: datetime) -> MakeUp:
    """Book the host class once and notify guardians with full rights. Idempotent. Raises Refused."""
    Child.objects.select_for_update().get(pk=child.pk)
    Session.objects.select_for_update().get(pk=host.session_id)
    host = Meeting.objects.select_related("session__course", "room__venue", "lesson").get(pk=host.pk)
    # A mark put right, or a place that ends, waits for these rows, and then finds the booking.
    list(Presence.objects.select_for_update().filter(child=child, meeting=missed))
    list(Enrollment.objects.select_for_update().filter(child=child, session__course=host.session.course_id))
    if there := _held(child).filter(missed=missed).first():
        if there.host_id == host.pk:
            return there
        raise Refused(Reason.AGAIN)
    if missed.pk not in {meeting.pk for meeting in missed_by(child, at)}:
        raise Refused(Reason.NOT_MISSED)
    is_shown = host.session.published_at is not None and not host.session.access_code
    if host.cancelled_at or host.session.cancelled_at or not is_shown:
        raise Refused(Reason.OVER)
    if not at + LATEST < host.starts_at < at + AHEAD:
        raise Refused(Reason.OVER)
    if (
        host.session.course_id != missed.session.course_id
        or host.session_id == missed.session_id
        or missed.lesson_id not in {None, host.lesson_id}
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


class Ended(StrEnum):
    """Why a booking ends without the family's doing, as the letter says it."""

    ATTENDED = "attended"  # the child was in the class after all
    MOVED = "moved"  # the missed class has another day, and the family is asked again
    LEFT = "left"  # no place in the course any more
    CANCELLED = "cancelled"  # the host session was cancelled


@transaction.atomic
def end_unjustified(children: Iterable[int], *, at: datetime, why: Ended = Ended.ATTENDED) -> int:
    """End these children's future bookings that are no longer justified, tell their full guardians, and
    return how many ended.

    Not justified: the child does not miss the class any more (`why` says how that came), has no place in the
    course any more, or now has one in the host session itself.
    """
    home = Enrollment.objects.filter(
        Q(state=Enrollment.State.SEATED) | KEPT,
        child=OuterRef("child"),
        session__course=OuterRef("missed__session__course"),
    )
    rows = MakeUp.objects.filter(child__in=list(children), cancelled_at=None, host__starts_at__gt=at)
    rows = rows.annotate(
        is_missed=Exists(
            Presence.objects.filter(_away(), child=OuterRef("child"), meeting=OuterRef("missed"))
        ),
        is_at_home=Exists(home),
        is_seated_there=Exists(home.filter(session=OuterRef("host__session"))),
    )
    ended = 0
    for row in rows.select_related("child", "host__session__course", "host__room__venue").order_by("pk"):
        if row.is_missed and row.is_at_home and not row.is_seated_there:
            continue
        if row.is_seated_there:  # the child comes all the same
            MakeUp.objects.filter(pk=row.pk).update(cancelled_at=at)
        else:
            _end(row, why if row.is_at_home else Ended.LEFT, at)
        ended += 1
    return ended


def _end(row: MakeUp, why: Ended, at: datetime) -> None:
    if not MakeUp.objects.filter(pk=row.pk, cancelled_at=None).update(cancelled_at=at):
        return  # another process has ended it, and written
    words = {"meeting": row.host, "session": row.host.session, "why": why}
    outbox.tell_full_guardians("make_up_ended", child=row.child, at=at, **words)


def end_with_seat(sender: object, *, child_id: int, at: datetime, **_more: Any) -> None:
    """Check the bookings of a child that has left a seat (places.seat_log.seat_ended), in its transaction."""
    end_unjustified([child_id], at=at)


def end_with_session(sender: object, *, session: Session, at: datetime, **_more: Any) -> None:
    """End the guests' bookings in a cancelled session (places.withdrawal.session_ended), in its
    transaction.
    """
    rows = MakeUp.objects.filter(host__session=session, cancelled_at=None, host__starts_at__gt=at)
    for row in rows.select_related("child", "host__session__course", "host__room__venue").order_by("pk"):
        _end(row, Ended.CANCELLED, at)


def hand_over(*, from_child: Child, to_child: Child) -> None:
    """Move the guest's places to the kept file when merging; if both have one, the kept file's wins.

    Call it before the places and marks move, and `end_unjustified` after them.
    """
    for row in MakeUp.objects.filter(child=from_child, cancelled_at=None):
        if MakeUp.objects.filter(
            Q(missed=row.missed_id) | Q(host=row.host_id), child=to_child, cancelled_at=None
        ).exists():
            row.delete()
    MakeUp.objects.filter(child=from_child).update(child=to_child)


def _away() -> Q:
    """Return the condition for marks, or announcements not yet followed by a mark, of a missed class."""
    return Q(mark__in=AWAY) | Q(mark="", announced=Presence.Announced.ABSENT)


def _is_in(child: Child, meeting: Meeting) -> bool:
    return (
        Enrollment.objects.live().filter(child=child, session=meeting.session_id).exists()
        or MakeUp.objects.filter(child=child, host=meeting, cancelled_at=None).exists()
    )


def _clashes(child: Child, host: Meeting) -> bool:
    """Return whether the child has another class or make-up class at that time, including travel between
    venues.
    """
    offered = Enrollment.objects.filter(child=child, state=Enrollment.State.OFFERED).values("session")
    own = Meeting.objects.filter(
        classes_of([child]) | Q(session__in=offered),
        on=host.on,
        cancelled_at=None,
        session__cancelled_at=None,
    )
    return any(clashes.overlap(host, row) for row in own.exclude(pk=host.pk).select_related("room__venue"))
