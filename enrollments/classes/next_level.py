"""“Ready for the next level”: an instructor's word that a child may follow a course the present one leads to.
Sole writer of Recommendation. It counts as a prerequisite (enrollments.places.prerequisites).

The family hears of it by one message, which leaves an hour later: until then it can be undone, and nobody
has heard. If the child already waits for that course and a seat is free, the offer leaves at once (domain
§5); once an offer or a seat came of it, it cannot be undone, because the family knows.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from courses.models import Course, Meeting, Session
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship, Letter, PlaceEvent, Recommendation
from enrollments.places import seat_log, suggestions, waiting_list
from home.account import User
from home.refusals import CodedRefusal

KIND = "next_level"
UNDONE_WITHIN = timedelta(hours=1)


class Reason(StrEnum):
    NOT_NEXT = "not_next"  # the course of this class does not lead there
    TOO_LATE = "too_late"  # the family has been told
    GONE = "gone"  # the child's file has been deleted, or merged into another


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


def next_courses(meeting: Meeting) -> list[Course]:
    """Return the courses that the course of this class leads to."""
    return list(meeting.session.course.leads_to.all())


def given_in(meeting: Meeting, children: Iterable[Child]) -> dict[tuple[int, int], Recommendation]:
    """Return these children's recommendations by (child, course), for the courses this one leads to."""
    courses = meeting.session.course.leads_to.values("pk")
    rows = Recommendation.objects.filter(child__in=list(children), course__in=courses)
    return {(row.child_id, row.course_id): row for row in rows}


@transaction.atomic
def recommend(child: Child, course: Course, meeting: Meeting, *, by: User, at: datetime) -> Recommendation:
    """Record that the child is ready for this course, check again what it waits for, and tell its guardians
    with the sessions that match. Idempotent: the first word is kept.

    Raises Refused: NOT_NEXT, GONE.
    """
    if not meeting.session.course.leads_to.filter(pk=course.pk).exists():
        raise Refused(Reason.NOT_NEXT)
    if seat_log.locked_children([child])[child.pk].erased_at:
        raise Refused(Reason.GONE)
    row, is_new = Recommendation.objects.get_or_create(
        child=child, course=course, defaults={"given_by_ref": by.pk, "given_at": at}
    )
    if is_new:
        waiting_list.reconsider(child, at)
        _tell(row, meeting, by=by, at=at)
    return row


def _tell(row: Recommendation, meeting: Meeting, *, by: User, at: datetime) -> None:
    ties = Guardianship.objects.full().filter(child=row.child).select_related("guardian").order_by("pk")
    for tie in ties:
        matching = suggestions.of_course(row.child, row.course, at, by=tie.guardian)
        outbox.write(
            KIND, to=tie.guardian, at=at, child=row.child, meeting=meeting, hold=UNDONE_WITHIN,
            course=row.course, matching=matching, name=by.get_short_name(),
        )  # fmt: skip


def told_of(child: Child, at: datetime) -> list[Recommendation]:
    """Return what the child's family has been told, the latest first. One query."""
    rows = Recommendation.objects.filter(child=child, given_at__lte=at - UNDONE_WITHIN)
    return list(rows.select_related("course").order_by("-given_at", "-pk"))


def undoable(rows: Iterable[Recommendation], at: datetime) -> set[int]:
    """Return the keys of those that can still be undone: their families know nothing of it, neither by the
    message nor by an offer or a seat in the course since. One query.
    """
    recent = [row for row in rows if at < row.given_at + UNDONE_WITHIN]
    if not recent:
        return set()
    course = Subquery(Session.objects.filter(pk=OuterRef("session_ref")).values("course"))
    events = PlaceEvent.objects.filter(
        child_ref__in={row.child_id for row in recent},
        to_state__in=Enrollment.HOLDING,
        at__gte=min(row.given_at for row in recent),
    ).exclude(from_state=F("to_state"))
    placed = list(events.annotate(course=course).values_list("child_ref", "course", "at"))
    return {
        row.pk
        for row in recent
        if not any(
            (row.child_id, row.course_id) == (who, what) and row.given_at <= on for who, what, on in placed
        )
    }


@transaction.atomic
def undo(row: Recommendation, *, at: datetime) -> None:
    """Undo a slip: its messages do not leave, and what the child waits for is checked again.

    Raises Refused: TOO_LATE.
    """
    seat_log.locked_children([row.child])
    if not undoable([row], at):
        raise Refused(Reason.TOO_LATE)
    if not Recommendation.objects.filter(pk=row.pk).delete()[0]:
        return  # the same button again
    told = Letter.objects.filter(kind=KIND, child=row.child, written_at=row.given_at)
    outbox.withhold_unsent(told.values_list("pk", flat=True))
    waiting_list.reconsider(row.child, at)


def hand_over(*, from_child: Child, to_child: Child) -> None:
    """Move one file's recommendations to the other when merging; of two, the kept file's wins."""
    known = Recommendation.objects.filter(child=to_child).values("course")
    Recommendation.objects.filter(child=from_child, course__in=known).delete()
    Recommendation.objects.filter(child=from_child).update(child=to_child)
