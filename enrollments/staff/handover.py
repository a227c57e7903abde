"""What an instructor who leaves would still teach, and who takes it over.

Sessions and classes are written through courses.timetable.scheduling.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from courses.models import InstructorPage, Meeting, Session
from courses.timetable import scheduling, teaching
from courses.timetable.teaching import Assignment, Verdict
from home.account import User


@dataclass(frozen=True)
class Duty:
    """One thing this instructor would teach: a session from now on, or one class she is named for.

    meeting  the class; None for a whole session
    classes  the classes it is about: those of the session that have no instructors of their own
    others   who teaches it besides her
    """

    session: Session
    meeting: Meeting | None
    classes: tuple[Meeting, ...]
    others: tuple[User, ...]

    @property
    def name(self) -> str:
        """Return the name of its field in the form."""
        return f"class-{self.meeting.pk}" if self.meeting else f"session-{self.session.pk}"

    def assignments(self, successor: User | None) -> list[Assignment]:
        """Return these classes with the successor alone: who else teaches them stays as it is."""
        people = [successor] if successor else []
        return [Assignment(meeting, people, self.session.course.code) for meeting in self.classes]


def duties_of(user: User, at: datetime) -> list[Duty]:
    """Return everything that this user would still teach, sessions first. What is over or cancelled is not
    in it; a session without dates is.
    """
    sessions = Session.objects.with_facts().filter(
        Q(over_at__gt=at) | Q(over_at=None), instructors=user, cancelled_at=None
    )
    sessions = sessions.prefetch_related("instructors").order_by("first_on", "pk")
    coming: dict[int, list[Meeting]] = {session.pk: [] for session in sessions}
    rows = teaching.planned(at).select_related("session__course", "room__venue").order_by("starts_at", "pk")
    for meeting in rows.filter(session__in=coming, instructors=None):
        coming[meeting.session_id].append(meeting)
    found = [
        Duty(session, None, tuple(coming[session.pk]), _others(user, session.instructors.all()))
        for session in sessions
    ]
    named = rows.filter(instructors=user).prefetch_related("instructors", "session__instructors")
    for meeting in named:
        others = _others(user, meeting.instructors.all()) or _others(user, meeting.session.instructors.all())
        found.append(Duty(meeting.session, meeting, (meeting,), others))
    return found


def _others(user: User, people: Iterable[User]) -> tuple[User, ...]:
    return tuple(person for person in people if person.pk != user.pk)


def in_place_of(user: User) -> list[User]:
    """Return who may take over: every other instructor, by name."""
    return list(teaching.instructors().exclude(pk=user.pk))


def pages_of(user: User) -> list[InstructorPage]:
    """Return the public pages about this instructor that visitors see."""
    return list(
        InstructorPage.objects.live().filter(user=user).select_related("locale").order_by("locale", "pk")
    )


@dataclass(frozen=True)
class Handover:
    """The answer for one duty: its successor, or None for nobody yet; for a session also single classes that
    somebody else takes.
    """

    duty: Duty
    successor: User | None
    single: tuple[tuple[Meeting, User], ...] = ()

    def assignments(self) -> list[Assignment]:
        """Return who would teach each class by this answer, besides those who stay."""
        apart = {meeting.pk: person for meeting, person in self.single}
        return [
            replace(one, people=[apart[one.meeting.pk]]) if one.meeting.pk in apart else one
            for one in self.duty.assignments(self.successor)
        ]


def verdicts(choices: Iterable[Handover], at: datetime) -> dict[str, Verdict]:
    """Return what speaks against each answer, by the name of its duty, all of them taken together."""
    taken = {choice.duty.name: choice.assignments() for choice in choices}
    return {
        name: teaching.judge(
            asked, at=at, also=[one for other, more in taken.items() if other != name for one in more]
        )
        for name, asked in taken.items()
    }


@transaction.atomic
def hand_over(leaving: User, choices: Mapping[str, Handover], *, at: datetime) -> list[Duty]:
    """Take this instructor out of everything to come; return the duties for which there was no answer.

    Nothing is written while there are such. What is over keeps her name. Lock order: sessions by primary
    key, then classes.
    """
    touched = {duty.session.pk for duty in duties_of(leaving, at)}
    list(Session.objects.select_for_update().filter(pk__in=touched).order_by("pk"))
    duties = duties_of(leaving, at)  # as they are now that nobody else assigns
    if missing := [duty for duty in duties if duty.name not in choices]:
        return missing
    answers = [(duty, choices[duty.name]) for duty in duties]
    for duty, choice in answers:  # first: what somebody else takes is not told to the session's successor
        if duty.meeting is not None:
            stay = _others(leaving, duty.meeting.instructors.all())
            scheduling.assign(duty.meeting, {*stay, *filter(None, [choice.successor])}, at=at)
        for meeting, person in choice.single:
            scheduling.assign(meeting, {*duty.others, person}, at=at)
    sessions = [(duty.session, choice.successor) for duty, choice in answers if duty.meeting is None]
    scheduling.replace_instructor(leaving, sessions, at=at)
    return []
