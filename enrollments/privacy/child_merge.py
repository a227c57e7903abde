"""Merge duplicate records of one child. Sole writer of MergeProposal and MergeAgreement.

The front desk never connects guardians: the two files must already share an account (one guardian invited the
other, who accepted), and guardians whose file gets a new reader must agree first (domain §7). If answers
differ, the safer one wins.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q

from enrollments.classes import makeups, next_level, progress, register
from enrollments.families import account_events, guardians
from enrollments.families.children import empty_child
from enrollments.learning import certificates
from enrollments.letters import outbox
from enrollments.models import (
    Barring,
    Child,
    Consent,
    Equivalence,
    ErasureAgreement,
    GuardianInvitation,
    Guardianship,
    Incident,
    Letter,
    MergeAgreement,
    MergeProposal,
    Message,
    PickupPass,
    PickupPerson,
    SafetyNote,
    Waiver,
)
from enrollments.permissions import MANAGER, has_role
from enrollments.places import admission
from enrollments.places.eligibility import have_clash
from enrollments.portfolio import class_photos, projects
from enrollments.privacy import data_export
from home.account import User
from home.refusals import CodedRefusal

FULL = Guardianship.Rights.FULL
EMERGENCY = ("emergency_name", "emergency_relation", "emergency_phone")


class Reason(StrEnum):
    SAME_FILE = "same_file"
    NO_SHARED_LOGIN = "no_shared_login"  # one guardian invites the other first
    PROTECTED = "protected"  # a manager, and only between the same guardians
    SAME_SESSION = "same_session"  # live in one session twice
    CLASH = "clash"  # seated in two at the same hour
    TWO_NOTES = "two_notes"  # a guardian keeps one first
    NOT_THEIRS = "not_theirs"  # this guardian is not asked


class Refused(CodedRefusal[Reason]):
    """Nothing was written. `codes`: every reason found."""

    def __init__(self, *codes: Reason) -> None:
        super().__init__(codes[0], ", ".join(codes))
        self.codes = codes


def rights_in(child: Child) -> dict[User, str]:
    """Return each guardian's rights in this file."""
    return {
        tie.guardian: tie.rights
        for tie in Guardianship.objects.filter(child=child).select_related("guardian").order_by("pk")
    }


def faults_of(kept: Child, gone: Child, *, by: User | None, at: datetime) -> list[Reason]:
    """What keeps the two files apart; empty when nothing does."""
    if kept.pk == gone.pk:
        return [Reason.SAME_FILE]
    found: list[Reason] = []
    mine, theirs = rights_in(kept), rights_in(gone)
    if not mine.keys() & theirs.keys():
        found.append(Reason.NO_SHARED_LOGIN)
    pair = [kept, gone]
    guarded = (
        kept.is_protected
        or gone.is_protected
        or Barring.objects.filter(child__in=pair, lifted_at=None).exists()
    )
    if guarded and (mine != theirs or (by is not None and not has_role(by, MANAGER))):
        found.append(Reason.PROTECTED)
    here, there = (list(child.enrollments.live()) for child in pair)
    if {row.session_id for row in here} & {row.session_id for row in there}:
        found.append(Reason.SAME_SESSION)
    elif have_clash(here, there, at):
        found.append(Reason.CLASH)
    if SafetyNote.objects.filter(child__in=pair).count() == 2:
        found.append(Reason.TWO_NOTES)
    return found


def must_agree(kept: Child, gone: Child) -> list[User]:
    """Return the guardians who must agree: those of a file that gets a new reader, or who lose full rights;
    none between the same guardians.
    """
    mine, theirs = rights_in(kept), rights_in(gone)
    asked: dict[User, None] = {}
    if theirs.keys() - mine.keys():
        asked |= {person: None for person, rights in mine.items() if rights == FULL}
    weaker = any(rights == FULL and mine.get(person, FULL) != FULL for person, rights in theirs.items())
    if mine.keys() - theirs.keys() or weaker:
        asked |= {person: None for person, rights in theirs.items() if rights == FULL}
    return sorted(asked, key=lambda person: person.pk)


def still_to_agree(proposal: MergeProposal) -> list[User]:
    """Return those who have not agreed yet."""
    said = set(MergeAgreement.objects.filter(proposal=proposal).values_list("guardian_id", flat=True))
    return [person for person in must_agree(proposal.kept, proposal.gone) if person.pk not in said]


