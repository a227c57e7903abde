"""What the pages of one class share: the meeting a team member may open, and refusals in words."""

import json
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy, npgettext

from courses.models import Meeting
from enrollments.classes import register, roster
from enrollments.classes.schedule import class_meetings
from enrollments.models import Presence

MOST = 60  # taps per request
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


def first_marks():
    """Return the three marks of every row."""
    return [choice for choice in Presence.Mark.choices if choice[0] in {"present", "late", "absent"}]


def more_marks():
    return [choice for choice in Presence.Mark.choices if choice[0] in {"left", "excused"}]


def open_meeting(request, meeting_id: int, at) -> Meeting:
    """Return a class whose register the user may open; 404 for any other, as for one that does not exist."""
    rows = class_meetings(request.user, at).select_related(
        "session__course__band", "session__course__track", "session__room__venue", "room__venue", "lesson"
    )
    return get_object_or_404(rows, pk=meeting_id)


def line_of(meeting: Meeting, child_id: int) -> roster.RosterLine:
    """Return the child's row of this register; 404 for a child not in it."""
    for line in roster.lines(meeting):
        if line.child.pk == child_id:
            return line
    raise Http404


def open_child(request, meeting_id: int, child_id: int, at) -> tuple[Meeting, roster.RosterLine]:
    """Return the class and the child's line in it; 404 for a class or a child that is not the reader's."""
    meeting = open_meeting(request, meeting_id, at)
    return meeting, line_of(meeting, child_id)


def read_taps(body: bytes) -> list[dict]:
    """Parse the taps of a page: {"marks": [{child, mark, minutes, remark, seen, key}]}. Raise an error of
    UNREADABLE for anything else.
    """
    return [_read(one) for one in json.loads(body)["marks"][:MOST]]


def _read(one: dict) -> dict:
    """Parse one tap; ValueError or TypeError for invalid input."""
    minutes, remark = one.get("minutes"), one.get("remark")
    if any(isinstance(value, bool | float) for value in (one["child"], minutes)):
        raise TypeError(one)
    if not 0 < int(one["child"]) < 2**63:
        raise ValueError(one)
    return {
        "child": int(one["child"]),
        "mark": str(one["mark"]),
        "seen": int(one["seen"]),
        "key": UUID(str(one["key"])),
        "minutes": None if minutes in {None, ""} else int(minutes),
        "remark": None if remark is None else str(remark),
    }


REFUSALS = {
    register.Reason.NOT_EXPECTED: gettext_lazy("This child is not in this class."),
    register.Reason.MARK: gettext_lazy("Choose one of the attendance marks."),
    register.Reason.MINUTES: gettext_lazy("Enter the minutes: at least 1, at most the length of the class."),
    register.Reason.OTHER_TAP: gettext_lazy("Not saved. Reload the page and record it again."),
    register.Reason.NOT_OPEN: gettext_lazy("The register opens two hours before the class."),
    register.Reason.PAST: gettext_lazy(
        "More than 48 hours after the class, only a manager can change the register."
    ),
    register.Reason.REASON: gettext_lazy("Enter the reason for this late change."),
    register.Reason.UNMARKED: gettext_lazy(
        "One child has no mark. Close the register when every child has one."
    ),
    register.Reason.NOT_HERE: gettext_lazy("Only a child who is here can go home."),
    register.Reason.GONE: gettext_lazy("The child has gone home. Undo the departure by hand first."),
    register.Reason.NOT_ALLOWED: gettext_lazy("Choose who takes the child home."),
    register.Reason.BARRED: gettext_lazy("Please wait with the child. A colleague is on the way to you."),
    register.Reason.OVER: gettext_lazy("This class has ended."),
}


def refusal_words(code: register.Reason) -> str:
    """Return why nothing was written, in the active language."""
    return str(REFUSALS[code])


def counts_of(lines: list[roster.RosterLine]) -> dict[str, int]:
    """Return how many children are in the room, how many of them came late, how many are absent, excused,
    gone (home, or left early), and how many have no mark. Without `late`, the sum is the class.
    """
    here = [line.presence for line in lines if line.presence.is_in_room]
    counted = Counter(line.presence.mark or "none" for line in lines)
    return {
        "here": len(here),
        "late": sum(presence.mark == Presence.Mark.LATE for presence in here),
        "absent": counted["absent"],
        "excused": counted["excused"],
        "gone": sum(line.presence.came for line in lines) - len(here),
        "none": counted["none"],
    }


def _forms(name: str, count: int) -> str:
    return {
        "here": npgettext("children", "here", "here", count),
        "late": npgettext("children", "of them late", "of them late", count),
        "absent": npgettext("children", "absent", "absent", count),
        "excused": npgettext("children", "excused", "excused", count),
        "gone": npgettext("children", "gone", "gone", count),
        "none": npgettext("children", "without a mark", "without a mark", count),
    }[name]


@dataclass(frozen=True)
class ShownCount:
    """A count of a register as its page shows it: `forms` are its words for 0, 1, 2… children, which the
    script needs when a tap changes the count. `is_always`: shown when it is 0.
    """

    name: str
    number: int
    forms: list[str]
    is_always: bool

    @property
    def words(self) -> str:
        return self.forms[self.number]


def shown_counts(counts: dict[str, int]) -> list[ShownCount]:
    """Return these counts with their words in the active language."""
    children = sum(counts.values()) - counts["late"]
    return [
        ShownCount(
            name,
            number,
            [_forms(name, count) for count in range(children + 1)],
            name in {"here", "absent", "none"},
        )
        for name, number in counts.items()
    ]
