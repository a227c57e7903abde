"""Guardians: accounts created at the front desk, ties to children, invitations. Sole writer of Guardianship,
GuardianEvent and GuardianInvitation.

A guardian with full rights is removed by themself or by a manager who has seen a document, never by another
guardian (domain §7).
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from enrollments.calendars import feeds
from enrollments.families import erased_numbers, pickup
from enrollments.letters import outbox
from enrollments.letters.tokens import hash_of
from enrollments.models import Child, GuardianEvent, GuardianInvitation, Guardianship, Letter
from enrollments.models.people import ChildQuerySet
from enrollments.permissions import MANAGER, has_role
from home.account import User
from home.refusals import CodedRefusal

LASTS = timedelta(days=7)
MOST_OPEN = 10  # open invitations of one guardian
# Why a guardianship ends with something else: the file or the account was erased, or two files became one.
NO_END_OF_ITS_OWN = ("erased", "merged")


class Reason(StrEnum):
    NOT_THEIRS = "not_theirs"
    BY_PHONE = "by_phone"  # who may not collect a child chooses no other guardian for it
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
    ALREADY = "already"


class LinkRefused(CodedRefusal[LinkReason]):
    """The invitation was not accepted."""


@transaction.atomic
def invite(
    *, children: Iterable[Child], relation: str, rights: str, email: str, by: User, at: datetime
) -> tuple[GuardianInvitation, str]:
    """Invite another adult: return the invitation and the token of its link, which is shown once; email it if
    there is an address. Raises Refused: BY_PHONE for a child that the inviter may not collect, because every
    guardian may.
    """
    wanted = {child.pk for child in children}
    mine = set(Child.objects.in_care_of(by).filter(pk__in=wanted).values_list("pk", flat=True))
    if not wanted or wanted != mine:
        raise Refused(Reason.NOT_THEIRS)
    if _barred_from(by, wanted):
        raise Refused(Reason.BY_PHONE)
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


def open_invitations(user: User, at: datetime) -> QuerySet[GuardianInvitation]:
    """Return this guardian's invitations that can still be used."""
    return GuardianInvitation.objects.filter(
        invited_by=user, used_at=None, revoked_at=None, expires_at__gt=at
    )


def find(token: str) -> GuardianInvitation | None:
    """Return the invitation of a link, whatever its state; None if there is none."""
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
    offered = set(still_offered(invitation).values_list("pk", flat=True))
    if user is not None:  # a guardian barred from collecting comes back by a manager only (domain §7)
        offered -= _barred_from(user, offered)
    if not offered:
        return LinkReason.REVOKED
    if user is not None and not offered - _held_by(user, invitation.rights):
        return LinkReason.ALREADY
    return None


def _barred_from(user: User, children: Iterable[int]) -> set[int]:
    """Return which of these children the user is barred from collecting, by account or by name."""
    bans = pickup.bans_of(children)
    return {child for child, found in bans.items() if pickup.is_barred(found, user.name, user.pk)}


def _held_by(user: User, rights: str) -> set[int]:
    """Return the children this user has at least these rights for."""
    ties = Guardianship.objects.filter(guardian=user)
    if rights == Guardianship.Rights.FULL:
        ties = ties.full()
    return set(ties.values_list("child_id", flat=True))


def still_offered(invitation: GuardianInvitation) -> ChildQuerySet:
    """Return the children the inviter is still a guardian of, and may collect: an invitation ends with its
    creator's rights.
    """
    inviter = invitation.invited_by
    offered = Child.objects.in_care_of(inviter).filter(invitations=invitation)
    return offered.exclude(pk__in=_barred_from(inviter, offered.values_list("pk", flat=True)))


@transaction.atomic
def accept(invitation: GuardianInvitation, *, by: User, at: datetime) -> list[Child]:
    """The invited adult becomes a guardian of the children, or an informed one gets full rights; the other
    full guardians are told.

    Raises LinkRefused; one use whatever happens.
    """
    keys = sorted(invitation.children.values_list("pk", flat=True))
    list(Child.objects.select_for_update().filter(pk__in=keys).order_by("pk"))  # rights change under it
    invitation = (
        GuardianInvitation.objects.select_for_update(of=("self",))
        .select_related("invited_by")
        .get(pk=invitation.pk)
    )
    if code := fault_of(invitation, by, at):
        raise LinkRefused(code)
    children = list(still_offered(invitation).order_by("pk"))
    held = _held_by(by, invitation.rights) | _barred_from(by, [child.pk for child in children])
    for child in children:
        if child.pk in held:
            continue
        tie = add_guardian(
            child=child,
            guardian=by,
            relation=invitation.relation,
            rights=invitation.rights,
            by=invitation.invited_by,
            at=at,
        )
        kind = "guardian_added"
        if tie.rights != invitation.rights:
            tie.rights, kind = invitation.rights, "guardian_raised"
            tie.save(update_fields=["rights"])
            keep_event(tie, "raised", by=invitation.invited_by, at=at)
        outbox.tell_full_guardians(kind, child=child, at=at, but=by, name=by.get_short_name())
    invitation.used_at, invitation.used_by_ref = at, by.pk
    invitation.save(update_fields=["used_at", "used_by_ref"])
    return children


