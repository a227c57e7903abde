"""Schedule of a team member: the classes they teach, those whose register and roster they may open now, and
the classes of a day.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from courses.models import Meeting, Session
from courses.timetable.next_classes import next_meetings
from enrollments.models.attendance import attendees
from enrollments.models.people import Child, ChildQuerySet
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, files_open_to, has_role, roster_window
from home.account import User


def taught_sessions(user: User, at: datetime, today: date) -> list[Session]:
    """Return the current sessions of this instructor, with `next_meeting` and whether the roster `is_open`
    now.
    """
    sessions = list(
        Session.objects.published().filter(cancelled_at=None).taught_by(user).with_facts().filter(
            Q(last_on__gte=today) | Q(pk__in=open_rosters(user, at))
        )
    )  # fmt: skip
    coming, opened = next_meetings([session.pk for session in sessions], at), set(open_rosters(user, at))
    for session in sessions:
        session.next_meeting, session.roster_is_open = coming.get(session.pk), session.pk in opened
    return sorted(
        sessions,
        key=lambda s: (s.next_meeting is None, s.next_meeting.starts_at if s.next_meeting else at, s.pk),
    )


def open_rosters(user: User, at: datetime) -> QuerySet[Any, Any]:
    """Return the ids of sessions whose roster this instructor may read at that time (domain §6: −7 to +14
    days).
    """
    begins, ends = roster_window(at)
    meetings = Meeting.objects.filter(
        starts_at__gte=begins, starts_at__lte=ends, cancelled_at=None, session__cancelled_at=None
    )
    mine = Q(instructors=user) | Q(instructors=None, session__instructors=user)
    return (
        meetings.filter(mine, session__published_at__isnull=False)
        .values_list("session_id", flat=True)
        .distinct()
    )


def taught_by(user: User) -> Q:
    """Return the condition for classes this instructor teaches: assigned to the class, or to its session if
    the class has none.
    """
    of_class = Meeting.instructors.through.objects.filter(meeting=OuterRef("pk"))
    of_session = Session.instructors.through.objects.filter(session=OuterRef("session"), user=user)
    return Q(Exists(of_class.filter(user=user))) | (Q(~Exists(of_class)) & Q(Exists(of_session)))


def may_read_lesson(user: User, course_id: int) -> bool:
    """Return whether this team member may read the plans of a course's lessons: instructors those they teach,
    managers all (domain §6).
    """
    if has_role(user, MANAGER):
        return True
    return has_role(user, INSTRUCTOR) and Session.objects.taught_by(user).filter(course=course_id).exists()


def desk_days(today: date) -> tuple[date, date]:
    """Return the first and the last day whose rosters the front desk may read: those of this week, and early
    in a week the two days before, whose children may still be looked for (domain §6; SOUGHT_FOR).
    """
    monday = today - timedelta(days=today.weekday())
    return min(monday, today - timedelta(days=2)), monday + timedelta(days=6)


def class_meetings(user: User, at: datetime) -> QuerySet[Meeting]:
    """Return the classes whose register this team member may open at that time (domain §6): instructors those
    assigned to them from 7 days before to 14 days after, the front desk those of `desk_days`, managers all;
    cancelled ones nobody.
    """
    held = Meeting.objects.filter(
        cancelled_at=None, session__cancelled_at=None, session__published_at__isnull=False
    )
    if has_role(user, MANAGER):
        return held
    mine = Q(pk__in=[])
    if has_role(user, INSTRUCTOR):
        begins, ends = roster_window(at)
        mine |= taught_by(user) & Q(starts_at__gte=begins, starts_at__lte=ends)
    if has_role(user, FRONT_DESK):
        mine |= Q(on__range=desk_days(timezone.localdate(at)))
    return held.filter(mine)


def children_open_to(user: User, at: datetime) -> ChildQuerySet:
    """Return the children whose work this team member may open at that time (domain §6): instructors those
    in their classes from 7 days before to 14 days after, the front desk and managers all.
    """
    if has_role(user, FRONT_DESK, MANAGER):
        return files_open_to(user)
    here = attendees(class_meetings(user, at))
    return Child.objects.filter(pk__in={one.child.pk for found in here.values() for one in found})


def with_counts(meetings: Iterable[Meeting]) -> list[Meeting]:
    """Return the classes, each with `children_count` (seated children and guests) and `adults_needed` for
    them. Two queries, if the age bands are loaded.
    """
    meetings = list(meetings)
    here = attendees(meetings)
    for meeting in meetings:
        count = len(here[meeting.pk])
        meeting.children_count = count  # type: ignore[attr-defined]  # for the page
        meeting.adults_needed = meeting.session.course.band.adults_for(count)  # type: ignore[attr-defined]
    return meetings


def meetings_of_day(day: date) -> list[Meeting]:
    """Return all classes of that day, cancelled ones included, with `children_count`."""
    return with_counts(
        Meeting.objects.filter(on=day, session__published_at__isnull=False, session__cancelled_at=None)
        .select_related("session__course__band", "session__course__track", "room__venue", "lesson")
        .prefetch_related("instructors", "session__instructors")
        .order_by("starts_at", "room")
    )
