"""Staff roles and recovery from a lost second factor.

Sole writer of StaffInvitation, RescueCode and RoleEvent.

A role is given by an invitation its recipient accepts, and removed by a manager. A rescue code is read out to
a colleague known by sight or voice. It allows one sign-in within a day and removes the lost factors; a new
one must be set up before any other access.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from enrollments.letters import outbox
from enrollments.letters.tokens import hash_of
from enrollments.models import RescueCode, RoleEvent, StaffInvitation
from enrollments.models.places import ALPHABET
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, ROLES, has_role, roles_of
from enrollments.staff.handover import Handover, hand_over
from home.account import User
from home.refusals import CodedRefusal

INVITATION_LASTS = timedelta(days=7)
CODE_LASTS, CODE_LENGTH = timedelta(hours=24), 10  # 30¹⁰ codes, tried at most 20 times in ten minutes


class Reason(StrEnum):
    NOT_YOURS = "not_yours"
    HAS_ROLE = "has_role"
    LAST_MANAGER = "last_manager"
    ONESELF = "oneself"
    NO_ROLE = "no_role"
    TEACHES = "teaches"  # there are classes to come for which nothing is decided


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


class LinkReason(StrEnum):
    """Why the link of an invitation may not be used now by this person."""

    REVOKED = "revoked"
    USED = "used"
    EXPIRED = "expired"
    OTHER_ACCOUNT = "other_account"


class LinkRefused(CodedRefusal[LinkReason]):
    """The invitation was not accepted."""


def members() -> QuerySet[User]:
    """Return everybody with a role."""
    rows = get_user_model().objects.filter(groups__name__in=ROLES)
    return rows.distinct().prefetch_related("groups")


def managers_to_call() -> list[User]:
    """Return the managers who can be phoned, by name."""
    return [person for person in members().filter(groups__name=MANAGER, is_active=True) if person.phone]


@transaction.atomic
def invite(
    *, email: str, name: str, role: str, language: str, by: User, at: datetime
) -> tuple[StaffInvitation, str]:
    """Offer a role by letter: (the invitation, the token of its link).

    An unknown address gets an account, its owner proves it.

    A manager only; raises Refused: NOT_YOURS, HAS_ROLE. An invitation to the same role that waits is revoked.
    """
    if not has_role(by, MANAGER) or role not in ROLES:
        raise Refused(Reason.NOT_YOURS)
    user = get_user_model().objects.filter(email=email.lower()).first()
    if user is None:
        user = get_user_model().objects.create_user(email, name=name, language=language)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    elif role in roles_of(user):
        raise Refused(Reason.HAS_ROLE)
    StaffInvitation.objects.filter(user=user, role=role, used_at=None, revoked_at=None).update(revoked_at=at)
    token = secrets.token_urlsafe(24)
    invitation = StaffInvitation.objects.create(
        user=user,
        role=role,
        token_hash=hash_of(token),
        invited_by_ref=by.pk,
        invited_at=at,
        expires_at=at + INVITATION_LASTS,
    )
    outbox.write("team_invitation", to=user, at=at, token=token, role=role, by=by.get_short_name())
    return invitation, token


def open_invitations(at: datetime) -> QuerySet[StaffInvitation]:
    return StaffInvitation.objects.filter(used_at=None, revoked_at=None, expires_at__gt=at).select_related(
        "user"
    )


def find(token: str) -> StaffInvitation | None:
    return StaffInvitation.objects.select_related("user").filter(token_hash=hash_of(token)).first()


def fault_of(invitation: StaffInvitation, user: User | None, at: datetime) -> LinkReason | None:
    """Why this link may not be used now by this person; None when it may."""
    inviter = get_user_model().objects.filter(pk=invitation.invited_by_ref, is_active=True).first()
    if invitation.revoked_at or inviter is None or not has_role(inviter, MANAGER):
        return LinkReason.REVOKED  # it ends with the rights of the manager who made it
    if invitation.used_at:
        return LinkReason.USED
    if invitation.expires_at <= at:
        return LinkReason.EXPIRED
    return LinkReason.OTHER_ACCOUNT if user is not None and user.pk != invitation.user_id else None


@transaction.atomic
def accept(invitation: StaffInvitation, *, by: User, at: datetime) -> None:
    """The role is given; one use whatever happens. Raises LinkRefused."""
    invitation = StaffInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if code := fault_of(invitation, by, at):
        raise LinkRefused(code)
    by.groups.add(Group.objects.get(name=invitation.role))
    get_user_model().objects.filter(pk=by.pk).update(is_staff=True)
    invitation.used_at = at
    invitation.save(update_fields=["used_at"])
    RoleEvent.objects.create(
        user_ref=by.pk, role=invitation.role, what="given", by_ref=invitation.invited_by_ref, at=at
    )


def revoke(invitation: StaffInvitation, *, at: datetime) -> None:
    """Revoke the invitation; one already used stays unchanged."""
    StaffInvitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(revoked_at=at)


@transaction.atomic
def take_role(
    user: User, role: str, *, by: User, at: datetime, handover: Mapping[str, Handover] | None = None
) -> None:
    """The role is gone with the next request; an instructor's classes to come pass on (`handover`: an answer
    for each duty, by its name).

    A manager only, never one's own; raises Refused: NOT_YOURS, ONESELF, NO_ROLE, LAST_MANAGER, TEACHES.
    """
    if not has_role(by, MANAGER):
        raise Refused(Reason.NOT_YOURS)
    if user.pk == by.pk:
        raise Refused(Reason.ONESELF)
    if role == INSTRUCTOR and hand_over(user, handover or {}, at=at):
        raise Refused(Reason.TEACHES)
    group = Group.objects.select_for_update().filter(name=role).first()
    if group is None or not user.groups.filter(pk=group.pk).exists():
        raise Refused(Reason.NO_ROLE)
    if role == MANAGER and not group.user_set.filter(is_active=True).exclude(pk=user.pk).exists():
        raise Refused(Reason.LAST_MANAGER)
    user.groups.remove(group)
    if not user.groups.filter(name__in=ROLES).exists():
        get_user_model().objects.filter(pk=user.pk).update(is_staff=False)
    RoleEvent.objects.create(user_ref=user.pk, role=role, what="taken", by_ref=by.pk, at=at)


def end_logins(user: User, *, by: User) -> int:
    """End every session of a colleague who lost a phone; return how many there were. Managers only; raise
    Refused(NOT_YOURS).
    """
    if not has_role(by, MANAGER):
        raise Refused(Reason.NOT_YOURS)
    logins = list(UserSession.objects.filter(user=user))
    for login in logins:
        login.end()
    return len(logins)


def may_rescue(user: User, by: User) -> bool:
    """Return whether this user may issue a rescue code: managers for anybody, the front desk for
    non-managers, nobody for themself; team members only.
    """
    roles = roles_of(user)
    if user.pk == by.pk or not roles or user.is_superuser:
        return False
    return has_role(by, MANAGER) or (has_role(by, FRONT_DESK) and MANAGER not in roles)


@transaction.atomic
def issue_rescue(user: User, *, reason: str, by: User, at: datetime) -> str:
    """A code to read out, shown once; the one before no longer works. Raises Refused(NOT_YOURS)."""
    if not may_rescue(user, by):
        raise Refused(Reason.NOT_YOURS)
    RescueCode.objects.filter(user=user, used_at=None, revoked_at=None).update(revoked_at=at)
    code = "".join(secrets.choice(ALPHABET) for _character in range(CODE_LENGTH))
    RescueCode.objects.create(
        user=user,
        code_hash=_hash(user, code),
        reason=reason,
        issued_by_ref=by.pk,
        issued_at=at,
        expires_at=at + CODE_LASTS,
    )
    return code


def _hash(user: User, typed: str) -> str:
    plain = "".join(mark for mark in typed.upper() if mark.isalnum())
    return hash_of(f"{user.pk}:{plain}")


def use_rescue(user: User, typed: str, *, at: datetime) -> bool:
    """Use up the code; False if it is invalid or already used."""
    waiting = RescueCode.objects.filter(
        user=user, code_hash=_hash(user, typed), used_at=None, revoked_at=None, expires_at__gt=at
    )
    return bool(waiting.update(used_at=at))
