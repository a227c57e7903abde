"""Going home: who takes a child, late-collection steps, alerts about barred adults, children on site.

Departures are written through enrollments.classes.register, whose refusals they raise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting
from enrollments.classes import register, roster
from enrollments.families import pickup
from enrollments.letters import outbox
from enrollments.models import Child, Guardianship, Letter, PickupPerson, Presence
from enrollments.models.attendance import by_name
from enrollments.permissions import FRONT_DESK, MANAGER
from home.account import User
from home.language.dates import one_line


@dataclass(frozen=True)
class LateStep:
    """A step to take that many minutes after a class if nobody has collected the child (domain §7)."""

    minutes: int
    words: Promise
    is_due: bool


ONE_ALERT = timedelta(minutes=5)
LATE_AFTER, LATE_UNTIL = timedelta(minutes=10), timedelta(hours=6)  # after the class
LATE = (
    (10, _("Call a guardian.")),
    (20, _("Call the emergency contact.")),
    (30, _("Call a manager. Two adults stay with the child.")),
)


def late_steps(child: Child, meeting: Meeting, at: datetime) -> list[LateStep]:
    """Return the three steps once the class has been over for ten minutes; none before."""
    waited = at - meeting.ends_at
    if not LATE_AFTER <= waited < LATE_UNTIL:
        return []
    return [LateStep(minutes, words, waited >= timedelta(minutes=minutes)) for minutes, words in LATE]


@dataclass(frozen=True)
class Taker:
    """One way home a guardian has agreed to beforehand: with a guardian, with a listed person, or alone.

    value      what `send_home` is told: "guardian.3", "listed.7", "alone"
    name       the adult's; "" for alone
    relation   to the child, in words
    phone      of a listed person; None for guardians, whose numbers stand under "Who to call"
    """

    value: str
    name: str = ""
    relation: str = ""
    phone: Any = None


def takers(children: Iterable[Child]) -> dict[int, list[Taker]]:
    """Return whom each child may go with in one tap; nobody barred from collecting it. Three queries."""
    children = list(children)
    barred = pickup.bans_of(children)
    found: dict[int, list[Taker]] = {child.pk: [] for child in children}

    ties = Guardianship.objects.filter(child__in=children).select_related("guardian").order_by("pk")
    for tie in ties:
        if not pickup.is_barred(barred.get(tie.child_id, ()), tie.guardian.name, tie.guardian_id):
            found[tie.child_id].append(
                Taker(f"guardian.{tie.pk}", tie.guardian.name, tie.get_relation_display())
            )
    for person in PickupPerson.objects.filter(child__in=children).order_by("pk"):
        if not pickup.is_barred(barred.get(person.child_id, ()), person.name):
            found[person.child_id].append(
                Taker(f"listed.{person.pk}", person.name, person.relation, person.phone)
            )
    for child in children:
        if child.may_go_alone:
            found[child.pk].append(Taker(str(Presence.Home.ALONE)))
    return found


def step_due(child: Child, meeting: Meeting, at: datetime) -> str:
    """Return the latest step that is due, in the active language; empty before the first."""
    return next((str(step.words) for step in reversed(late_steps(child, meeting, at)) if step.is_due), "")


def not_collected(at: datetime) -> list[Presence]:
    """Return children whom nobody has collected ten minutes after their class, the longest wait first.

    A child that has been marked in a later class since is there, not late.
    """
    later = Presence.objects.filter(
        child=OuterRef("child"), mark__in=Presence.CAME, meeting__starts_at__gt=OuterRef("meeting__starts_at")
    )
    rows = Presence.objects.filter(
        ~Exists(later),
        mark__in=Presence.IN_ROOM,
        went_home="",
        meeting__ends_at__lte=at - LATE_AFTER,
        meeting__ends_at__gt=at - LATE_UNTIL,
        meeting__cancelled_at=None,
    )
    found = rows.select_related("child", "meeting__session__course", "meeting__room__venue")
    return sorted(found, key=lambda row: (row.meeting.ends_at, row.meeting_id, by_name(row.child)))


@transaction.atomic
def send_home(
    meeting: Meeting,
    child_id: int,
    *,
    home: str,
    who: int | None = None,
    name: str = "",
    key: UUID,
    by: User,
    at: datetime,
) -> Presence:
    """Record that the child left: with a guardian or a listed person (`who`: the row's number), alone where
    that is allowed, or with another adult (`name`) whom a guardian named on the phone and whose identity
    document was checked (domain §7).

    Raise Conflict, when it has left already; Refused: NOT_HERE, NOT_ALLOWED, BARRED (then call
    alert).
    """
    if done := register.done_before(key, meeting, child_id):
        return _still_gone(done)
    presence = register.locked_row(meeting, child_id)
    if register.done_before(key, meeting, child_id):
        return _still_gone(presence)
    register.check_open(meeting, by=by, at=at)
    if presence.went_home:
        raise register.Conflict(presence)
    if presence.mark not in Presence.IN_ROOM:
        raise register.Refused(register.Reason.NOT_HERE)
    child = presence.child
    guardian: Guardianship | None = None
    named: str | None = None
    if home == Presence.Home.GUARDIAN:
        ties = Guardianship.objects.filter(child=child).select_related("guardian")
        guardian = ties.filter(pk=who).first() if who is not None else None
        named = guardian.guardian.name if guardian else ""
    elif home == Presence.Home.LISTED:
        person = PickupPerson.objects.filter(child=child, pk=who).first() if who is not None else None
        named = person.name if person else ""
    elif home == Presence.Home.ALONE:
        named = "" if child.may_go_alone else None
    elif home in {Presence.Home.OTHER, Presence.Home.PASS}:
        named = one_line(name, 150)
    if named is None or (named == "" and home != Presence.Home.ALONE):
        raise register.Refused(register.Reason.NOT_ALLOWED)
    if named and pickup.barred_from(child, named, guardian.guardian_id if guardian else None):
        raise register.Refused(register.Reason.BARRED)
    presence.went_home, presence.went_with, presence.went_at, presence.went_by_ref = home, named, at, by.pk
    register.write_change(presence, key=key, by=by, at=at)
    return presence


def _still_gone(presence: Presence) -> Presence:
    """Return the departure that this press recorded before; of one undone since, the press is an old page's:
    raise Refused(OTHER_TAP).
    """
    if not presence.went_home:
        raise register.Refused(register.Reason.OTHER_TAP)
    return presence


@transaction.atomic
def not_gone(
    meeting: Meeting, child_id: int, *, key: UUID, by: User, at: datetime, seen: int | None = None
) -> Presence:
    """Undo a departure recorded by mistake. Only done explicitly, never by a mark.

    Raise Conflict if a colleague has recorded something else than the version `seen`.
    """
    if done := register.done_before(key, meeting, child_id):
        return done
    register.check_open(meeting, by=by, at=at)
    presence = register.locked_row(meeting, child_id)
    if presence.went_home and not register.done_before(key, meeting, child_id):
        if seen is not None and seen != presence.version:
            raise register.Conflict(presence)
        presence.went_home, presence.went_with, presence.went_at, presence.went_by_ref = "", "", None, None
        register.write_change(presence, key=key, by=by, at=at)
    return presence


@transaction.atomic
def alert(child: Child, meeting: Meeting, *, at: datetime) -> None:
    """Alert managers and the front desk that a barred adult asks for the child, without naming that adult.

    Repeating it within some minutes sends no second alert.
    """
    told = Letter.objects.filter(
        kind="pickup_alert", child=child, meeting=meeting, written_at__gt=at - ONE_ALERT
    )
    if told.exists():
        return
    team = (
        get_user_model()
        .objects.filter(groups__name__in=(MANAGER, FRONT_DESK), is_active=True)
        .distinct()
        .order_by("pk")
    )
    for person in team:
        outbox.write("pickup_alert", to=person, at=at, child=child, meeting=meeting, session=meeting.session)


def in_the_house(meetings: QuerySet[Meeting], at: datetime) -> list[tuple[Meeting, dict[int, str]]]:
    """Return who is in the room of each current class (from half an hour before to an hour after): child →
    first name, initial.
    """
    on = meetings.filter(starts_at__lte=at + timedelta(minutes=30), ends_at__gte=at - timedelta(hours=1))
    found: dict[int, tuple[Meeting, list[Child]]] = {
        meeting.pk: (meeting, [])
        for meeting in on.select_related("room__venue", "session__course").order_by("room", "starts_at")
    }
    rows = Presence.objects.filter(meeting__in=found, mark__in=Presence.IN_ROOM, went_home="").select_related(
        "child"
    )
    for row in sorted(rows, key=lambda row: by_name(row.child)):
        found[row.meeting_id][1].append(row.child)
    return [(meeting, roster.told_apart(children)) for meeting, children in found.values()]
