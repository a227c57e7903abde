"""Guardians: their accounts made at the desk, their ties to children, invitations.

The only writer of Guardianship, GuardianEvent, GuardianInvitation.

A full guardian is never put out by the other one: only by themself, or by a manager with the paper seen
(domain §7).
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction

from enrollments.calendars import feeds
from enrollments.letters import outbox
from enrollments.letters.tokens import hash_of
from enrollments.models import Child, GuardianEvent, GuardianInvitation, Guardianship
from enrollments.permissions import MANAGER, has_role
from home.refusals import CodedRefusal, Refusal

LASTS = timedelta(days=7)
MOST_OPEN = 10  # invitations of one guardian that wait at the same time


class Reason(StrEnum):
    NOT_THEIRS = "not_theirs"
    TOO_MANY = "too_many"
    LAST_FULL_GUARDIAN = "last_full_guardian"


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


class LinkReason(StrEnum):
    """Why the link of an invitation may not be used now by this person."""

    REVOKED = "revoked"
    USED = "used"
    EXPIRED = "expired"
    OWN = "own"
    OTHER_ADDRESS = "other_address"


class LinkRefused(CodedRefusal[LinkReason]):
    """The invitation was not accepted."""


@transaction.atomic
def invite(
    *, children: Iterable[Child], relation: str, rights: str, email: str, by: User, at: datetime
) -> tuple[GuardianInvitation, str]:
    """A link for another adult of these children: (the invitation, the token that stands in the link, shown
    once); sent too, with an address.

    Only children in full care of the inviter; raises Refused(NOT_THEIRS) otherwise, Refused(TOO_MANY) past
    MOST_OPEN waiting ones.
    """
    wanted = {child.pk for child in children}
    mine = set(Child.objects.in_care_of(by).filter(pk__in=wanted).values_list("pk", flat=True))
    if not wanted or wanted != mine:
        raise Refused(Reason.NOT_THEIRS)
    if open_invitations(by, at).count() >= MOST_OPEN:
        raise Refused(Reason.TOO_MANY)
    token = secrets.token_urlsafe(24)
    invitation = GuardianInvitation.objects.create(
        invited_by=by,
        relation=relation,
        rights=rights,
        email=email.lower(),
        token_hash=hash_of(token),
        created_at=at,
        expires_at=at + LASTS,
    )
    invitation.children.set(wanted)
    if email:
        outbox.write_to(
            "invitation",
            address=email.lower(),
            language=by.language,
            at=at,
            by=by.get_short_name(),
            token=token,
        )
    return invitation, token


def open_invitations(user: User, at: datetime):
    """Those this guardian made that may still be used."""
    return GuardianInvitation.objects.filter(
        invited_by=user, used_at=None, revoked_at=None, expires_at__gt=at
    )


def find(token: str) -> GuardianInvitation | None:
    """The invitation behind a link, whatever its state; None when there is none such."""
    return GuardianInvitation.objects.select_related("invited_by").filter(token_hash=hash_of(token)).first()


def fault_of(invitation: GuardianInvitation, user: User | None, at: datetime) -> LinkReason | None:
    """Why this link may not be used now by this person; None when it may."""
    if invitation.revoked_at:
        return LinkReason.REVOKED
    if invitation.used_at:
        return LinkReason.USED
    if invitation.expires_at <= at:
        return LinkReason.EXPIRED
    if user is not None:
        if user.pk == invitation.invited_by_id:
            return LinkReason.OWN
        if invitation.email and invitation.email != (user.email or "").lower():
            return LinkReason.OTHER_ADDRESS
    if not still_offered(invitation).exists():
        return LinkReason.REVOKED
    return None


def still_offered(invitation: GuardianInvitation):
    """The children the inviter still answers for: an invitation dies with the rights of who made it."""
    return Child.objects.in_care_of(invitation.invited_by).filter(invitations=invitation)


@transaction.atomic
def accept(invitation: GuardianInvitation, *, by: User, at: datetime) -> list[Child]:
    """The invited adult becomes a guardian of the children; the other full guardians are told.

    Raises LinkRefused; one use whatever happens.
    """
    invitation = (
        GuardianInvitation.objects.select_for_update(of=("self",))
        .select_related("invited_by")
        .get(pk=invitation.pk)
    )
    if code := fault_of(invitation, by, at):
        raise LinkRefused(code)
    children = list(still_offered(invitation).order_by("pk"))
    for child in children:
        if not Guardianship.objects.filter(child=child, guardian=by).exists():
            add_guardian(
                child=child,
                guardian=by,
                relation=invitation.relation,
                rights=invitation.rights,
                by=invitation.invited_by,
                at=at,
            )
            outbox.tell_full_guardians("guardian_added", child=child, at=at, but=by, name=by.get_short_name())
    invitation.used_at, invitation.used_by_ref = at, by.pk
    invitation.save(update_fields=["used_at", "used_by_ref"])
    return children


@transaction.atomic
def add_at_desk(
    child: Child, *, guardian: User, relation: str, rights: str, by: User, at: datetime
) -> Guardianship:
    """The desk adds a guardian on the word of a full one, who is told with all the others; adding the same
    one twice changes nothing.
    """
    Child.objects.select_for_update().get(pk=child.pk)
    there = Guardianship.objects.filter(child=child, guardian=guardian).first()
    if there:
        return there
    tie = add_guardian(
        child=child, guardian=guardian, relation=relation, rights=rights, by=by, at=at, reason="desk"
    )
    outbox.tell_full_guardians("guardian_added_at_desk", child=child, at=at, name=guardian.get_short_name())
    return tie


def revoke(invitation: GuardianInvitation, *, at: datetime) -> None:
    """The link opens nothing any more; one already used stays as it was."""
    GuardianInvitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(revoked_at=at)


def may_leave(tie: Guardianship) -> bool:
    """A child is never left without an adult who answers for it: the last full guardian erases the child or
    invites another first.
    """
    if tie.rights != Guardianship.Rights.FULL:
        return True
    return Guardianship.objects.full().filter(child=tie.child).exclude(pk=tie.pk).exists()


@transaction.atomic
def leave(*, child: Child, by: User, at: datetime) -> None:
    """Cease to be a guardian of this child. Raises Refused(LAST_FULL_GUARDIAN)."""
    tie = _locked_tie(child, by.pk)
    if not may_leave(tie):
        raise Refused(Reason.LAST_FULL_GUARDIAN)
    _end(tie, what="left", by=by, at=at)


def may_remove(tie: Guardianship, by: User) -> bool:
    """An informed guardian: any full guardian of the child, or a manager. A full one: a manager only."""
    if tie.guardian_id == by.pk:
        return False  # that is leaving
    if has_role(by, MANAGER):
        return True
    mine = Guardianship.objects.full().filter(child=tie.child, guardian=by)
    return tie.rights == Guardianship.Rights.INFORMED and mine.exists()


@transaction.atomic
def remove(tie: Guardianship, *, by: User, at: datetime, paper: str = "") -> None:
    """Put an end to somebody's guardianship; `paper` is what a manager has seen (Barring.Paper).

    Raises Refused: NOT_THEIRS, or LAST_FULL_GUARDIAN when nobody with full rights would be left.
    """
    tie = _locked_tie(tie.child, tie.guardian_id)
    if not may_remove(tie, by) or (tie.rights == Guardianship.Rights.FULL and not paper):
        raise Refused(Reason.NOT_THEIRS)
    if not may_leave(tie):
        raise Refused(Reason.LAST_FULL_GUARDIAN)
    _end(tie, what="removed", by=by, at=at, reason=paper)


def _locked_tie(child: Child, guardian_id: int) -> Guardianship:
    """The tie, under the child's lock: two guardians who leave at once are asked one after the other."""
    Child.objects.select_for_update().get(pk=child.pk)
    tie = (
        Guardianship.objects.select_related("child", "guardian")
        .filter(child=child, guardian_id=guardian_id)
        .first()
    )
    if tie is None:
        raise Refused(Reason.NOT_THEIRS)
    return tie


