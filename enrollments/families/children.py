"""Children: add, correct, confirm, empty. The only writer of Child."""

from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction

from enrollments.families import guardians
from enrollments.models import Child, Guardianship
from enrollments.places import waiting_list
from home.refusals import Refusal

MOST_CHILDREN = (
    12  # one account cannot fill a session with children of its invention; a larger family comes to the desk
)


class TooManyChildren(Refusal):
    """This guardian already has as many children here as an account may add; nothing was written."""


@transaction.atomic
def correct_birth_date(child: Child, *, birth_date: date, at: datetime) -> None:
    """The desk corrects a birth date, an enrolled child's too: whoever has a place keeps it (domain §3); what
    it waits for is judged again.
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
    """A new child, and its first guardian with full rights.

    Adding the same child twice by the same guardian (double click, back button) gives the child there already
    is. Raises TooManyChildren past MOST_CHILDREN.
    """
    get_user_model().objects.select_for_update().get(pk=by.pk)  # one guardian adds one child at a time
    same = (
        Child.objects.of(by)
        .filter(first_name__iexact=first_name, last_name__iexact=last_name, birth_date=birth_date)
        .first()
    )
    if same:
        return same
    if Guardianship.objects.filter(guardian=by).count() >= MOST_CHILDREN:
        raise TooManyChildren
    child = Child.objects.create(
        first_name=first_name, last_name=last_name, birth_date=birth_date, is_demo=is_demo
    )
    guardians.first_guardian(child, by, relation=relation)
    return child


def empty_child(child: Child, *, at: datetime) -> None:
    """The row without a name, a date or a wish: what is left is a number.

    Call enrollments.privacy.erasure, which asks who may.
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
    child: Child, *, first_name: str, last_name: str, birth_date: date | None = None, **more
) -> Child:
    """Correct what is written of a child (names in both scripts, languages spoken, own laptop); the birth
    date too while the child holds no place and waits nowhere (else through the desk).

    Anything else is a ValueError.
    """
    if unknown := set(more) - set(MORE):
        raise ValueError(unknown)
    child = Child.objects.select_for_update().get(pk=child.pk)  # the lock that enrolling takes
    child.first_name, child.last_name = first_name, last_name
    for name, value in more.items():
        setattr(child, name, value)
    if birth_date and not child.enrollments.live().exists():
        child.birth_date = birth_date
    child.save(update_fields=["first_name", "last_name", "birth_date", "name_keys", *more])
    return child


@transaction.atomic
def confirm_children(*, by: User, at: datetime) -> int:
    """What is written of this guardian's children is right: asked once a year.

    Full rights only; how many were confirmed.
    """
    return Child.objects.filter(pk__in=Child.objects.in_care_of(by).values("pk")).update(confirmed_at=at)
