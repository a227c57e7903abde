"""Right to erasure: erase a child's personal data, or an account.

Sole writer of ErasureAgreement; enrollments.privacy.inventory says what happens to each model.

A child's row stays, empty: places and accounts refer to its id, which identifies nobody any more.
"""

from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes
from email.utils import getaddresses
from enum import StrEnum
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as Login
from django.db import transaction
from django.db.models import Q

from enrollments.families import erased_numbers, guardians
from enrollments.families.children import empty_child
from enrollments.learning import certificates
from enrollments.letters import outbox
from enrollments.models import (
    Barring,
    CalendarFeed,
    Child,
    ClassNote,
    Enrollment,
    Equivalence,
    ErasureAgreement,
    GuardianInvitation,
    Guardianship,
    Incident,
    Letter,
    MakeUp,
    MergeProposal,
    Message,
    PickupPass,
    PickupPerson,
    PlaceNote,
    Presence,
    Recommendation,
    SafetyNote,
    SkillObservation,
    Waiver,
)
from enrollments.money import papers
from enrollments.permissions import MANAGER, has_role, roles_of
from enrollments.places import withdrawal
from enrollments.portfolio import class_photos, projects
from enrollments.privacy import data_export
from home.account import User
from home.refusals import CodedRefusal


class Reason(StrEnum):
    ENROLLED = "enrolled"  # a child has a place or waits for one
    TEAM = "team"  # the account has a role
    NOT_THEIRS = "not_theirs"


class Refused(CodedRefusal[Reason]):
    """Nothing was erased."""


def in_the_way(children: Iterable[Child], at: datetime) -> list[Enrollment]:
    """Return the places and waiting-list positions of these children that must be cancelled first. Places of
    finished sessions are not: they stay in the accounts without a name.
    """
    rows = Enrollment.objects.under_way(at).filter(child__in=list(children))
    return list(
        rows.select_related("child", "session__course", "session__room__venue").order_by("child", "pk")
    )


def is_held(child: Child, at: datetime) -> bool:
    """Return whether the child has a place or is on a waiting list, which must be cancelled first."""
    return child.enrollments.under_way(at).exists()


def still_to_agree(child: Child) -> list[User]:
    """Return the guardians with full rights who have not agreed to the erasure yet."""
    said = ErasureAgreement.objects.filter(child=child).values("guardian")
    ties = (
        Guardianship.objects.full()
        .filter(child=child)
        .exclude(guardian__in=said)
        .select_related("guardian")
        .order_by("pk")
    )
    return [tie.guardian for tie in ties]


@transaction.atomic
def agree(child: Child, *, by: User, at: datetime) -> bool:
    """A full guardian's yes; True when it was the last one missing and the child is erased.

    Raises Refused: ENROLLED, NOT_THEIRS.
    """
    child = Child.objects.select_for_update().get(pk=child.pk)
    if not Guardianship.objects.full().filter(child=child, guardian=by).exists():
        raise Refused(Reason.NOT_THEIRS)
    if is_held(child, at):
        raise Refused(Reason.ENROLLED)
    _yes, is_new = ErasureAgreement.objects.get_or_create(
        child=child, guardian=by, defaults={"agreed_at": at}
    )
    if not still_to_agree(child):
        _forget(child, by=by, at=at)
        return True
    if is_new:
        outbox.tell_full_guardians("erasure_asked", child=child, at=at, but=by, name=by.get_short_name())
    return False


def take_back(child: Child, *, by: User) -> None:
    """Withdraw this guardian's agreement."""
    ErasureAgreement.objects.filter(child=child, guardian=by).delete()


@transaction.atomic
def erase_child(child: Child, *, by: User | None, at: datetime) -> None:
    """Erase a child by a manager's decision, or after the retention period (by None). Raises Refused."""
    child = Child.objects.select_for_update().get(pk=child.pk)
    if by is not None and not has_role(by, MANAGER):
        raise Refused(Reason.NOT_THEIRS)
    if is_held(child, at):
        raise Refused(Reason.ENROLLED)
    _forget(child, by=by, at=at)


