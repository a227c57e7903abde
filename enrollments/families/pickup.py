"""Pickup: who may collect a child, who may not, whom to call. Sole writer of PickupPerson and Barring.

A change of who may collect the child, or of leaving alone, is sent to all guardians with full rights (domain
§7). A guardian who is barred from collecting the child makes no such change: otherwise the ban could be got
round by naming another adult.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from enrollments.families import account_events, erased_numbers
from enrollments.letters import outbox
from enrollments.models import Barring, Child, Guardianship, PickupPerson
from home.account import User
from home.language.alphabet import sorted_by
from home.language.name_keys import may_be_one
from home.refusals import Refusal

MOST_PERSONS = 6


class ArrangedByPhone(Refusal):
    """This guardian is barred from collecting the child, and changes nothing about who does.

    Screens say it in words that fit anybody, and do not name the ban.
    """


def barred_from(child: Child, name: str, guardian_id: int | None = None) -> bool:
    """Return whether the child may not be handed over to this name, or this guardian."""
    return is_barred(Barring.objects.filter(child=child, lifted_at=None), name, guardian_id)


def is_barred(bans: Iterable[Barring], name: str, guardian_id: int | None = None) -> bool:
    """Return whether one of these bans, not lifted, is about this name, or this guardian."""
    return any(
        (guardian_id is not None and ban.guardian_id == guardian_id) or may_be_one(name, ban.name)
        for ban in bans
    )


def is_about(bans: Iterable[Barring], guardian: User) -> bool:
    """Return whether one of these bans is about this guardian: it names the account, or, where it names none,
    somebody who may be called so. A ban of one account says nothing about a namesake.
    """
    return any(
        ban.guardian_id == guardian.pk if ban.guardian_id else may_be_one(guardian.name, ban.name)
        for ban in bans
    )


@dataclass(frozen=True)
class Contacts:
    """Whom to phone about a child: its guardians, and whether its emergency contact is one of them. Nobody
    who is barred from collecting it: who is called would come (domain §7).
    """

    ties: list[Guardianship]
    has_emergency: bool


def bans_of(children: Iterable[Child | int]) -> dict[int, list[Barring]]:
    """Return the bans that are not lifted, by child. One query."""
    found: dict[int, list[Barring]] = {}
    for ban in Barring.objects.filter(child__in=list(children), lifted_at=None):
        found.setdefault(ban.child_id, []).append(ban)
    return found


def contacts_of(children: Iterable[Child]) -> dict[int, Contacts]:
    """Return whom to phone about each of these children. Two queries."""
    children = list(children)
    bans = bans_of(children)
    ties: dict[int, list[Guardianship]] = {}
    rows = Guardianship.objects.filter(child__in=children).select_related("guardian").order_by("pk")
    for tie in rows:
        if not is_about(bans.get(tie.child_id, ()), tie.guardian):
            ties.setdefault(tie.child_id, []).append(tie)
    return {
        child.pk: Contacts(
            ties.get(child.pk, []),
            bool(child.emergency_phone) and not is_barred(bans.get(child.pk, ()), child.emergency_name),
        )
        for child in children
    }


def note_contacts(children: Iterable[Any]) -> None:
    """Give each of these children its `contacts`, for the templates that show whom to phone."""
    children = list(children)
    found = contacts_of(children)
    for child in children:
        child.contacts = found[child.pk]


def may_arrange(user: User, child: Child) -> bool:
    """Return whether this user may change who collects the child, if their rights allow it: not a guardian
    who is barred from collecting it, or bears such a name, whatever else they are here.
    """
    is_guardian = Guardianship.objects.filter(child=child, guardian=user).exists()
    return not (is_guardian and is_barred(bans_of([child]).get(child.pk, ()), user.name, user.pk))


def check_may_arrange(user: User, child: Child) -> None:
    """Raise ArrangedByPhone unless `may_arrange`. Call under the child's lock, which a new ban takes too."""
    if not may_arrange(user, child):
        raise ArrangedByPhone


def _as_listed(child: Child) -> set[tuple[str, str, str]]:
    return {
        (person.name, person.relation, str(person.phone))
        for person in PickupPerson.objects.filter(child=child)
    }


