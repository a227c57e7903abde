"""Sessions my children can join now, which they can attend together (same venue, same day, at about the same
time), and the next one for a child that cannot join this one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from typing import Any, cast

from django.utils import timezone

from courses.models import Course, Session
from courses.standing import standing
from enrollments.models import Child, Enrollment
from enrollments.places import private_sessions
from enrollments.places.eligibility import Known, know, obstacles
from home.account import User

NEAR = 90  # minutes between the first and the last start of classes families can attend together
MOST = 1000  # sessions to consider
MOST_TOGETHER = 20
ASKED_FIRST = {"missing_consent", "unconfirmed_data"}  # what the page of the session asks before it enrolls
MOST_SHOWN = 12  # of one child, before showing all of them


@dataclass(frozen=True)
class Together:
    """A day and venue with a class for each child; `pairs` in the order of the children."""

    pairs: list[tuple[Child, Session]]

    @property
    def session(self) -> Session:
        return self.pairs[0][1]

    @property
    def values(self) -> list[str]:
        """Return the form values of the pairs: child:session."""
        return [f"{child.pk}:{session.pk}" for child, session in self.pairs]


def for_children(
    user: User, at: datetime, *, track: str = "", venue: str = "", weekday: int | None = None
) -> list[tuple[Child, list[Session]]]:
    """Return each child of this user (full rights) with the sessions it can join now, soonest first; a fixed
    number of queries.

    A course the child has a place in, or waits for, is not suggested again.

    `track` and `venue` are codes, `weekday` counts from Monday 0; empty: all of them.
    """
    children = list(Child.objects.in_care_of(user).order_by("birth_date", "pk"))
    rows = (
        private_sessions.visible_to(user)
        .current(timezone.localdate(at))
        .filter(cancelled_at=None)
        .exclude(first_on=None)
        .with_facts()
    )
    wanted = {
        "course__track__code": track,
        "room__venue__code": venue,
        "weekday": "" if weekday is None else weekday,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value != ""})
    sessions = [
        session
        for session in rows.order_by("first_on", "starts", "pk")[:MOST]
        if standing(session, at).action
    ]
    known = know(children, sessions, at, user)
    for session in sessions:
        session.standing = standing(session, at)
    return [
        (child, [session for session in sessions if _may_join(child, session, at, known)])
        for child in children
    ]


def of_child(child: Child, at: datetime, *, most: int) -> list[Session]:
    """Return the public sessions this child can join now, the soonest first, but of no course it has a seat
    in or has completed. The same for every reader.
    """
    rows = (
        Session.objects.published()
        .current(timezone.localdate(at))
        .filter(cancelled_at=None, access_code="")
        .exclude(first_on=None)
        .exclude(course__in=child.enrollments.filter(state__in=Enrollment.HOLDING).values("session__course"))
        .with_facts()
        .order_by("first_on", "starts", "pk")[:MOST]
    )
    return _that_fit(child, rows, at)[:most]


def of_course(child: Child, course: Course, at: datetime, *, by: User) -> list[Session]:
    """Return the published sessions of a course that this guardian can enroll the child in now, soonest
    first.
    """
    rows = (
        private_sessions.visible_to(by)
        .current(timezone.localdate(at))
        .filter(course=course, cancelled_at=None)
        .exclude(first_on=None)
        .with_facts()
        .order_by("first_on", "starts", "pk")[:MOST_TOGETHER]
    )
    return _that_fit(child, rows, at, by)


def _that_fit(child: Child, rows: Iterable[Session], at: datetime, by: User | None = None) -> list[Session]:
    """Return those of these sessions that the child can join now; those too where only a consent or a
    confirmation of the child's details is missing.
    """
    sessions = [session for session in rows if standing(session, at).action]
    known = know([child], sessions, at, by)
    return [
        session
        for session in sessions
        if all(one.code in ASKED_FIRST for one in obstacles(child=child, session=session, at=at, known=known))
    ]


def _may_join(child: Child, session: Session, at: datetime, known: Known) -> bool:
    """Return whether there are no obstacles and the child is in no session of this course."""
    has = any(row.session.course_id == session.course_id for row in known.live.get(child.pk, []))
    return not has and not obstacles(child=child, session=session, at=at, known=known)


def together(fitting: Iterable[tuple[Child, list[Session]]]) -> list[Together]:
    """Return the days and venues where all of these children can join something at about the same time; free
    places first.
    """
    fitting = list(fitting)
    if len(fitting) < 2:
        return []
    by_place: dict[tuple[Any, ...], dict[int, list[Session]]] = defaultdict(lambda: defaultdict(list))
    for number, (_child, sessions) in enumerate(fitting):
        for session in sessions:
            by_place[session.room.venue_id, session.weekday, session.term_id][number].append(session)
    found = []
    for theirs in by_place.values():
        if len(theirs) < len(fitting):
            continue
        for first in theirs[0]:
            near = [min(theirs[number], key=partial(_nearness, first)) for number in range(len(fitting))]
            if _span(near) <= NEAR:
                found.append(
                    Together([(child, session) for (child, _all), session in zip(fitting, near, strict=True)])
                )
    unique = {tuple(one.values): one for one in found}
    ranked = sorted(
        unique.values(),
        key=lambda one: (
            any(not session.free for _child, session in one.pairs),
            one.session.first_on,
            one.session.starts,
        ),
    )
    return ranked[:MOST_TOGETHER]


def _nearness(first: Session, other: Session) -> tuple[bool, int]:
    return other.pk != first.pk, _apart(first, other)


def _minutes(session: Session) -> int:
    starts = cast(time, session.starts)  # what may be joined has dates
    return starts.hour * 60 + starts.minute


def _apart(one: Session, other: Session) -> int:
    return abs(_minutes(one) - _minutes(other))


def _span(sessions: list[Session]) -> int:
    beginnings = [_minutes(session) for session in sessions]
    return max(beginnings) - min(beginnings)


def next_that_fits(
    child: Child, near: Session, at: datetime, sessions: list[Session], known: Known
) -> Session | None:
    """Return the next published session this child can join now: free places before waiting lists, the same
    course first, then the same track, then any. A course the child already has a place in is not suggested
    again.
    """
    taken = {
        row.session.course_id for row in known.live.get(child.pk, []) if row.state == Enrollment.State.SEATED
    }

    def nearness(session: Session) -> tuple[Any, ...]:
        full = session.free == 0 or session.waiting_count > 0
        return (
            full,
            session.course_id != near.course_id,
            session.course.track_id != near.course.track_id,
            session.first_on,
            session.pk,
        )

    others = [session for session in sessions if session.pk != near.pk and session.course_id not in taken]
    fits = [session for session in others if not obstacles(child=child, session=session, at=at, known=known)]
    return min(fits, key=nearness, default=None)