def _end(tie: Guardianship, *, what: str, by: User, at: datetime, reason: str = "") -> None:
    """All that reached the child through this tie ends with it, in this transaction: invitations, queued
    letters, the tie itself.
    """
    child, guardian = tie.child, tie.guardian
    outbox.withhold(recipient=guardian, children=[child])
    GuardianInvitation.objects.filter(
        invited_by=guardian, children=child, used_at=None, revoked_at=None
    ).update(revoked_at=at)
    end_guardianship(tie, what=what, by=by, at=at, reason=reason)
    outbox.tell_full_guardians(
        "guardian_ended", child=child, at=at, but=by, name=guardian.get_short_name(), left=what == "left"
    )


class AccountExists(Refusal):
    """This address opens an account already; nothing was written. `user` is that account."""

    def __init__(self, user: User):
        super().__init__(str(user))
        self.user = user


@transaction.atomic
def open_account(*, name: str, phone: str, email: str, language: str, at: datetime) -> User:
    """A guardian's account made at the desk.

    With an address, a letter says how to choose a password; without, a login card is issued.

    The address is proved by its owner at the first login, and the terms are accepted then. Raises
    AccountExists.
    """
    found = get_user_model().objects.filter(email=email.lower()).first() if email else None
    if found:
        raise AccountExists(found)
    user = get_user_model().objects.create_user(email, name=name, phone=phone, language=language)
    if email:
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
        outbox.write("account_opened", to=user, at=at)
    return user


