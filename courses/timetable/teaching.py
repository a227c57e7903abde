"""Instructors: those there are, the classes without one, and the clashes of one of them.

Every screen that names an instructor or gives a class its day asks `judge`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import InstructorPage, Meeting, Room, Session
from courses.timetable.clashes import TRAVEL, ClashKind, between
from courses.timetable.scheduling import Slot
from home.account import User
from home.language.dates import spelled_words
from home.language.lists import listed_apart

MOST = 3  # days named in one sentence


def instructors() -> QuerySet[User]:
    """Return who can be named as an instructor: active accounts in the instructors' group."""
    group = cast(dict[str, Any], InstructorPage._meta.get_field("user").get_limit_choices_to())
    return get_user_model()._default_manager.filter(is_active=True, **group)


def teaching(people: Iterable[User]) -> Q:
    """Return the condition for classes that one of these people teaches: named for the class, or for its
    session if nobody is named for the class.
    """
    keys = [person.pk for person in people]
    return Q(instructors__in=keys) | Q(instructors=None, session__instructors__in=keys)


def planned(at: datetime) -> QuerySet[Meeting]:
    """Return the classes that are still to be held or going on: neither they nor their sessions are
    cancelled.
    """
    return Meeting.objects.filter(ends_at__gt=at, cancelled_at=None, session__cancelled_at=None)


# Of classes that have begun, those that took place: a session cancelled midway keeps the ones before.
NOT_CANCELLED = Q(cancelled_at=None) & (
    Q(session__cancelled_at=None) | Q(starts_at__lt=F("session__cancelled_at"))
)


def without_instructor(at: datetime) -> QuerySet[Meeting]:
    """Return the published classes to come that nobody teaches who is an instructor now, the soonest
    first.
    """
    here = instructors().order_by().values("pk")
    named = Meeting.instructors.through.objects.filter(meeting=OuterRef("pk"))
    of_session = Session.instructors.through.objects.filter(session=OuterRef("session"))
    is_taught = Exists(named.filter(user__in=here)) | (
        ~Exists(named) & Exists(of_session.filter(user__in=here))
    )
    return (
        planned(at)
        .filter(~is_taught, session__published_at__isnull=False)
        .select_related("session__course", "room__venue")
        .order_by("starts_at", "pk")
    )


def classes_at(room: Room, slots: Iterable[Slot]) -> list[Meeting]:
    """Return unsaved classes at these times in this room, to ask what they would get in the way of."""
    return [
        Meeting(room=room, on=slot.on, starts=slot.starts, ends=slot.ends).derive_instants() for slot in slots
    ]


@dataclass(frozen=True)
class Assignment:
    """One class, saved or only proposed, and who would teach it. `course`: its code, if it is proposed."""

    meeting: Meeting
    people: Sequence[User]
    course: str = ""

    @property
    def code(self) -> str:
        return self.course or self.meeting.session.course.code


@dataclass(frozen=True)
class TeachingClash:
    """One instructor in two places: the class in question, the other one, and how they clash."""

    person: User
    asked: Meeting
    other: Assignment
    kind: ClashKind


def clashes_of(
    asked: Iterable[Assignment],
    *,
    at: datetime,
    besides: Session | None = None,
    instead: Iterable[Meeting] = (),
    also: Iterable[Assignment] = (),
) -> list[TeachingClash]:
    """Return every clash of these assignments with what the same people teach already, and among each
    other. One query for the classes, two for their instructors.

    besides  a session whose present classes do not count: it gets new ones
    instead  classes that do not count: they are moved, or somebody else takes them
    also     assignments of the same plan, as if they were saved
    """
    asked = list(asked)
    people = {person.pk: person for one in asked for person in one.people}
    gone = {meeting.pk for meeting in instead} | {one.meeting.pk for one in asked}
    days = {one.meeting.on for one in asked}
    there = taught_by(people.values(), at=at, days=Q(on__in=days), without=gone, besides=besides)
    return clashes_among(asked, [*there, *also], at=at)


def taught_by(
    people: Iterable[User],
    *,
    at: datetime,
    days: Q,
    without: Iterable[int | None] = (),
    besides: Session | None = None,
) -> list[Assignment]:
    """Return the classes of these days that these people teach and that are not over, the soonest first,
    except those `without` (primary keys) and those of the session `besides`. Three queries.
    """
    people = list(people)
    if not people:
        return []
    saved = {key for key in without if key is not None}
    rows = planned(at).filter(days).filter(teaching(people)).exclude(pk__in=saved)
    if besides is not None and besides.pk:
        rows = rows.exclude(session=besides)
    rows = rows.distinct().select_related("session__course", "room__venue").order_by("starts_at", "pk")
    return [
        Assignment(row, row.teachers) for row in rows.prefetch_related("instructors", "session__instructors")
    ]


