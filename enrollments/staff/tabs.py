"""The areas of the team's screens: the tabs each role sees, with the count of what waits there."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, roles_of
from enrollments.staff.worklist import Worklist
from home.account import User


@dataclass(frozen=True)
class Area:
    """A tab: its route, label, roles, and the pages it is current for, as the first part of their address
    below /office/ or /desk/.
    """

    route: str
    words: Promise
    roles: tuple[str, ...]
    holds: tuple[str, ...]
    waiting: Callable[[Worklist], int] | None = None


@dataclass(frozen=True)
class Tab:
    """A tab as shown. `current` is a value of aria-current: the page itself, or one below it; or empty."""

    url: str
    words: Promise
    count: int
    current: str


ROOM_KEY = "team_room"  # in the session: the route of the room, for team members only
OFFICE = (FRONT_DESK, MANAGER)
AREAS = (
    Area("office", _("Today"), OFFICE, ("office/", "office/week", "office/day-pack", "office/incidents")),
    Area("office_calls", _("Calls"), OFFICE, ("office/calls",), lambda work: work.calls),
    Area(
        "desk",
        _("Registers"),
        OFFICE,
        (
            "desk/",
            "desk/meetings",
            "desk/sessions",
            "desk/lessons",
            "desk/messages",
            "desk/practice",
            "desk/evacuation",
        ),
        lambda work: work.counts["registers"],
    ),
    Area(
        "office_people",
        _("Families"),
        OFFICE,
        ("office/people", "office/children", "office/merges", "office/places"),
    ),
    Area(
        "office_sessions",
        _("Sessions"),
        OFFICE,
        ("office/sessions", "office/days", "office/coverage", "office/surveys"),
    ),
    Area(
        "office_decisions",
        _("Decisions"),
        (MANAGER,),
        ("office/decisions", "office/checks"),
        lambda work: work.counts["decisions"],
    ),
    Area(
        "office_unpaid",
        _("Payments"),
        OFFICE,
        ("office/unpaid", "office/till", "office/receipts"),
        lambda work: work.counts["unpaid"],
    ),
    Area(
        "office_letters",
        _("Messages"),
        OFFICE,
        ("office/letters", "office/clockwork"),
        lambda work: work.counts["failed"],
    ),
    Area("office_team", _("Team"), OFFICE, ("office/team", "office/journal", "office/processing")),
    Area(
        "office_photos",
        _("Removed pictures"),
        (MANAGER,),
        ("office/photos",),
        lambda work: work.counts["photos"],
    ),
    Area(
        "office_showcase",
        _("Showcase"),
        (MANAGER,),
        ("office/showcase",),
        lambda work: work.counts["stories"],
    ),
    Area("office_policies", _("Policies"), (MANAGER,), ("office/policies",)),
)
TEACHING = (
    Area(
        "desk",
        _("Today"),
        (INSTRUCTOR,),
        ("desk/", "desk/meetings", "desk/sessions", "desk/lessons", "desk/messages"),
        lambda work: work.counts["registers"],
    ),
    Area("desk_calendar", _("Calendar"), (INSTRUCTOR,), ("desk/calendar",)),
    Area(
        "desk_prints",
        _("3D prints"),
        (INSTRUCTOR, *OFFICE),
        ("desk/prints", "desk/printers", "desk/spools", "desk/children"),
    ),
    Area("desk_evacuation", _("Evacuation list"), (INSTRUCTOR,), ("desk/evacuation",)),
    Area("desk_practice", _("Practice group"), (INSTRUCTOR,), ("desk/practice",)),
)


def team_room(user: User) -> str:
    """Return the route of the room in which this member of the team works; "" for others."""
    roles = roles_of(user)
    if roles & set(OFFICE):
        return "office"
    return "desk" if INSTRUCTOR in roles else ""


def areas_of(user: User) -> list[Area]:
    """Return the areas of this member of the team. For the office, the classes are one of them."""
    roles = roles_of(user)
    found = [area for area in AREAS if roles & set(area.roles)]
    seen = {area.route for area in found}
    return found + [area for area in TEACHING if roles & set(area.roles) and area.route not in seen]


def tabs_of(user: User, path: str, work: Worklist) -> list[Tab]:
    """Return the tabs of this member of the team on the page at that path."""
    parts = path.split("/")  # "", language, area, part, …
    here = f"{parts[2]}/{parts[3]}" if len(parts) > 3 else ""
    found = {reverse(area.route): area for area in areas_of(user)}
    holder = path if path in found else next((url for url, area in found.items() if here in area.holds), "")
    is_current = {holder: "page" if holder == path else "true"}
    return [
        Tab(url, area.words, area.waiting(work) if area.waiting else 0, is_current.get(url, ""))
        for url, area in found.items()
    ]
