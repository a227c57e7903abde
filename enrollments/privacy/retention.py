"""Delete data past its retention period (enrollments.privacy.inventory defines the periods).

Each row has its own transaction, so an interrupted run can resume.

Counts are in rows; with `apply` false nothing is changed.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as Login
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from enrollments.families import safety_notes
from enrollments.models import (
    AccountEvent,
    CertificateEvent,
    Child,
    DataCopy,
    Enrollment,
    GuardianEvent,
    GuardianInvitation,
    Guardianship,
    Incident,
    Letter,
    LoginCard,
    Message,
    PickupPass,
    ReadRecord,
    SafetyNote,
    SurveyAnswer,
    SurveyLink,
)
from enrollments.portfolio import class_photos, projects
from enrollments.privacy import data_export, erasure, inventory

NOTE, LETTER, LINK, CODE, UNSEEN = (
    period.delta
    for period in (inventory.NOTE, inventory.LETTER, inventory.LINK, inventory.CODE, inventory.UNSEEN)
)
FILE, RECORD, ACCOUNT = inventory.FILE.delta, inventory.RECORD.delta, inventory.ACCOUNT.delta
INCIDENT, EVENT, SURVEY = inventory.INCIDENT.delta, inventory.EVENT.delta, inventory.SURVEY.delta


def due(at: datetime) -> dict[str, tuple[QuerySet[Any, Any], Callable[[Any], object]]]:
    """Return what has expired: kind → (the rows, the action for one row)."""
    past = timezone.localdate(at - NOTE)
    gone = timezone.localdate(at - FILE)
    last = Max("enrollments__session__meetings__on")
    live = Enrollment.objects.under_way(at).filter(child=OuterRef("pk"))
    notes = SafetyNote.objects.annotate(last=Max("child__enrollments__session__meetings__on")).filter(
        Q(last__lt=past) | Q(last=None, changed_at__lt=at - NOTE)
    )
    children = (
        Child.objects.filter(erased_at=None, created_at__lt=at - FILE)
        .filter(Q(confirmed_at=None) | Q(confirmed_at__lt=at - FILE))
        .filter(~Exists(live))
        .annotate(last=last)
        .filter(Q(last=None) | Q(last__lt=gone))
    )
    accounts = (
        get_user_model()
        .objects.filter(groups=None, is_superuser=False, is_staff=False, date_joined__lt=at - ACCOUNT)
        .filter(Q(last_login=None) | Q(last_login__lt=at - ACCOUNT))
        .filter(~Exists(Guardianship.objects.filter(guardian=OuterRef("pk"))))
    )
    old_letters = Letter.objects.filter(
        ~Q(state=Letter.State.QUEUED) & Q(written_at__lt=at - LETTER)
        | Q(kind=Letter.ACCOUNT, written_at__lt=at - CODE)
        | Q(kind=Letter.CONTACT, state=Letter.State.SENT, written_at__lt=at - CODE)
    )
    return {
        "safety notes": (notes, lambda note: safety_notes.erase_note(note.child, at=at)),
        "children": (children, lambda child: erasure.erase_child(child, by=None, at=at)),
        "accounts": (accounts, lambda user: erasure.erase_account(user, by=None, at=at)),
        "pictures of classes": (
            class_photos.past(at, UNSEEN),
            lambda photo: class_photos.erase(photo, by=None, at=at),
        ),
        "incidents": (
            Incident.objects.filter(happened_at__lt=at - INCIDENT),
            lambda row: row.delete(),
        ),
        "passes": (PickupPass.objects.filter(on__lt=past), lambda row: row.delete()),
        "messages": (Message.objects.filter(written_at__lt=at - LETTER), lambda row: row.delete()),
        "letters": (old_letters, lambda letter: letter.delete()),
        "invitations": (
            GuardianInvitation.objects.filter(expires_at__lt=at - LINK),
            lambda row: row.delete(),
        ),
        "login cards": (
            LoginCard.objects.filter(expires_at__lt=at - LINK),
            lambda row: row.delete(),
        ),
        "survey links": (SurveyLink.objects.filter(expires_at__lt=at - LINK), lambda row: row.delete()),
        "survey answers": (
            SurveyAnswer.objects.filter(ended_on__lt=timezone.localdate(at - SURVEY)),
            lambda row: row.delete(),
        ),
        "looks": (ReadRecord.objects.filter(at__lt=at - RECORD), lambda row: row.delete()),
        "events of accounts": (
            AccountEvent.objects.filter(at__lt=at - EVENT),
            lambda row: row.delete(),
        ),
        "changes of guardians": (
            GuardianEvent.objects.filter(at__lt=at - RECORD),
            lambda row: row.delete(),
        ),
        "acts on certificates": (
            CertificateEvent.objects.filter(at__lt=at - RECORD),
            lambda row: row.delete(),
        ),
        "copies": (DataCopy.objects.filter(expires_at__lt=at), data_export.put_away),
        "logins": (Login.objects.filter(expire_date__lt=at), lambda row: row.delete()),
    }


def retain(at: datetime, *, apply: bool) -> dict[str, int]:
    """Return how many rows of each kind have expired (and delete them, with `apply`). Idempotent."""
    counts = {}
    for kind in due(at):
        rows, end = due(at)[kind]  # evaluate again: an account is due once its children are erased
        keys = list(rows.values_list("pk", flat=True).distinct())
        counts[kind] = len(keys)
        for key in keys if apply else []:
            if row := rows.model._default_manager.filter(pk=key).first():
                end(row)
    if apply:
        data_export.sweep(at)
        projects.sweep(at)
        class_photos.sweep(at)
    return counts