@transaction.atomic
def settle_collection(
    child: Child,
    *,
    persons: list[dict[str, Any]],
    may_go_alone: bool,
    emergency: dict[str, Any],
    by: User,
    at: datetime,
) -> bool:
    """Save who may collect the child besides the guardians, whether it may go home alone and the emergency
    contact; True if anything changed.

    `persons` is the whole list (name, relation, phone), `emergency` has name, relation, phone. Raises
    ValueError past MOST_PERSONS, and ArrangedByPhone.
    """
    if len(persons) > MOST_PERSONS:
        raise ValueError("too many persons")
    child = Child.objects.select_for_update().get(pk=child.pk)
    check_may_arrange(by, child)
    wanted = {(person["name"], person["relation"], str(person["phone"])) for person in persons}
    before = _as_listed(child)
    changed = before != wanted or child.may_go_alone != may_go_alone
    for person in PickupPerson.objects.filter(child=child):
        if (person.name, person.relation, str(person.phone)) not in wanted:
            forget_person(person, at=at)
    for name, relation, phone in sorted_by(tuple, wanted - before):
        PickupPerson.objects.create(child=child, name=name, relation=relation, phone=phone, added_at=at)
    phones = [{phone for *_who, phone in some} for some in (before, wanted)]
    if phones[0] != phones[1] or str(child.emergency_phone) != str(emergency["phone"]):
        account_events.note("child_phone", child=child, by=by, at=at)
    child.may_go_alone = may_go_alone
    child.emergency_name, child.emergency_relation = emergency["name"], emergency["relation"]
    child.emergency_phone = emergency["phone"]
    child.collection_confirmed_at = at
    child.save(
        update_fields=[
            "may_go_alone",
            "emergency_name",
            "emergency_relation",
            "emergency_phone",
            "collection_confirmed_at",
        ]
    )
    if changed:
        names = [name for name, _relation, _phone in sorted_by(tuple, wanted)]
        outbox.tell_full_guardians(
            "collection_changed", child=child, at=at, names=names, alone=may_go_alone, by=by.get_short_name()
        )
    return changed


@transaction.atomic
def forget_person(person: PickupPerson, *, at: datetime) -> None:
    """Delete one of those who may collect a child; nobody is told (enrollments.privacy.erased_again)."""
    erased_numbers.note(erased_numbers.What.PICKUP_PERSON, person.pk, born=person.added_at, at=at)
    person.delete()


@transaction.atomic
def ask_to_speak(child: Child, *, wish: bool) -> None:
    """Record that a guardian wants, or no longer wants, a call before the first class.

    A new request needs a new call.
    """
    child = Child.objects.select_for_update().get(pk=child.pk)
    if wish and not child.speak_first:
        child.spoken_at = child.spoken_by_ref = None
    child.speak_first = wish
    child.save(update_fields=["speak_first", "spoken_at", "spoken_by_ref"])


def note_spoken(child: Child, *, by: User, at: datetime) -> bool:
    """Record that the front desk talked with a guardian; False if already recorded."""
    waiting = Child.objects.filter(pk=child.pk, speak_first=True, spoken_at=None)
    return bool(waiting.update(spoken_at=at, spoken_by_ref=by.pk))


def bar(
    child: Child, *, name: str, guardian: User | None, paper: str, seen_on: date, by: User, at: datetime
) -> Barring:
    """Record a pick-up ban, based on a document a manager has seen. The file becomes protected. Idempotent.

    Without an account, it is of the one guardian of the child who may be called so, if there is one: another
    name of that account then changes nothing.
    """
    with transaction.atomic():
        Child.objects.select_for_update().get(pk=child.pk)
        if guardian is None:
            ties = Guardianship.objects.filter(child=child).select_related("guardian")
            alike = [tie.guardian for tie in ties if may_be_one(tie.guardian.name, name)]
            guardian = alike[0] if len(alike) == 1 else None
        Child.objects.filter(pk=child.pk).update(is_protected=True)
        ban, _is_new = Barring.objects.get_or_create(
            child=child,
            guardian=guardian,
            name=name,
            paper=paper,
            seen_on=seen_on,
            lifted_at=None,
            defaults={"recorded_by_ref": by.pk, "recorded_at": at},
        )
        return ban


def lift(barring: Barring, *, by: User, at: datetime) -> None:
    """Lift a pick-up ban.

    The row is kept, with who lifted it. The file stays protected until a manager decides otherwise.
    """
    Barring.objects.filter(pk=barring.pk, lifted_at=None).update(lifted_at=at, lifted_by_ref=by.pk)


def protect(child: Child, *, protected: bool) -> None:
    """Mark the file as protected: staff confirm nothing about this child to callers."""
    Child.objects.filter(pk=child.pk).update(is_protected=protected)


def is_settled(child: Child) -> bool:
    """Return whether the pick-up list has been confirmed: asked once before the first class."""
    return child.collection_confirmed_at is not None


def second_phone(child: Child) -> bool:
    """Return whether a second adult can be reached: another guardian, or the emergency contact."""
    return bool(child.emergency_phone) or Guardianship.objects.filter(child=child).count() > 1