def clashes_among(
    asked: Sequence[Assignment], there: Iterable[Assignment], *, at: datetime
) -> list[TeachingClash]:
    """Return every clash of these assignments with those there are, and among each other. No query."""
    there, found = list(there), []
    for number, one in enumerate(asked):
        if one.meeting.ends_at <= at:
            continue
        for other in (*there, *asked[:number]):
            if other.meeting is one.meeting or not (kind := between(one.meeting, other.meeting)):
                continue
            held = {person.pk for person in other.people}
            found += [
                TeachingClash(person, one.meeting, other, kind) for person in one.people if person.pk in held
            ]
    return found


def clash_words(clashes: Iterable[TeachingClash]) -> list[str]:
    """Return one sentence for each instructor, other course and way to clash, with at most three days."""
    grouped: dict[tuple[str, str, ClashKind, int], list[TeachingClash]] = {}
    for clash in clashes:
        other = clash.other.meeting
        key = (clash.person.get_full_name(), clash.other.code, clash.kind, other.room_id)
        grouped.setdefault(key, []).append(clash)
    said = []
    for (name, course, kind, _room), some in grouped.items():
        room = some[0].other.meeting.room
        some.sort(key=lambda clash: clash.other.meeting.starts_at)
        days = dict.fromkeys(
            spelled_words(other.on, other.starts, other.ends)
            for other in (clash.other.meeting for clash in some)
        )
        when: list[str] = []
        when += list(days)[:MOST]
        if more := len(days) - len(when):
            when.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
        facts = {
            "name": name,
            "course": course,
            "room": room.name,
            "venue": room.venue.name,
            "city": room.venue.city,
            "minutes": int(TRAVEL.total_seconds() // 60),
            "when": listed_apart(when),
        }
        said.append(_sentence(kind) % facts)
    return said


def _sentence(kind: ClashKind) -> str:
    return {
        ClashKind.ELSEWHERE: _(
            "%(name)s teaches %(course)s in %(city)s (%(venue)s) at the same hour: %(when)s."
        ),
        ClashKind.ROOMS: _(
            "%(name)s teaches %(course)s in another room (%(room)s) at the same hour: %(when)s."
        ),
        ClashKind.TRAVEL: _(
            "%(name)s teaches %(course)s at %(venue)s, with less than %(minutes)s minutes to get from one to "
            "the other: %(when)s."
        ),
        ClashKind.CITY: _(
            "%(name)s teaches %(course)s in another city (%(city)s) on the same day: %(when)s."
        ),
    }[kind]


@dataclass
class Verdict:
    """What speaks against an assignment, in sentences.

    errors    it cannot be: the instructor teaches at another venue at the hour of every one of these classes
    cautions  to be seen and confirmed
    cannot    the keys of those whom the errors are about
    """

    errors: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    cannot: set[int] = field(default_factory=set)


def judge(
    asked: Iterable[Assignment],
    *,
    at: datetime,
    besides: Session | None = None,
    instead: Iterable[Meeting] = (),
    also: Iterable[Assignment] = (),
) -> Verdict:
    """Return what speaks against these assignments (arguments: see `clashes_of`)."""
    asked = [one for one in asked if one.meeting.ends_at > at]
    return verdict_on(asked, clashes_of(asked, at=at, besides=besides, instead=instead, also=also))


def verdict_on(asked: Iterable[Assignment], found: Iterable[TeachingClash]) -> Verdict:
    """Return the verdict on these assignments, of all clashes found in a longer list."""
    wanted: dict[int, set[int]] = {}
    people: dict[int, User] = {}
    for one in asked:
        for person in one.people:
            people[person.pk] = person
            wanted.setdefault(person.pk, set()).add(id(one.meeting))
    found, verdict = list(found), Verdict()
    for key in people:
        theirs = [clash for clash in found if clash.person.pk == key and id(clash.asked) in wanted[key]]
        elsewhere = [clash for clash in theirs if clash.kind is ClashKind.ELSEWHERE]
        if elsewhere and {id(clash.asked) for clash in elsewhere} == wanted[key]:
            verdict.cannot.add(key)
            verdict.errors += clash_words(elsewhere)
        else:
            verdict.cautions += clash_words(theirs)
    return verdict
