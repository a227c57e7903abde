"""Class roster queries: expected children, their notes, and what the class needs.

Read-only.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef

from courses.models import Lesson, Meeting, Session
from enrollments.families import consents
from enrollments.models import Barring, Child, Enrollment, Presence
from enrollments.models.attendance import by_name, earlier_seats, is_guest_in, keys_in
from home.language.folding import fold

Mark = Presence.Mark


@dataclass
class RosterLine:
    """One child in the register.

    `shown` is the first name with enough letters of the family name to be unique.
    """

    child: Child
    presence: Presence
    shown: str
    age: int | None  # None once erased
    is_first: bool = False  # by its places: a register that nobody kept makes no newcomers
    has_note: bool = False
    has_barring: bool = False
    missed_last: bool = False
    is_guest: bool = False

    @property
    def is_expected(self) -> bool:
        return self.presence.announced != Presence.Announced.ABSENT


def told_apart(children: Iterable[Child]) -> dict[int, str]:
    """Return a unique short name per child, such as "Salma B.": more letters of the family name if needed,
    the whole name as a last resort.
    """
    children = list(children)
    shown = {}
    for child in children:
        twins = [
            other
            for other in children
            if other.pk != child.pk and fold(other.first_name) == fold(child.first_name)
        ]
        name = child.full_name
        for letters_shown in range(1, len(child.last_name)):
            begins = fold(child.last_name[:letters_shown])
            if all(fold(other.last_name[:letters_shown]) != begins for other in twins):
                name = f"{child.first_name} {child.last_name[:letters_shown]}."
                break
        shown[child.pk] = name
    return shown


def lines(meeting: Meeting) -> list[RosterLine]:
    """Return the register of a class, by first name, in two queries.

    A child with a mark stays in it, whatever became of the seat or the booking.
    """
    came = Presence.objects.filter(
        child=OuterRef("pk"), mark__in=Presence.CAME, meeting__starts_at__lt=meeting.starts_at
    )
    had_class = earlier_seats(meeting).filter(child=OuterRef("pk"))
    barred = Barring.objects.filter(child=OuterRef("pk"), lifted_at=None)
    before = Meeting.objects.filter(
        session=meeting.session_id, cancelled_at=None, starts_at__lt=meeting.starts_at
    )
    missed = Presence.objects.filter(
        child=OuterRef("pk"), mark=Mark.ABSENT, meeting=before.order_by("-starts_at").values("pk")[:1]
    )
    presences = {row.child_id: row for row in Presence.objects.filter(meeting=meeting)}
    marked = (
        Presence.objects.filter(meeting=meeting).exclude(mark="").order_by().values_list("child", flat=True)
    )
    children = list(
        Child.objects.filter(pk__in=keys_in(meeting).union(marked))
        .annotate(
            has_come=ExpressionWrapper(Exists(came) | Exists(had_class), output_field=BooleanField()),
            has_barring=Exists(barred),
            missed_last=Exists(missed),
            is_guest=is_guest_in(meeting),
        )
        .select_related("safety_note")
    )
    shown = told_apart(children)
    found = [
        RosterLine(
            child,
            presences.get(child.pk) or Presence(meeting=meeting, child=child),
            shown[child.pk],
            child.age_on(meeting.on),
            is_first=not child.has_come,
            has_note=hasattr(child, "safety_note"),
            has_barring=child.has_barring,
            missed_last=child.missed_last,
            is_guest=child.is_guest,
        )
        for child in children
    ]
    return sorted(found, key=lambda line: by_name(line.child))


@dataclass(frozen=True)
class Glance:
    """Summary of a class: expected children, first visits, safety notes or "speak first" flags, pick-up bans,
    adults present and needed.
    """

    children: int
    expected: int
    announced: int
    first: int
    careful: int
    barred: int
    adults: int
    needed: int
    unmarked: int
    no_project_photo: list[str]  # as shown on the register: alone, with the project
    no_class_picture: list[str]  # with other children, for their families
    missed: list[str]  # absent from the last class of the session
    missed_lesson: Lesson | None  # what they missed, to hand out its sheet


def glance(meeting: Meeting, at: datetime) -> Glance:
    """Return the summary for the instructor. Adults are those assigned to the class, else to its session."""
    rows = lines(meeting)
    expected = sum(line.is_expected for line in rows)
    allowed = consents.purposes_allowed([line.child for line in rows], at)
    missed = [line.shown for line in rows if line.missed_last]
    return Glance(
        children=len(rows),
        expected=expected,
        announced=sum(bool(line.presence.announced) for line in rows),
        first=sum(line.is_first for line in rows),
        careful=sum(line.has_note or line.child.must_be_spoken_for for line in rows),
        barred=sum(line.has_barring for line in rows),
        adults=len(meeting.teachers),
        needed=meeting.session.course.band.adults_for(expected),
        unmarked=sum(line.presence.mark == "" for line in rows) if at >= meeting.starts_at else 0,
        no_project_photo=[
            line.shown for line in rows if consents.PROJECT_PHOTOS not in allowed[line.child.pk]
        ],
        no_class_picture=[
            line.shown for line in rows if consents.CLASS_PICTURES not in allowed[line.child.pk]
        ],
        missed=missed,
        missed_lesson=_lesson_before(meeting) if missed else None,
    )


def _lesson_before(meeting: Meeting) -> Lesson | None:
    """Return the lesson of the session's last class before this one."""
    before = Meeting.objects.filter(
        session=meeting.session_id, cancelled_at=None, starts_at__lt=meeting.starts_at
    ).select_related("lesson")
    last = before.order_by("-starts_at").first()
    return last.lesson if last else None


def kit_for(lesson: Lesson, children: int, laptops: int = 0) -> list[tuple[int, dict[str, Any]]]:
    """Return the kit that many children need for a lesson: (quantity, the item with its text in three
    languages).

    `laptops` is how many bring their own; they are deducted.
    """
    found = []
    for line in lesson.kit:
        heads = children - laptops if "laptop" in line.get("en", "").lower() else children
        sets = {"child": heads, "pair": math.ceil(heads / 2), "group": 1}
        found.append((line["qty"] * sets.get(line["per"], 1), line))
    return found


def kit_elsewhere(meeting: Meeting) -> dict[str, list[str]]:
    """Return which items of this class's kit other rooms need at the same time: French item text → rooms."""
    mine = {line["fr"] for line in meeting.lesson.kit} if meeting.lesson else set()
    others = Meeting.objects.filter(
        room__venue=meeting.room.venue_id,
        starts_at__lt=meeting.ends_at,
        ends_at__gt=meeting.starts_at,
        cancelled_at=None,
        session__cancelled_at=None,
        session__published_at__isnull=False,
    ).exclude(pk=meeting.pk)
    found: dict[str, list[str]] = {}
    for other in others.select_related("room", "lesson"):
        for line in other.lesson.kit if other.lesson else ():
            if line["fr"] in mine:
                found.setdefault(line["fr"], []).append(other.room.name)
    return found


def seated(session: Session) -> list[Enrollment]:
    """Return the children seated in a session, by first name; erased ones have none."""
    rows = Enrollment.objects.filter(
        session=session, state=Enrollment.State.SEATED, child__erased_at=None
    ).select_related("child")
    return sorted(rows, key=lambda row: by_name(row.child))