def _forget(child: Child, *, by: User | None, at: datetime) -> None:
    """Delete every row about the child except bare ids.

    The other guardians are told beforehand, without the child's file. A backup from before two files became
    one holds both, so both numbers are noted.
    """
    for file in (child, *child.merged_files.all()):
        erased_numbers.note(erased_numbers.What.CHILD, file.pk, born=file.created_at, at=at)
    Letter.objects.filter(Letter.is_about([child])).delete()
    for model in (
        PickupPerson,
        Barring,
        SafetyNote,
        Equivalence,
        Recommendation,
        ErasureAgreement,
        Waiver,
        CalendarFeed,
        Message,
        Presence,
        MakeUp,
        SkillObservation,
        ClassNote,
        Incident,
        PickupPass,
    ):
        model.objects.filter(child=child).delete()
    projects.forget(child)
    class_photos.forget(child)
    PlaceNote.objects.filter(enrollment__child=child).delete()
    papers.forget(children=[child.pk])
    certificates.forget(child)
    MergeProposal.objects.filter(Q(kept=child) | Q(gone=child)).delete()
    for invitation in GuardianInvitation.objects.filter(children=child):
        invitation.children.remove(child)
        if not invitation.children.exists():
            _forget_address(invitation.email)
            invitation.delete()
    ties = list(Guardianship.objects.filter(child=child).select_related("guardian"))
    data_export.put_away_all(tie.guardian for tie in ties)
    for tie in ties:
        guardians.end_guardianship(tie, what="removed", by=by, at=at, reason="erased")
    empty_child(child, at=at)


def why_not(user: User, at: datetime) -> Reason | None:
    """What keeps an account from being erased; None when nothing does."""
    if roles_of(user) or user.is_staff:
        return Reason.TEAM
    for tie in Guardianship.objects.full().filter(guardian=user).select_related("child"):
        if (
            is_held(tie.child, at)
            and not Guardianship.objects.full().filter(child=tie.child).exclude(pk=tie.pk).exists()
        ):
            return Reason.ENROLLED
    return None


def children_left_alone(user: User) -> list[Child]:
    """Return the children without another guardian with full rights; they are erased with the account."""
    mine = Guardianship.objects.full().filter(guardian=user).select_related("child")
    others = Guardianship.objects.full().exclude(guardian=user)
    return [tie.child for tie in mine if not others.filter(child=tie.child).exists()]


def _forget_address(address: str) -> None:
    """Delete messages sent to this address without an account, or received from it."""
    if address:
        Letter.objects.filter(Q(address=address) | Q(reply_to=address), recipient=None).delete()


@transaction.atomic
def erase_account(user: User, *, by: User | None, at: datetime) -> None:
    """Erase the account, its data, and the children without another guardian with full rights.

    Raises Refused (why_not).
    """
    mine = Guardianship.objects.filter(guardian=user).values("child")
    list(Child.objects.select_for_update().filter(pk__in=mine).order_by("pk"))  # nothing is added to them
    user = get_user_model().objects.select_for_update().get(pk=user.pk)
    if code := why_not(user, at):
        raise Refused(code)
    for child in children_left_alone(user):
        _forget(child, by=by, at=at)
    _forget_account(user, by=by, at=at)


@transaction.atomic
def erase_again(row: Child | User, *, at: datetime) -> None:
    """Erase a child or an account that had been erased after the backup that was restored: without the
    questions, and with its places ended. An account takes no child with it: those that were erased with it
    have numbers of their own.
    """
    if isinstance(row, Child):
        withdrawal.end_all(row, reason="erased", at=at)
        _forget(Child.objects.select_for_update().get(pk=row.pk), by=None, at=at)
    else:
        _forget_account(row, by=None, at=at, is_news=False)


def _forget_account(user: User, *, by: User | None, at: datetime, is_news: bool = True) -> None:
    """Delete the account and what is about it alone; the children's other guardians are told of news."""
    erased_numbers.note(erased_numbers.What.ACCOUNT, user.pk, born=user.date_joined, at=at)
    for tie in Guardianship.objects.filter(guardian=user).select_related("child"):
        guardians.end_guardianship(tie, what="left", by=by, at=at, reason="erased")
        if is_news:
            outbox.tell_full_guardians(
                "guardian_ended", child=tie.child, at=at, but=user, name=user.get_short_name(), left=True
            )
    data_export.put_away_all([user])
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    Login.objects.filter(session_key__in=keys).delete()
    GuardianInvitation.objects.filter(Q(email=user.email) if user.email else Q(pk=None)).update(email="")
    for invited in GuardianInvitation.objects.filter(invited_by=user).exclude(email=""):
        _forget_address(invited.email)
    papers.forget(person=user.pk)
    address = user.email
    _forget_address(address or "")
    user.delete()
    if address:
        transaction.on_commit(lambda: forget_letters_to(address))


def forget_letters_to(address: str) -> int:
    """Delete the demo mailbox's emails to this address; return how many. There are none in production."""
    taken = 0
    for path in Path(settings.LETTERS_DIR).glob("*.eml"):
        readers = getaddresses(message_from_bytes(path.read_bytes()).get_all("to", []))
        if address in {reader.lower() for _name, reader in readers}:
            path.unlink(missing_ok=True)
            taken += 1
    return taken
