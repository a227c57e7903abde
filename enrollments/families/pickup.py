"""Pickup: who may collect a child, who may not, whom to call. Sole writer of PickupPerson and Barring.

A change of who may collect the child, or of leaving alone, is sent to all guardians with full rights (domain
§7).
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from enrollments.families import account_events
from enrollments.letters import outbox
from enrollments.models import Barring, Child, Guardianship, PickupPerson
from home.account import User
from home.language.alphabet import sorted_by

MOST_PERSONS = 6


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
    ValueError past MOST_PERSONS.
    """
    if len(persons) > MOST_PERSONS:
        raise ValueError("too many persons")
    child = Child.objects.select_for_update().get(pk=child.pk)
    wanted = {(person["name"], person["relation"], str(person["phone"])) for person in persons}
    before = _as_listed(child)
    changed = before != wanted or child.may_go_alone != may_go_alone
    for person in PickupPerson.objects.filter(child=child):
        if (person.name, person.relation, str(person.phone)) not in wanted:
            person.delete()
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
    """Record a pick-up ban, based on a document a manager has seen. The file becomes protected."""
    with transaction.atomic():
        Child.objects.filter(pk=child.pk).update(is_protected=True)
        return Barring.objects.create(
            child=child,
            guardian=guardian,
            name=name,
            paper=paper,
            seen_on=seen_on,
            recorded_by_ref=by.pk,
            recorded_at=at,
        )


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
