"""Children: add, correct, confirm, empty. Sole writer of Child."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from enrollments.families import guardians
from enrollments.models import Child, Guardianship
from enrollments.places import waiting_list
from home.account import User
from home.language.invisible import visible
from home.language.name_keys import family_name_in, is_spelled_as
from home.refusals import Refusal

MOST_CHILDREN = (
    12  # so that one account cannot fill a session with invented children; larger families ask the front desk
)


class TooManyChildren(Refusal):
    """Raised when a guardian has as many children as an account may add; nothing was written."""


@transaction.atomic
def correct_birth_date(child: Child, *, birth_date: date, at: datetime) -> None:
    """Correct a birth date at the front desk, for enrolled children too: places are kept (domain §3), waiting
    entries and offers are checked again.
    """
    child = Child.objects.select_for_update().get(pk=child.pk)
    child.birth_date = birth_date
    child.save(update_fields=["birth_date"])
    waiting_list.reconsider(child, at)


@transaction.atomic
def add_child(
    *,
    first_name: str,
    last_name: str,
    birth_date: date,
    by: User,
    relation: str = Guardianship.Relation.GUARDIAN,
    is_demo: bool = False,
) -> Child:
    """Add a child and its first guardian with full rights.

    If the same guardian adds the same child again (double click, back button, another spelling of its
    letters), return the existing one unchanged. Raises TooManyChildren past MOST_CHILDREN.
    """
    first_name, last_name = visible(first_name), visible(last_name)
    get_user_model().objects.select_for_update().get(pk=by.pk)  # one guardian adds one child at a time
    for child in Child.objects.of(by).filter(birth_date=birth_date, erased_at=None).order_by("pk"):
        # Not in SQL: the databases differ on which letters are one but for case and accents.
        if is_spelled_as(child.first_name, first_name) and is_spelled_as(child.last_name, last_name):
            return child
    if Guardianship.objects.filter(guardian=by).count() >= MOST_CHILDREN:
        raise TooManyChildren
    child = Child.objects.create(
        first_name=first_name, last_name=last_name, birth_date=birth_date, is_demo=is_demo
    )
    guardians.first_guardian(child, by, relation=relation)
    return child


def usual_facts(user: User) -> dict[str, str]:
    """Return what the form for a guardian's next child begins with: family name and relation of the child
    added last, else the family name in the guardian's own name.
    """
    last = Guardianship.objects.filter(guardian=user, child__erased_at=None).select_related("child")
    if tie := last.order_by("-pk").first():
        return {"last_name": tie.child.last_name, "relation": tie.relation}
    return {"last_name": family_name_in(user.name)}


def empty_child(child: Child, *, at: datetime) -> None:
    """Clear the row's names, dates and wishes, leaving only an id.

    Call enrollments.privacy.erasure instead: it checks rights.
    """
    for name in (
        "first_name",
        "last_name",
        "first_name_ar",
        "last_name_ar",
        "emergency_name",
        "emergency_relation",
        "emergency_phone",
    ):
        setattr(child, name, "")
    child.birth_date = child.confirmed_at = child.collection_confirmed_at = child.spoken_at = (
        child.spoken_by_ref
    ) = None
    child.languages, child.has_laptop, child.may_go_alone, child.speak_first, child.is_protected = (
        [],
        False,
        False,
        False,
        False,
    )
    child.erased_at = at
    child.save()


MORE = ("first_name_ar", "last_name_ar", "languages", "has_laptop")


@transaction.atomic
def change_child(
    child: Child,
    *,
    first_name: str,
    last_name: str,
    birth_date: date | None = None,
    at: datetime,
    **more: Any,
) -> Child:
    """Change a child's details (names in both scripts, languages, own laptop); the birth date too while the
    child has no place under way and no waiting-list entry (otherwise at the front desk). Anything else is a
    ValueError.
    """
    if unknown := set(more) - set(MORE):
        raise ValueError(unknown)
    child = Child.objects.select_for_update().get(pk=child.pk)  # the lock that enrolling takes
    child.first_name, child.last_name = visible(first_name), visible(last_name)
    for name, value in more.items():
        setattr(child, name, value)
    if birth_date and not child.enrollments.under_way(at).exists():
        child.birth_date = birth_date
    child.save(update_fields=["first_name", "last_name", "birth_date", "name_keys", *more])
    return child


@transaction.atomic
def confirm_children(*, by: User, at: datetime) -> int:
    """Record this guardian's yearly confirmation of their children's details.

    Full rights only; return how many.
    """
    return Child.objects.filter(pk__in=Child.objects.in_care_of(by).values("pk")).update(confirmed_at=at)