def came_back(invitations: Iterable[GuardianInvitation]) -> set[int]:
    """Return the keys of the invitations whose email could not be delivered. One query."""
    rows = list(invitations)
    lost = Letter.objects.filter(
        kind="invitation", state=Letter.State.FAILED, address__in={row.email for row in rows if row.email}
    )
    sent = set(lost.values_list("address", "written_at"))
    return {row.pk for row in rows if (row.email, row.created_at) in sent}


@transaction.atomic
def add_at_desk(
    child: Child, *, guardian: User, relation: str, rights: str, by: User, at: datetime
) -> Guardianship:
    """Add a guardian at the front desk at the request of one with full rights; all are notified.

    Idempotent.
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
    """Revoke the invitation; one already used stays unchanged."""
    GuardianInvitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(revoked_at=at)


def may_leave(tie: Guardianship) -> bool:
    """Return whether a guardian may leave: the last one with full rights must first erase the child or invite
    another.
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
    """Return whether this user may remove a guardian.

    Informed: any guardian with full rights, or a manager. Full: a manager only.
    """
    if tie.guardian_id == by.pk:
        return False  # the one leaving
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
    """Return the guardianship under the child's lock, so that two guardians leaving at once are handled in
    turn.
    """
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
    """End a guardianship and tell the guardians who remain."""
    child, guardian = tie.child, tie.guardian
    end_access(tie, what=what, by=by, at=at, reason=reason)
    outbox.tell_full_guardians(
        "guardian_ended", child=child, at=at, but=by, name=guardian.get_short_name(), left=what == "left"
    )


def end_access(tie: Guardianship, *, what: str, by: User | None, at: datetime, reason: str = "") -> None:
    """End all access to the child through this guardianship in this transaction: invitations, queued
    messages, the row itself. Nobody is told, and no rights are checked.
    """
    child, guardian = tie.child, tie.guardian
    outbox.withhold(recipient=guardian, children=[child])
    GuardianInvitation.objects.filter(
        invited_by=guardian, children=child, used_at=None, revoked_at=None
    ).update(revoked_at=at)
    end_guardianship(tie, what=what, by=by, at=at, reason=reason)


@transaction.atomic
def correct_relation(child: Child, guardian: User, relation: str, *, by: User, at: datetime) -> Guardianship:
    """Correct what this guardian is to the child (Guardianship.Relation); it gives no rights. A change is
    recorded. Raises Refused(NOT_THEIRS) if they are no guardian any more.
    """
    tie = _locked_tie(child, guardian.pk)
    before, tie.relation = tie.relation, Guardianship.Relation(relation)
    if tie.relation != before:
        tie.save(update_fields=["relation"])
        keep_event(tie, "relation", by=by, at=at, reason=f"{before}.{tie.relation}")
    return tie


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
    """Add a guardian; an existing guardianship stays unchanged.

    With `at`, the change is recorded (GuardianEvent).
    """
    tie, made = Guardianship.objects.get_or_create(
        child=child, guardian=guardian, defaults={"relation": relation, "rights": rights}
    )
    if made and at:
        keep_event(tie, "added", by=by, at=at, reason=reason)
    return tie


def end_guardianship(
    tie: Guardianship, *, what: str, by: User | None, at: datetime, reason: str = ""
) -> None:
    """Delete the guardianship and record its end.

    Call enrollments.families.guardians instead: it checks rights and ends everything related.
    """
    keep_event(tie, what, by=by, at=at, reason=reason)
    if reason not in NO_END_OF_ITS_OWN:
        what_ended = erased_numbers.What.GUARDIAN
        erased_numbers.note(what_ended, tie.child_id, born=tie.since, other=tie.guardian_id, at=at)
    feeds.end_of(tie.guardian, tie.child, at=at)
    tie.delete()


def keep_event(tie: Guardianship, what: str, *, by: User | None, at: datetime, reason: str = "") -> None:
    """Record who became or stopped being a guardian: ids and codes only."""
    GuardianEvent.objects.create(
        child_ref=tie.child_id,
        guardian_ref=tie.guardian_id,
        what=what,
        rights=tie.rights,
        reason=reason,
        by_ref=by.pk if by else None,
        at=at,
    )