def asked_of(user: User) -> list[MergeProposal]:
    """Return the open questions for this guardian, each with `file`: the child's file they have full rights
    on.
    """
    mine = Child.objects.in_care_of(user)
    rows = MergeProposal.objects.filter(Q(kept__in=mine) | Q(gone__in=mine), refused_at=None).select_related(
        "kept", "gone"
    )
    found = [row for row in rows.order_by("pk") if user in still_to_agree(row)]
    for row in found:
        row.file = row.kept if rights_in(row.kept).get(user) == FULL else row.gone  # type: ignore[attr-defined]  # for the page
    return found


def proposal_between(one: Child, other: Child) -> MergeProposal | None:
    """Return the proposal about these two files, in either direction, refused ones included."""
    pair = [one, other]
    return (
        MergeProposal.objects.filter(kept__in=pair, gone__in=pair)
        .select_related("kept", "gone")
        .order_by("pk")
        .first()
    )


@dataclass(frozen=True)
class Preview:
    """What the merged file will contain; the page shows it next to both files."""

    facts: dict[str, Any]
    persons: list[PickupPerson]
    rights: dict[User, str]


def preview(kept: Child, gone: Child) -> Preview:
    """Return the merged file without writing anything."""
    return Preview(_facts(kept, gone), _persons(kept, gone), rights_in(gone) | rights_in(kept))


def _facts(kept: Child, gone: Child) -> dict[str, Any]:
    """Return the merged fields: the kept file's values, gaps filled from the other; for safety, the more
    careful of the two.
    """
    facts = {name: getattr(kept, name) or getattr(gone, name) for name in ("first_name_ar", "last_name_ar")}
    facts["languages"] = list(dict.fromkeys([*kept.languages, *gone.languages]))
    facts["has_laptop"] = kept.has_laptop or gone.has_laptop
    facts["may_go_alone"] = kept.may_go_alone and gone.may_go_alone
    source = kept if kept.emergency_phone else gone
    facts |= {name: getattr(source, name) for name in EMERGENCY}
    wishes = [child for child in (kept, gone) if child.speak_first]
    facts["speak_first"] = bool(wishes)
    spoken = wishes[0] if wishes and not any(child.must_be_spoken_for for child in wishes) else None
    facts["spoken_at"], facts["spoken_by_ref"] = (
        (spoken.spoken_at, spoken.spoken_by_ref) if spoken else (None, None)
    )
    facts["is_protected"] = kept.is_protected or gone.is_protected
    facts["confirmed_at"] = facts["collection_confirmed_at"] = None  # evaluate again: the file has changed
    return facts


def _persons(kept: Child, gone: Child) -> list[PickupPerson]:
    """Return the pick-up persons of both files, each phone number once."""
    found: dict[str, PickupPerson] = {}
    for child in (kept, gone):
        for person in PickupPerson.objects.filter(child=child):
            found.setdefault(str(person.phone), person)
    return list(found.values())


@transaction.atomic
def propose(kept: Child, gone: Child, *, by: User, at: datetime) -> bool:
    """Merge immediately if nobody has to agree (True); otherwise ask by email (False). Raises Refused."""
    kept, gone = _locked(kept, gone)
    if codes := faults_of(kept, gone, by=by, at=at):
        raise Refused(*codes)
    asked = must_agree(kept, gone)
    if not asked:
        _merge(kept, gone, by=by, at=at)
        return True
    waiting = MergeProposal.objects.filter(kept=kept, gone=gone, refused_at=None)
    if waiting.exists():
        return False  # the same button again
    MergeProposal.objects.filter(Q(kept=kept, gone=gone) | Q(kept=gone, gone=kept)).delete()
    MergeProposal.objects.create(kept=kept, gone=gone, proposed_by_ref=by.pk, proposed_at=at)
    for person in asked:
        outbox.write("merge_asked", to=person, at=at, child=kept if person in rights_in(kept) else gone)
    return False


def withdraw(proposal: MergeProposal) -> None:
    """Withdraw the proposal; both files stay unchanged."""
    proposal.delete()


@transaction.atomic
def agree(proposal: MergeProposal, *, by: User, at: datetime) -> bool:
    """Record a guardian's agreement; True if it was the last one and the files are merged. Raises Refused."""
    kept, gone = _locked(proposal.kept, proposal.gone)
    open_proposal = MergeProposal.objects.filter(pk=proposal.pk, refused_at=None).first()
    if open_proposal is None or by not in must_agree(kept, gone):
        raise Refused(Reason.NOT_THEIRS)
    if codes := faults_of(kept, gone, by=None, at=at):
        raise Refused(*codes)
    MergeAgreement.objects.get_or_create(proposal=open_proposal, guardian=by, defaults={"agreed_at": at})
    if still_to_agree(open_proposal):
        return False
    _merge(kept, gone, by=by, at=at)
    return True


