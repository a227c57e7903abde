"""Something happened to a child in the house: written down, the managers told at once, read and countersigned
by a guardian.

The only writer of Incident.
"""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction

from courses.models import Meeting
from enrollments.letters import outbox
from enrollments.models import Child, Incident
from enrollments.permissions import MANAGER


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
    """Keep the note and write to every manager and every full guardian; the letters say that there is a note,
    not what stands in it.

    The same words about the same moment, sent again, are the note there is.
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
    """A full guardian says that the note was read; the first signature stands."""
    return bool(
        Incident.objects.filter(pk=incident.pk, countersigned_at=None).update(
            countersigned_at=at, countersigned_by_ref=by.pk
        )
    )
