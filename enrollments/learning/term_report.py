"""The report of a term about one child: attendance, skills first and last, notes, projects, what fits next.

Read from stored rows each time; nothing is stored. No marks and no comparison with other children.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from courses.models import Meeting, Session, Term
from courses.timetable.teaching import NOT_CANCELLED
from enrollments.classes import learning_record
from enrollments.classes.learning_record import SkillSeen
from enrollments.learning.attended import ClassesAttended, attended
from enrollments.models import Child, ClassNote, Enrollment, MakeUp, Presence, ProjectFile
from enrollments.places import suggestions
from enrollments.portfolio import contents

MOST_NEXT = 4
MOST_PROJECTS = 12  # the latest of the term: a family may add any number, and paper costs time for each
MOST_OF_A_STORY, MOST_LINES = 400, 12  # letters, and lines with something on them


@dataclass(frozen=True)
class ReportedClass:
    """One class that took place: the child's mark, and the note for its family, if there is one."""

    meeting: Meeting
    mark: str
    note: ClassNote | None


@dataclass(frozen=True)
class ReportedCourse:
    """One session of the term."""

    session: Session
    attended: ClassesAttended
    classes: list[ReportedClass]


@dataclass(frozen=True)
class ReportedProject:
    """What the child made: title, the beginning of its story, and the file of its picture, if any."""

    title: str
    story: str = ""
    file: ProjectFile | None = None

    def picture(self) -> bytes:
        """Return the small picture as JPEG or PNG; nothing without one, or where the storage has lost it."""
        if self.file is None:
            return b""
        try:
            with contents.storage().open(self.file.small_as or self.file.stored_as) as file:
                return bytes(file.read())
        except OSError:
            return b""


@dataclass(frozen=True)
class TermReport:
    child: Child
    term: Term
    courses: list[ReportedCourse] = field(default_factory=list)
    guest_classes: list[ReportedClass] = field(default_factory=list)
    skills: list[SkillSeen] = field(default_factory=list)
    projects: list[ReportedProject] = field(default_factory=list)
    more_projects: int = 0  # made in the term and not among `projects`
    next_sessions: list[Session] = field(default_factory=list)

    @property
    def noted(self) -> list[ReportedClass]:
        """Return the classes with a note, in the order of the term."""
        rows = [row for course in self.courses for row in course.classes] + self.guest_classes
        return sorted((row for row in rows if row.note), key=lambda row: row.meeting.starts_at)


def seats_in(child: Child, at: datetime) -> list[Enrollment]:
    """Return the seats that the child had during at least one class, soonest first. Two queries."""
    rows = list(
        Enrollment.objects.filter(child=child, seated_at__isnull=False)
        .select_related("session__term", "session__course__track", "session__room__venue")
        .order_by("session__first_on", "pk")
    )
    begun = list(_begun(rows, at))
    return [row for row in rows if any(_is_in(one, row) for one in begun)]


def _is_in(meeting: Meeting, seat: Enrollment) -> bool:
    return meeting.session_id == seat.session_id and seat.had_seat_during(meeting)


def _begun(seats: Iterable[Enrollment], at: datetime) -> QuerySet[Meeting]:
    """Return the classes of these sessions that have begun, in order."""
    sessions = [seat.session_id for seat in seats]
    rows = Meeting.objects.filter(NOT_CANCELLED, session__in=sessions, starts_at__lte=at)
    return rows.order_by("starts_at", "pk")


def terms_of(child: Child, at: datetime) -> list[Term]:
    """Return the terms in which the child had its seat during a class, newest first. One query."""
    ended = F("session__enrollments__seat_ended_at")
    during = Q(session__enrollments__seat_ended_at=None) | Q(starts_at__lt=ended)
    classes = Meeting.objects.filter(
        NOT_CANCELLED,
        during,
        session__term=OuterRef("pk"),
        session__enrollments__child=child,
        session__enrollments__seated_at__lt=F("ends_at"),
        starts_at__lte=at,
    )
    return list(Term.objects.filter(Exists(classes)).order_by("-starts_on", "-pk"))


def projects_of(child: Child, term: Term) -> tuple[list[ReportedProject], int]:
    """Return the latest of what the child made in that term, oldest first, and how many more there are."""
    made = child.projects.with_files().filter(made_on__range=(term.starts_on, term.ends_on))
    latest = list(made.order_by("-made_on", "-pk")[:MOST_PROJECTS])
    more = made.count() - len(latest) if len(latest) == MOST_PROJECTS else 0
    return [ReportedProject(one.title, beginning(one.story), one.picture) for one in reversed(latest)], more


def beginning(story: str) -> str:
    """Return the story to its end, or to the end of a word and "…" where it is longer than a report takes."""
    lines = [line.strip() for line in story.splitlines() if line.strip()]
    text = "\n".join(lines[:MOST_LINES])
    if len(text) <= MOST_OF_A_STORY:
        return f"{text}…" if len(lines) > MOST_LINES else text
    cut = text[:MOST_OF_A_STORY]
    is_inside_a_word = not (cut[-1].isspace() or text[MOST_OF_A_STORY].isspace())
    if is_inside_a_word and len(cut.split()) > 1:
        cut = cut.rsplit(maxsplit=1)[0]
    return f"{cut.rstrip()}…"


def report_of(child: Child, term: Term, at: datetime) -> TermReport | None:
    """Return the report of that term as it stands now; None for a term without classes of the child."""
    seats = [seat for seat in seats_in(child, at) if seat.session.term_id == term.pk]
    if not seats:
        return None
    counts = attended(seats, at)
    begun = list(_begun(seats, at).select_related("lesson", "session__course"))
    guest = list(
        Meeting.objects.filter(
            NOT_CANCELLED,
            pk__in=MakeUp.objects.filter(
                child=child, cancelled_at=None, missed__session__in=[seat.session_id for seat in seats]
            ).values("host"),
            starts_at__lte=at,
        )
        .select_related("lesson", "session__course")
        .order_by("starts_at", "pk")
    )
    lines = _lines(child, [*begun, *guest])
    courses = []
    for session in {seat.session_id: seat.session for seat in seats}.values():
        same = [seat for seat in seats if seat.session_id == session.pk]
        mine = [one for one in begun if any(_is_in(one, seat) for seat in same)]
        courses.append(ReportedCourse(session, counts[child.pk, session.pk], [lines[one.pk] for one in mine]))
    made, more = projects_of(child, term)
    return TermReport(
        child,
        term,
        courses=courses,
        guest_classes=[lines[one.pk] for one in guest],
        skills=learning_record.skills_seen(child, [*begun, *guest]),
        projects=made,
        more_projects=more,
        next_sessions=suggestions.of_child(child, at, most=MOST_NEXT),
    )


def _lines(child: Child, meetings: Iterable[Meeting]) -> dict[int, ReportedClass]:
    """Return a line for each class: its mark in words, empty if nothing was marked, and its note."""
    meetings = list(meetings)
    marks = {
        row.meeting_id: row.get_mark_display()
        for row in Presence.objects.filter(child=child, meeting__in=meetings).exclude(mark="")
    }
    notes = {row.meeting_id: row for row in ClassNote.objects.filter(child=child, meeting__in=meetings)}
    return {one.pk: ReportedClass(one, marks.get(one.pk, ""), notes.get(one.pk)) for one in meetings}