def refuse(proposal: MergeProposal, *, at: datetime) -> None:
    """Record a guardian's refusal: the files stay separate, and staff see that somebody refused,
    but not who.
    """
    MergeProposal.objects.filter(pk=proposal.pk, refused_at=None).update(refused_at=at)


def _locked(kept: Child, gone: Child) -> tuple[Child, Child]:
    """Both rows under the lock that enrolling takes, in the order of their numbers.

    Refused(SAME_FILE) when one is gone already.
    """
    rows = {
        row.pk: row
        for row in Child.objects.select_for_update()
        .filter(pk__in=[kept.pk, gone.pk], erased_at=None)
        .order_by("pk")
    }
    if len(rows) != 2:
        raise Refused(Reason.SAME_FILE)
    return rows[kept.pk], rows[gone.pk]


def _merge(kept: Child, gone: Child, *, by: User, at: datetime) -> None:
    """Move everything from one file to the other; the remaining empty row says where its places went."""
    facts, persons = _facts(kept, gone), _persons(kept, gone)
    own = [person for person in persons if person.child_id == kept.pk]
    if own != persons or str(facts["emergency_phone"]) != str(kept.emergency_phone):
        account_events.note("child_phone", child=kept, by=by, at=at)
    makeups.hand_over(from_child=gone, to_child=kept)
    admission.hand_over(from_child=gone, to_child=kept, by=by, at=at)
    PickupPerson.objects.filter(child__in=[kept, gone]).exclude(
        pk__in=[person.pk for person in persons]
    ).delete()
    known = Equivalence.objects.filter(child=kept).values("course")
    confirmed = Equivalence.objects.filter(child=gone).exclude(confirmed_at=None).values("course")
    Equivalence.objects.filter(child=kept, confirmed_at=None, course__in=confirmed).delete()
    Equivalence.objects.filter(child=gone, course__in=known).delete()
    for waiver in Waiver.objects.filter(child=gone):
        if Waiver.objects.filter(child=kept, session=waiver.session_id, code=waiver.code).exists():
            waiver.delete()
    register.hand_over(from_child=gone, to_child=kept)
    makeups.end_unjustified([kept.pk], at=at)
    progress.hand_over(from_child=gone, to_child=kept)
    next_level.hand_over(from_child=gone, to_child=kept)
    projects.hand_over(from_child=gone, to_child=kept)
    twice = certificates.hand_over(from_child=gone, to_child=kept, by=by, at=at)
    class_photos.hand_over(from_child=gone, to_child=kept)
    for model in (
        Waiver,
        PickupPerson,
        Barring,
        SafetyNote,
        Equivalence,
        Consent,
        Letter,
        Message,
        Incident,
        PickupPass,
    ):
        model.objects.filter(child=gone).update(child=kept)
    _hand_over_guardians(kept, gone, by=by, at=at)
    ErasureAgreement.objects.filter(child__in=[kept, gone]).delete()
    MergeProposal.objects.filter(Q(kept__in=[kept, gone]) | Q(gone__in=[kept, gone])).delete()
    empty_child(gone, at=at)
    Child.objects.filter(Q(pk=gone.pk) | Q(merged_into=gone)).update(merged_into=kept)
    Child.objects.filter(pk=kept.pk).update(**facts)
    kept.refresh_from_db()
    kept.save()  # the keys for name search
    outbox.tell_full_guardians("merged", child=kept, at=at, certificates=twice)
    certificates.tell_merged(kept, twice, at=at)


def _hand_over_guardians(kept: Child, gone: Child, *, by: User, at: datetime) -> None:
    ties = Guardianship.objects.filter(child__in=[kept, gone]).select_related("guardian").order_by("pk")
    data_export.put_away_all(tie.guardian for tie in ties)  # they are about two files
    for tie in ties:
        if tie.child_id == gone.pk:
            guardians.add_guardian(
                child=kept,
                guardian=tie.guardian,
                relation=tie.relation,
                rights=tie.rights,
                by=by,
                at=at,
                reason="merged",
            )
            guardians.end_guardianship(tie, what="removed", by=by, at=at, reason="merged")
    for invitation in GuardianInvitation.objects.filter(children=gone):
        invitation.children.remove(gone)
        invitation.children.add(kept)