@transaction.atomic
def change_contact(user: User, *, name: str, phone: str, language: str) -> User:
    """Correct a guardian's name, telephone and language at the desk; the address is changed by its owner
    alone.
    """
    user = get_user_model().objects.select_for_update().get(pk=user.pk)
    user.name, user.phone, user.language = name, phone, language
    user.save(update_fields=["name", "name_keys", "phone", "language"])
    return user


def first_guardian(child: Child, guardian: User, *, relation: str) -> Guardianship:
    """The tie of a new child to the adult who adds it: full rights."""
    return Guardianship.objects.create(
        child=child, guardian=guardian, relation=relation, rights=Guardianship.Rights.FULL
    )


def add_guardian(
    *,
    child: Child,
    guardian: User,
    relation: str,
    rights: str,
    by: User | None = None,
    at: datetime | None = None,
    reason: str = "",
) -> Guardianship:
    """A further adult answerable for the child; an existing tie is left as it is.

    With `at`, the change is kept (GuardianEvent).
    """
    tie, made = Guardianship.objects.get_or_create(
        child=child, guardian=guardian, defaults={"relation": relation, "rights": rights}
    )
    if made and at:
        keep_event(tie, "added", by=by, at=at, reason=reason)
    return tie


def end_guardianship(tie: Guardianship, *, what: str, by: User, at: datetime, reason: str = "") -> None:
    """The tie is gone, the record that it ended stays.

    Call enrollments.families.guardians, which asks who may and ends all that hangs on it.
    """
    keep_event(tie, what, by=by, at=at, reason=reason)
    feeds.end_of(tie.guardian, tie.child, at=at)
    tie.delete()


def keep_event(tie: Guardianship, what: str, *, by: User | None, at: datetime, reason: str = "") -> None:
    """One line of the record of who became and who ceased to be a guardian: references and codes only."""
    GuardianEvent.objects.create(
        child_ref=tie.child_id,
        guardian_ref=tie.guardian_id,
        what=what,
        rights=tie.rights,
        reason=reason,
        by_ref=by.pk if by else None,
        at=at,
    )
