"""Enrollment rules: every obstacle between a child and a session, as values. Pages explain a refusal with it;
functions that write check it again in their transaction (domain §3 and §4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import cast

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.ages import age_on, turns
from courses.models import Meeting, Prerequisite, Session
from courses.standing import standing
from courses.timetable.clashes import overlap, overlapping
from enrollments.models import Child, Enrollment, Equivalence, Guardianship, Recommendation, Waiver
from enrollments.models.consents import OUTSTANDING
from enrollments.places.prerequisites import by_child, door_words, is_met, skills_seen
from enrollments.places.private_sessions import not_invited
from home.account import User
from home.database.compiled import Compiled, together
from home.language.dates import Hours, clock_words, date_words, day_words
from home.language.elision import of_name

CONFIRMED_FOR, FRESH_ENOUGH = timedelta(days=365), timedelta(days=90)  # of the child's details
WAIVABLE = frozenset(Waiver.Code.values)


@dataclass(frozen=True)
class Obstacle:
    """One obstacle to enrolling.

    code   the domain's code: too_young, too_old, clash, …
    words  the first line, at most twelve words, in the active language
    detail the age and the date used, from when or until when, the prerequisite; may be empty
    door   what the guardian can do: "declare" (an equivalent level), "wait_for_team",
           "confirm" (the child's details), "consent" (to terms), "code" (of a private session), or ""
    until  the date that would remove it, if there is one
    reference  of the place or the wait the child has already, whose page can be opened
    """

    code: str
    words: str
    detail: str = ""
    door: str = ""
    until: date | None = None
    reference: str = ""


@dataclass
class Known:
    """Everything the rules need about some children, loaded once for all of them."""

    live: dict[int, list[Enrollment]] = field(default_factory=dict)
    completed: dict[int, set[int]] = field(default_factory=dict)
    equivalences: dict[int, dict[int, Equivalence]] = field(default_factory=dict)
    doors: dict[int, list[Prerequisite]] = field(default_factory=dict)
    skills: dict[int, dict[int, int]] = field(default_factory=dict)  # child → skill → best level observed
    ready_for: dict[int, set[int]] = field(default_factory=dict)  # child → courses an instructor named
    meetings: dict[int, list[Meeting]] = field(default_factory=dict)
    about: list[int] = field(default_factory=list)  # the children
    lacks_consent: bool = False  # the acting guardian must answer compulsory terms
    not_invited: set[int] = field(default_factory=set)  # sessions for which the acting guardian needs a code

    def leave_out(self, row: Enrollment) -> None:
        """Evaluate as if this place were already given up: the child is about to move from it."""
        self.live[row.child_id] = [live for live in self.live.get(row.child_id, []) if live.pk != row.pk]

    @cached_property
    def waived(self) -> set[tuple[int, int, str]]:
        """Return (child, session, obstacle code) of these children's waivers; queried only if there is an
        obstacle.
        """
        return set(Waiver.objects.filter(child__in=self.about).values_list("child_id", "session_id", "code"))


LIVE_ROWS = Compiled(
    lambda children: (
        Enrollment.objects.live()
        .filter(child__pk__in=children)
        .select_related("session__course")
        .order_by("pk")
    )
)
MEETINGS = Compiled(
    lambda sessions, at: (
        Meeting.objects.filter(session__pk__in=sessions, cancelled_at=None, ends_at__gt=at)
        .select_related("room__venue")
        .order_by("session_id", "starts_at")
    )
)
DOORS = Compiled(
    lambda courses: Prerequisite.objects.filter(course__pk__in=courses).select_related("required_course")
)
EQUIVALENCES = Compiled(
    lambda children, courses: Equivalence.objects.filter(child__pk__in=children, course__pk__in=courses)
)
RECOMMENDED = Compiled(
    lambda children, courses: Recommendation.objects.filter(child__pk__in=children, course__pk__in=courses)
)


def know(
    children: Iterable[Child], sessions: Iterable[Session], at: datetime, by: User | None = None
) -> Known:
    """Load what the rules need for these children and sessions: at most ten queries for any number of them,
    an eleventh if a course requires skills.

    `by` is the acting user. A guardian's compulsory terms are checked; staff have the family's on paper.
    """
    children, sessions, known = list(children), list(sessions), Known()
    private = [session for session in sessions if session.access_code]
    if by is not None and private and Guardianship.objects.filter(guardian=by, child__in=children).exists():
        known.not_invited = not_invited(by, private)
    known.about = [child.pk for child in children]
    asking = {session.course_id for session in sessions if not session.beginners_welcome}
    questions = [LIVE_ROWS.asked(children=known.about), DOORS.asked(courses=sorted(asking))]
    rows, doors, *owed = together(
        *questions, *([OUTSTANDING.asked(user=by.pk, at=at)] if by is not None else [])
    )
    if any(owed):
        known.lacks_consent = Guardianship.objects.filter(guardian=by, child__in=children).exists()
    for row in rows:
        known.live.setdefault(row.child_id, []).append(row)
        over = row.session.over_at
        if row.state == Enrollment.State.SEATED and over and over <= at:
            known.completed.setdefault(row.child_id, set()).add(row.session.course_id)
    seated = {row.session_id for row in rows if row.state == Enrollment.State.SEATED}
    wanted = (
        seated | {session.pk for session in sessions} if seated else set()
    )  # a child seated nowhere has no clash
    if wanted:
        meetings = MEETINGS(sessions=sorted(wanted), at=at)
        for session_id, group in groupby(meetings, key=lambda meeting: meeting.session_id):
            known.meetings[session_id] = list(group)
    known.skills = skills_seen(doors, children)
    for door in doors:
        known.doors.setdefault(door.course_id, []).append(door)
    if known.doors:
        theirs = {"children": known.about, "courses": sorted(known.doors)}
        equivalences, named = together(EQUIVALENCES.asked(**theirs), RECOMMENDED.asked(**theirs))
        known.ready_for = by_child(named)
        for equivalence in equivalences:
            known.equivalences.setdefault(equivalence.child_id, {})[equivalence.course_id] = equivalence
    return known


def obstacles(*, child: Child, session: Session, at: datetime, known: Known | None = None) -> list[Obstacle]:
    """Return every obstacle between this child and this session now; empty if the child may enroll.

    A full session is not an obstacle: it leads to the waiting list. Call `know` first for many.
    """
    known = known or know([child], [session], at)
    found = [_already_in(child, session, known)]
    found.append(_state_of(session, at))
    found.append(_private(session, known))
    if session.first_on:
        age = _age(child, session)
        found += [
            age,
            _clash(child, session, known),
            _prerequisite(child, session, known, may_declare=age is None),
        ]
    if not _not_waived(
        found, child, session, known
    ):  # obstacles one button can fix are returned only if there are no others
        found += [_consent(known), _unconfirmed(child, session, at)]
    return _not_waived(found, child, session, known)


def obstacles_to_a_seat(*, child: Child, session: Session, known: Known) -> list[Obstacle]:
    """Return what prevents a waiting child from taking a free seat: age, another class, prerequisites (domain
    §5).
    """
    age = _age(child, session)
    found = [
        age,
        _clash(child, session, known),
        _prerequisite(child, session, known, may_declare=age is None),
    ]
    return _not_waived(found, child, session, known)


def _not_waived(found: list[Obstacle | None], child: Child, session: Session, known: Known) -> list[Obstacle]:
    standing_ones = [obstacle for obstacle in found if obstacle]
    if not WAIVABLE.isdisjoint(obstacle.code for obstacle in standing_ones):
        return [
            obstacle
            for obstacle in standing_ones
            if (child.pk, session.pk, obstacle.code) not in known.waived
        ]
    return standing_ones


def _already_in(child: Child, session: Session, known: Known) -> Obstacle | None:
    for row in known.live.get(child.pk, []):
        if row.session_id == session.pk:
            words = {
                str(Enrollment.State.WAITING): _("%(child)s is already on the waiting list."),
                str(Enrollment.State.OFFERED): _("A place here has been offered to %(child)s."),
            }.get(row.state, _("%(child)s already has a place here."))
            return Obstacle(
                "already_in",
                words % {"child": child.first_name},
                _("Reference %(ref)s.") % {"ref": row.reference},
                reference=row.reference,
            )
    return None


def _state_of(session: Session, at: datetime) -> Obstacle | None:
    now = standing(session, at)
    if now.action:
        return None
    if now.code == "draft":
        return Obstacle("not_published", _("This session is not published."))
    if now.code == "cancelled":
        return Obstacle(
            "cancelled",
            _("This session has been cancelled."),
            _("The academy offers other sessions of this course."),
        )
    if now.code == "to_be_scheduled":
        return Obstacle("not_open_yet", _("The dates of this session have not been set yet."))
    if now.code == "opens_later" and now.at:
        words = _("Enrollment opens %(day)s at %(hour)s.") % {
            "day": day_words(now.at),
            "hour": clock_words(now.at),
        }
        return Obstacle("not_open_yet", words, until=timezone.localdate(now.at))
    if now.code == "finished":
        return Obstacle("closed", _("This session has finished."))
    day = date_words(cast(datetime, session.joinable_until) - timedelta(seconds=1))  # it has meetings
    return Obstacle(
        "closed",
        _("Enrollment for this session has closed."),
        _("The last day to join was %(day)s.") % {"day": day},
    )


def _private(session: Session, known: Known) -> Obstacle | None:
    if session.pk not in known.not_invited:
        return None
    return Obstacle(
        "private",
        _("This session is for invited families."),
        _("Enter the code you were given to continue."),
        "code",
    )


def _consent(known: Known) -> Obstacle | None:
    if not known.lacks_consent:
        return None
    return Obstacle(
        "missing_consent",
        _("Our terms have changed. Please read and answer them first."),
        _("One page, then you come back here."),
        "consent",
    )


def confirmation_due(child: Child, at: datetime, term_starts_on: date | None = None) -> bool:
    """Return whether a guardian must confirm the children's details again: once a year, and once in each term
    that has started since.
    """
    since = child.confirmed_at or child.created_at or at  # not saved yet: just declared
    if at - since > CONFIRMED_FOR:
        return True
    began = term_starts_on is not None and timezone.localdate(since) < term_starts_on <= timezone.localdate(
        at
    )
    return began and at - since > FRESH_ENOUGH


def _unconfirmed(child: Child, session: Session, at: datetime) -> Obstacle | None:
    if not confirmation_due(child, at, session.term.starts_on):
        return None
    words = _("Please check %(of_child)s's details first.") % {"of_child": of_name(child.first_name)}
    why = _("We ask you to do this once a year and before each new term.")
    return Obstacle("unconfirmed_data", words, why, "confirm")


def _age(child: Child, session: Session) -> Obstacle | None:
    """Check the age on the date of the first class, both ends of the band included (domain §3)."""
    band, day, born = (
        session.course.band,
        cast(date, session.first_on),
        cast(date, child.birth_date),
    )  # asked when both are known
    age = age_on(born, day)
    said = {"child": child.first_name, "day": date_words(day)}
    if age < band.min_age:
        said |= {"from": date_words(turns(born, band.min_age)), "min": band.min_age}
        return Obstacle(
            "too_young",
            _age_words(child, age, day),
            _(
                "This session is for children aged %(min)s and over. %(child)s can join sessions "
                "starting on or after %(from)s."
            )
            % said,
            until=turns(born, band.min_age),
        )
    if age > band.max_age:
        said |= {"until": date_words(turns(born, band.max_age + 1) - timedelta(days=1)), "max": band.max_age}
        return Obstacle(
            "too_old",
            _age_words(child, age, day),
            _(
                "This session is for children aged %(max)s and under. %(child)s could join sessions "
                "that started by %(until)s."
            )
            % said,
        )
    return None


def _age_words(child: Child, age: int, day: date) -> str:
    words = ngettext("%(child)s: aged %(age)s on %(day)s.", "%(child)s: aged %(age)s on %(day)s.", age)
    return words % {"child": child.first_name, "age": age, "day": date_words(day)}


def _clash(child: Child, session: Session, known: Known) -> Obstacle | None:
    """Check for clashes with sessions the child is seated in: one hour is needed between venues, and two
    cities on one day always clash.
    """
    seated = [
        row
        for row in known.live.get(child.pk, [])
        if row.state == Enrollment.State.SEATED and row.session_id != session.pk
    ]
    for row in seated:
        for mine in known.meetings.get(row.session_id, []):
            for other in known.meetings.get(session.pk, []):
                if overlap(mine, other):
                    said = {"child": child.first_name, "course": row.session.course.title}
                    words = _("%(child)s has another class at that time.") % said
                    said |= {"day": day_words(mine.on), "hours": mine.hours}
                    return Obstacle("clash", words, Hours(_("%(course)s, %(day)s, %(hours)s.") % said))
    return None


def have_clash(one: Iterable[Enrollment], other: Iterable[Enrollment], at: datetime) -> bool:
    """Return whether a child seated in both could not attend both; checked when merging files."""
    mine, theirs = (
        {row.session_id for row in rows if row.state == Enrollment.State.SEATED} for rows in (one, other)
    )
    return any(overlapping(session_id, theirs, at) for session_id in mine)


def _prerequisite(child: Child, session: Session, known: Known, *, may_declare: bool) -> Obstacle | None:
    """Check prerequisites: any one of them is enough."""
    doors = known.doors.get(session.course_id, [])
    if not doors or session.beginners_welcome:
        return None
    completed, seen = known.completed.get(child.pk, set()), known.skills.get(child.pk, {})
    if is_met(doors, completed=completed, seen=seen, ready_for=known.ready_for.get(child.pk, ())):
        return None
    said = known.equivalences.get(child.pk, {}).get(session.course_id)
    if said and said.confirmed_at:
        return None
    words = _("This course requires some experience.")
    detail = _("%(child)s needs: %(doors)s.") % {
        "child": child.first_name,
        "doors": _(", or ").join(filter(None, map(door_words, doors))),
    }
    if said:
        return Obstacle(
            "prerequisite",
            _("You declared an equivalent level. The team will check it."),
            detail,
            "wait_for_team",
        )
    open_to_word = may_declare and any(door.kind == Prerequisite.Kind.EQUIVALENT for door in doors)
    return Obstacle("prerequisite", words, detail, "declare" if open_to_word else "")
