"""Course finder: three questions whose answers are catalogue filters. Stores nothing."""

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from courses.catalogue import filters
from courses.catalogue.filters import Filters

# What interests a child → the tracks for it.
INTERESTS = {
    "stories": ("CODE",),
    "robots": ("ROBOT",),
    "objects": ("PRINT",),
    "build": ("PRINT", "ROBOT"),
    "all": (),
}
WHEN = {"wed": ("wed",), "sat": ("sat",), "sun": ("sun",), "any": ()}


@dataclass(frozen=True)
class Choice:
    value: str
    words: str
    more: str = ""
    icon: str = ""


def interests() -> list[Choice]:
    return [
        Choice("stories", _("Telling stories, inventing games"), _("Coding"), "blocks"),
        Choice("robots", _("Making robots move"), _("Robotics"), "robot"),
        Choice("objects", _("Drawing objects and holding them"), _("3D printing"), "cube"),
        Choice("build", _("Building by hand"), _("Robotics or 3D printing"), "tools"),
        Choice("all", _("A bit of everything, or not sure yet"), _("All tracks"), "star8"),
    ]


def times() -> list[Choice]:
    return [
        Choice("wed", _("On Wednesday")),
        Choice("sat", _("On Saturday")),
        Choice("sun", _("On Sunday")),
        Choice("any", _("Any day")),
    ]


def answers(query: QueryDict, today: date) -> tuple[Filters | None, list[str]]:
    """Return the filters for the three answers, and the errors; no filters if nothing was answered."""
    asked = filters.read(query, today)
    meant = bool(query.get("sent"))
    if not meant:
        return None, []
    problems = list(asked.notes)
    if asked.age is None and asked.born is None and not problems:
        problems.append(_("Choose an age, or enter a birth date."))
    if problems:
        return None, problems
    track = INTERESTS.get(query.get("likes", "all"), ())
    weekday = WHEN.get(query.get("when", "any"), ())
    return Filters(age=asked.age, born=asked.born, track=track, weekday=weekday, places=True), []
