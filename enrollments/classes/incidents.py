"""Incident reports about a child: managers are notified, a guardian reads and countersigns.

Sole writer of Incident.
"""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from courses.models import Meeting
from enrollments.letters import outbox
from enrollments.models import Child, Incident
from enrollments.permissions import MANAGER
from home.account import User


@transaction.atomic
def write(
    child: Child,
    meeting: Meeting | None,
    *,
    happened_at: datetime,
    what: str,
    done: str,
    told: str,
    by: User,
    at: datetime,
) -> Incident:
    """Save the report and notify every manager and every guardian with full rights, without its content.

    The same text about the same time, submitted again, returns the existing report.
    """
    same = Incident.objects.filter(
        child=child, happened_at=happened_at, what=what, done=done, written_by_ref=by.pk
    )
    if there := same.first():
        return there
    incident = Incident.objects.create(
        child=child,
        meeting=meeting,
        happened_at=happened_at,
        what=what,
        done=done,
        told=told,
        written_at=at,
        written_by_ref=by.pk,
    )
    for manager in get_user_model().objects.filter(groups__name=MANAGER, is_active=True).order_by("pk"):
        outbox.write("incident", to=manager, child=child, at=at, incident=incident, is_team=True)
    outbox.tell_full_guardians("incident", child=child, at=at, incident=incident)
    return incident


@transaction.atomic
def countersign(incident: Incident, *, by: User, at: datetime) -> bool:
    """Record that a guardian with full rights has read the report; the first signature is kept."""
    return bool(
        Incident.objects.filter(pk=incident.pk, countersigned_at=None).update(
            countersigned_at=at, countersigned_by_ref=by.pk
        )
    )
