"""Pick-up safety: late-collection steps, alerts about unauthorised adults,
and the list of children on site.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting
from enrollments.classes import roster
from enrollments.letters import outbox
from enrollments.models import Child, Letter, Presence
from enrollments.permissions import FRONT_DESK, MANAGER


@dataclass(frozen=True)
class LateStep:
    """A step to take that many minutes after a class if nobody has collected the child (domain §7)."""

    minutes: int
    words: Promise
    is_due: bool


ONE_ALERT = timedelta(minutes=5)
LATE = (
    (10, _("Call a guardian.")),
    (20, _("Call the emergency contact.")),
    (30, _("Call a manager. Two adults stay with the child.")),
)


def late_steps(child: Child, meeting: Meeting, at: datetime) -> list[LateStep]:
    """Return the three steps once the class has been over for ten minutes; none before."""
    waited = at - meeting.ends_at
    if not timedelta(minutes=10) <= waited < timedelta(hours=6):
        return []
    return [LateStep(minutes, words, waited >= timedelta(minutes=minutes)) for minutes, words in LATE]


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
    for row in rows.order_by("child__first_name", "child__last_name"):
        found[row.meeting_id][1].append(row.child)
    return [(meeting, roster.told_apart(children)) for meeting, children in found.values()]
