"""What a family, an instructor or the desk reads at a glance: rows gathered in a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser as User
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone

from courses.models import Meeting, Session
from courses.standing import Standing, standing
from enrollments.models import Child, Enrollment, Equivalence, Guardianship, MergeProposal, PolicyVersion, Presence
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, roster_window

FOLDED_AFTER = timedelta(days=60)


@dataclass
class Line:
    """One enrollment of a child: the next meeting that stands, and the position of one who waits."""

    enrollment: Enrollment
    session: Session
    standing: Standing
    next_meeting: Meeting | None = None
    position: int = 0
    is_past: bool = False


@dataclass
class ChildAgenda:
    """A child as a guardian sees it."""

    child: Child
    may_act: bool
    age: int
    lines: list[Line] = field(default_factory=list)
    declared: list[Equivalence] = field(default_factory=list)
    is_asked_about: bool = False  # a merge of this file with another one awaits an answer
    owes_answer: bool = False  # the guardian has compulsory terms to answer
    photos: list = field(default_factory=list)  # enrollments.consents.Standing of each per-child purpose

    @property
    def past(self) -> list[Line]:
        """What is over for some time: folded away."""
        return [line for line in self.lines if line.is_past]

    @property
    def present(self) -> list[Line]:
        return [line for line in self.lines if not line.is_past]

    @property
    def asks_collection(self) -> bool:
        """Who collects is asked once of whoever may say it, when the child has a place and before its first meeting."""
        seated = any(line.enrollment.state == Enrollment.State.SEATED and line.next_meeting for line in self.lines)
        return self.may_act and seated and self.child.collection_confirmed_at is None


def next_meetings(session_ids, at: datetime) -> dict[int, Meeting]:
    """The next meeting that stands and is not over, by session: one query."""
    meetings = Meeting.objects.filter(session__in=session_ids, cancelled_at=None, ends_at__gt=at).select_related(
        "room__venue", "lesson"
    )
    found: dict[int, Meeting] = {}
    for meeting in meetings.order_by("starts_at"):
        found.setdefault(meeting.session_id, meeting)
    return found


def positions(session_ids) -> dict[int, int]:
    """Enrollment → position in its queue, counted from 1, for these sessions: one query."""
    rows = Enrollment.objects.filter(session__in=session_ids, state=Enrollment.State.WAITING).order_by(
        "session", "-priority", "ticket"
    )
    found, counted = {}, defaultdict(int)
    for pk, session_id in rows.values_list("pk", "session_id"):
        counted[session_id] += 1
        found[pk] = counted[session_id]
    return found


def family_agenda(user: User, at: datetime, today: date) -> list[ChildAgenda]:
    """The children of this guardian, each with what they are in, soonest first; the same few queries for one child or ten."""
    merges = MergeProposal.objects.filter(Q(kept=OuterRef("child")) | Q(gone=OuterRef("child")), refused_at=None)
    declared = Equivalence.objects.filter(child=OuterRef("child"), confirmed_at=None)
    ties = list(
        Guardianship.objects.filter(guardian=user)
        .annotate(
            is_asked=Exists(merges),
            has_declared=Exists(declared),
            owes_answer=Exists(PolicyVersion.objects.outstanding(user, at)),
        )
        .select_related("child")
        .order_by("child__birth_date", "child_id")
    )
    agendas = {
        tie.child_id: ChildAgenda(
            tie.child, tie.rights == Guardianship.Rights.FULL, tie.child.age_on(today),
            is_asked_about=tie.is_asked, owes_answer=tie.owes_answer,
        )
        for tie in ties
    }  # fmt: skip
    rows = list(
        Enrollment.objects.live()
        .filter(child__in=list(agendas))
        .annotate(**_announced(at))
        .select_related("session__course__track", "session__course__band", "session__room__venue")
    )
    coming = next_meetings({row.session_id for row in rows}, at)
    queue = positions({row.session_id for row in rows if row.state == Enrollment.State.WAITING}) if rows else {}
    for row in rows:
        line = Line(row, row.session, standing(row.session, at), coming.get(row.session_id), queue.get(row.pk, 0))
        line.is_past = line.session.over_at is not None and line.session.over_at < at - FOLDED_AFTER
        agendas[row.child_id].lines.append(line)
    declaring = [tie.child_id for tie in ties if tie.has_declared]
    for said in Equivalence.objects.filter(child__in=declaring, confirmed_at=None).select_related("course") if declaring else ():
        agendas[said.child_id].declared.append(said)
    for agenda in agendas.values():
        agenda.lines.sort(key=lambda line: (line.next_meeting is None, line.next_meeting.starts_at if line.next_meeting else at))
    return list(agendas.values())


def _announced(at: datetime) -> dict[str, Subquery]:
    """What the family has said about a coming class (`announced`) and about which (`announced_for`)."""
    coming = Presence.objects.filter(
        child=OuterRef("child"), meeting__session=OuterRef("session"), meeting__ends_at__gt=at, meeting__cancelled_at=None
    ).order_by("meeting__starts_at")
    return {"announced": Subquery(coming.values("announced")[:1]), "announced_for": Subquery(coming.values("meeting")[:1])}


def is_urgent_today(user: User, at: datetime) -> bool:
    """Whether a child of this guardian has a class today, or is being offered a place: that is seen before anything is asked."""
    rows = Enrollment.objects.of(user)
    today = Q(session__meetings__on=timezone.localdate(at), session__meetings__cancelled_at=None, state=Enrollment.State.SEATED)
    return rows.filter(today | Q(state=Enrollment.State.OFFERED)).exists()


def taught_sessions(user: User, at: datetime, today: date) -> list[Session]:
    """The sessions this instructor is assigned to that are not over, with `next_meeting` and whether the roster `is_open` now."""
    sessions = list(
        Session.objects.published().filter(cancelled_at=None).taught_by(user).with_facts().filter(
            Q(last_on__gte=today) | Q(pk__in=open_rosters(user, at))
        )
    )  # fmt: skip
    coming, opened = next_meetings([session.pk for session in sessions], at), set(open_rosters(user, at))
    for session in sessions:
        session.next_meeting, session.roster_is_open = coming.get(session.pk), session.pk in opened
    return sorted(sessions, key=lambda s: (s.next_meeting is None, s.next_meeting.starts_at if s.next_meeting else at, s.pk))


def open_rosters(user: User, at: datetime):
    """The ids of the sessions whose roster this instructor may read at that moment (domain §6: −7 to +14 days)."""
    begins, ends = roster_window(at)
    meetings = Meeting.objects.filter(starts_at__gte=begins, starts_at__lte=ends, cancelled_at=None, session__cancelled_at=None)
    mine = Q(instructors=user) | Q(instructors=None, session__instructors=user)
    return meetings.filter(mine, session__published_at__isnull=False).values_list("session_id", flat=True).distinct()


def taught_by(user: User) -> Q:
    """The condition of a meeting this instructor teaches: named for it, or of its session when nobody is named for it."""
    return Q(pk__in=Meeting.objects.filter(Q(instructors=user) | Q(instructors=None, session__instructors=user)).values("pk"))


def class_meetings(user: User, at: datetime):
    """The class meetings whose register this member of the team may open at that moment (domain §6): an instructor those assigned to
    them from 7 days before to 14 days after, the front desk those of this week, a manager all; cancelled ones are nobody's."""
    held = Meeting.objects.filter(cancelled_at=None, session__cancelled_at=None, session__published_at__isnull=False)
    if has_role(user, MANAGER):
        return held
    mine = Q(pk__in=[])
    if has_role(user, INSTRUCTOR):
        begins, ends = roster_window(at)
        mine |= taught_by(user) & Q(starts_at__gte=begins, starts_at__lte=ends)
    if has_role(user, FRONT_DESK):
        monday = timezone.localdate(at) - timedelta(days=timezone.localdate(at).weekday())
        mine |= Q(on__gte=monday, on__lt=monday + timedelta(days=7))
    return held.filter(mine)


def meetings_of_day(day: date):
    """Every meeting of that day, cancelled ones included, with the number of children seated."""
    seated = Count("session__enrollments", filter=Q(session__enrollments__state=Enrollment.State.SEATED))
    return (
        Meeting.objects.filter(on=day, session__published_at__isnull=False, session__cancelled_at=None)
        .select_related("session__course__band", "session__course__track", "room__venue", "lesson")
        .prefetch_related("instructors", "session__instructors")
        .annotate(seated=seated)
        .order_by("starts_at", "room")
    )


def roster(session: Session) -> list[Enrollment]:
    """The children seated in a session, by first name."""
    rows = Enrollment.objects.filter(session=session, state=Enrollment.State.SEATED).select_related("child")
    return sorted(rows, key=lambda row: (row.child.first_name.casefold(), row.child.last_name.casefold(), row.pk))
