"""Class roster queries: expected children, their notes, children unaccounted for and repeated absences.

Read-only.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from courses.models import Lesson, Meeting, Session
from enrollments.families import consents
from enrollments.models import Barring, Child, Enrollment, MakeUp, Presence
from enrollments.models.people import ChildQuerySet

Mark = Presence.Mark
INSIDE = "photo-inside"  # the policy for pictures shown only to the group's families
SOUGHT_FOR = timedelta(hours=36)  # until the next evening
MISSED_AFTER = timedelta(minutes=10)  # after the start: a child without a mark is unaccounted for (domain §7)


@dataclass
class RosterLine:
    """One child in the register.

    `shown` is the first name with enough letters of the family name to be unique.
    """

    child: Child
    presence: Presence
    shown: str
    age: int | None  # None once erased
    is_first: bool = False
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
            if other.pk != child.pk and other.first_name.casefold() == child.first_name.casefold()
        ]
        name = child.full_name
        for letters_shown in range(1, len(child.last_name)):
            begins = child.last_name[:letters_shown].casefold()
            if all(other.last_name[:letters_shown].casefold() != begins for other in twins):
                name = f"{child.first_name} {child.last_name[:letters_shown]}."
                break
        shown[child.pk] = name
    return shown


def expected_children(meeting: Meeting) -> ChildQuerySet:
    """Return the children seated in this class's session, and its guests."""
    return Child.objects.filter(_sits_in(meeting))


def _sits_in(meeting: Meeting) -> Q:
    seats = Enrollment.objects.filter(
        child=OuterRef("pk"), session=meeting.session_id, state=Enrollment.State.SEATED
    )
    return Q(Exists(seats)) | Q(
        Exists(MakeUp.objects.filter(child=OuterRef("pk"), host=meeting, cancelled_at=None))
    )


def lines(meeting: Meeting) -> list[RosterLine]:
    """Return the register of a class, by first name, in two queries.

    Includes children who attended and have left the session.
    """
    came = Presence.objects.filter(
        child=OuterRef("pk"), mark__in=Presence.CAME, meeting__starts_at__lt=meeting.starts_at
    )
    barred = Barring.objects.filter(child=OuterRef("pk"), lifted_at=None)
    before = Meeting.objects.filter(
        session=meeting.session_id, cancelled_at=None, starts_at__lt=meeting.starts_at
    )
    missed = Presence.objects.filter(
        child=OuterRef("pk"), mark=Mark.ABSENT, meeting=before.order_by("-starts_at").values("pk")[:1]
    )
    presences = {row.child_id: row for row in Presence.objects.filter(meeting=meeting)}
    there = Q(pk__in=[pk for pk, row in presences.items() if row.mark])
    guest = MakeUp.objects.filter(child=OuterRef("pk"), host=meeting, cancelled_at=None)
    children = list(
        Child.objects.filter(there | _sits_in(meeting))
        .annotate(
            has_come=Exists(came),
            has_barring=Exists(barred),
            missed_last=Exists(missed),
            is_guest=Exists(guest),
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
    return sorted(
        found,
        key=lambda line: (line.child.first_name.casefold(), line.child.last_name.casefold(), line.child.pk),
    )


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
    no_photo: list[str]  # as shown on the register


def glance(meeting: Meeting, at: datetime) -> Glance:
    """Return the summary for the instructor. Adults are those assigned to the class, else to its session."""
    rows = lines(meeting)
    expected = sum(line.is_expected for line in rows)
    allowed = consents.photos_allowed([line.child for line in rows], INSIDE, at)
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
        no_photo=[line.shown for line in rows if not allowed[line.child.pk]],
    )


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


def looked_for(at: datetime) -> list[Presence]:
    """Return children unaccounted for ten minutes after the start: no mark and no announced absence, or
    marked absent although they travel alone.

    Children who travel alone come first (domain §7). A child stays listed until staff have talked with an
    adult. Rows may be unsaved.
    """
    begun = Meeting.objects.filter(
        starts_at__lte=at - MISSED_AFTER,
        starts_at__gt=at - SOUGHT_FOR,
        cancelled_at=None,
        session__cancelled_at=None,
        session__published_at__isnull=False,
    ).select_related("session__course", "room__venue")
    meetings = {meeting.pk: meeting for meeting in begun}
    known = {(row.meeting_id, row.child_id): row for row in Presence.objects.filter(meeting__in=meetings)}
    seats = Enrollment.objects.filter(
        session__in={meeting.session_id for meeting in meetings.values()}, state=Enrollment.State.SEATED
    ).select_related("child")
    by_session: dict[int, list[Child]] = {}
    for seat in seats:
        by_session.setdefault(seat.session_id, []).append(seat.child)
    guests: dict[int, list[Child]] = {}
    for guest in MakeUp.objects.filter(host__in=meetings, cancelled_at=None).select_related("child"):
        guests.setdefault(guest.host_id, []).append(guest.child)
    found = []
    for meeting in meetings.values():
        for child in (*by_session.get(meeting.session_id, ()), *guests.get(meeting.pk, ())):
            row = known.get((meeting.pk, child.pk)) or Presence(meeting=meeting, child=child)
            row.meeting, row.child = meeting, child
            is_lost = row.mark == "" or (row.mark == Mark.ABSENT and child.may_go_alone)
            if is_lost and row.spoken_at is None and row.announced != Presence.Announced.ABSENT:
                found.append(row)
    return sorted(found, key=lambda row: (not row.child.may_go_alone, row.meeting.starts_at, row.child_id))


def absent_twice(at: datetime) -> list[Presence]:
    """Return children absent from the last two classes whose family nobody has contacted since,
    newest first.
    """
    last = Presence.objects.filter(
        mark=Mark.ABSENT,
        spoken_at=None,
        meeting__starts_at__gt=at - timedelta(days=14),
        meeting__starts_at__lte=at,
    ).select_related("meeting__session__course", "meeting__room__venue", "child")
    later = Presence.objects.filter(
        child=OuterRef("child"),
        meeting__session=OuterRef("meeting__session"),
        meeting__starts_at__gt=OuterRef("meeting__starts_at"),
    ).exclude(mark="")
    before = Meeting.objects.filter(
        session=OuterRef(OuterRef("meeting__session")),
        cancelled_at=None,
        starts_at__lt=OuterRef(OuterRef("meeting__starts_at")),
    ).order_by("-starts_at")
    earlier = Presence.objects.filter(
        child=OuterRef("child"), mark=Mark.ABSENT, meeting=before.values("pk")[:1]
    )
    return list(last.filter(~Exists(later), Exists(earlier)).order_by("-meeting__starts_at", "pk"))


def seated(session: Session) -> list[Enrollment]:
    """Return the children seated in a session, by first name."""
    rows = Enrollment.objects.filter(session=session, state=Enrollment.State.SEATED).select_related("child")
    return sorted(
        rows, key=lambda row: (row.child.first_name.casefold(), row.child.last_name.casefold(), row.pk)
    )
