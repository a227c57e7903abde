"""How many classes of a session a child came to, and how many it made up elsewhere. Read-only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Meeting
from courses.timetable.teaching import NOT_CANCELLED
from enrollments.models import Enrollment, MakeUp, Presence
from home.language.lists import labelled, listed


@dataclass(frozen=True)
class ClassesAttended:
    """Of the classes that have begun while the child had a seat (`classes`): how many have a mark, and in how
    many it was there.

    `made_up`: missed classes that it attended in another group.
    """

    classes: int = 0
    marked: int = 0
    came: int = 0
    made_up: int = 0

    @property
    def was_never_there(self) -> bool:
        """Return whether there are marks, and none of them says that the child came."""
        return self.marked > 0 and not self.was_seen

    @property
    def was_seen(self) -> bool:
        """Return whether a register says that the child came, here or to make up a class."""
        return self.came + self.made_up > 0

    @property
    def unmarked(self) -> int:
        """Return the classes whose register says nothing of the child."""
        return self.classes - self.marked

    @property
    def words(self) -> str:
        """Return "Classes attended: 8 of 9, attendance not taken in 2 classes", and how many were made up. A
        class without a mark says nothing of the child: it is not counted as missed.
        """
        unmarked, said = self.unmarked, []
        if self.marked or not self.classes:
            # Translators: after "Classes attended:"; Arabic repeats the noun, which the number decides.
            words = ngettext("%(came)s of %(marked)s", "%(came)s of %(marked)s", self.marked)
            count = words % {"came": self.came, "marked": self.marked}
            said.append(labelled(_("Classes attended"), count))
        if self.made_up:
            said.append(labelled(_("made up in another group"), self.made_up))
        if unmarked:
            words = ngettext(
                "attendance not taken in %(count)s class",
                "attendance not taken in %(count)s classes",
                unmarked,
            )
            said.append(words % {"count": unmarked})
        return listed(said)


def attended(seats: Iterable[Enrollment], at: datetime) -> dict[tuple[int, int], ClassesAttended]:
    """Return the counts by (child, session): a child that left and came back has two seats there, and both
    count. Three queries for any number of seats.
    """
    seats = list(seats)
    children = {seat.child_id for seat in seats}
    meetings = defaultdict(list)
    begun = Meeting.objects.filter(
        NOT_CANCELLED, session__in={seat.session_id for seat in seats}, starts_at__lte=at
    )
    for meeting in begun:
        meetings[meeting.session_id].append(meeting)
    marks = _marks(children, begun)
    made_up = _made_up(children, begun)
    theirs = defaultdict(list)
    for seat in seats:
        theirs[seat.child_id, seat.session_id].append(seat)
    found = {}
    for (child, session), same in theirs.items():
        mine = [
            (child, one.pk) for one in meetings[session] if any(seat.had_seat_during(one) for seat in same)
        ]
        found[child, session] = ClassesAttended(
            classes=len(mine),
            marked=sum(key in marks for key in mine),
            came=sum(marks.get(key) in Presence.CAME for key in mine),
            made_up=sum(key in made_up for key in mine),
        )
    return found


def _marks(children: Iterable[int], meetings: Iterable[Meeting]) -> dict[tuple[int, int], str]:
    rows = Presence.objects.filter(child__in=children, meeting__in=meetings).exclude(mark="")
    return {(child, meeting): mark for child, meeting, mark in rows.values_list("child", "meeting", "mark")}


def _made_up(children: Iterable[int], meetings: Iterable[Meeting]) -> set[tuple[int, int]]:
    """Return (child, missed class) of the make-up classes the child came to."""
    rows = MakeUp.objects.filter(child__in=children, missed__in=meetings, cancelled_at=None)
    there = Presence.objects.filter(mark__in=Presence.CAME)
    hosts = {(row.child_id, row.host_id): (row.child_id, row.missed_id) for row in rows}
    came = there.filter(child__in=children, meeting__in={host for _child, host in hosts})
    return {hosts[key] for key in came.values_list("child", "meeting") if key in hosts}
