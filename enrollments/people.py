"""Families: the only writer of Child and Guardianship."""

from datetime import date

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction

from enrollments.models import Child, Guardianship

MOST_CHILDREN = 12  # one account cannot fill a session with children of its invention; a larger family comes to the desk


class TooManyChildren(Exception):
    """This guardian already has as many children here as an account may add; nothing was written."""


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

    Adding the same child twice by the same guardian (double click, back button) gives the child there already is. Raises
    TooManyChildren past MOST_CHILDREN.
    """
    get_user_model().objects.select_for_update().get(pk=by.pk)  # one guardian adds one child at a time
    same = Child.objects.of(by).filter(first_name__iexact=first_name, last_name__iexact=last_name, birth_date=birth_date).first()
    if same:
        return same
    if Guardianship.objects.filter(guardian=by).count() >= MOST_CHILDREN:
        raise TooManyChildren
    child = Child.objects.create(first_name=first_name, last_name=last_name, birth_date=birth_date, is_demo=is_demo)
    Guardianship.objects.create(child=child, guardian=by, relation=relation, rights=Guardianship.Rights.FULL)
    return child


def add_guardian(*, child: Child, guardian: User, relation: str, rights: str) -> Guardianship:
    """A further adult answerable for the child; an existing tie is left as it is."""
    tie, _made = Guardianship.objects.get_or_create(
        child=child, guardian=guardian, defaults={"relation": relation, "rights": rights}
    )
    return tie


@transaction.atomic
def change_child(child: Child, *, first_name: str, last_name: str, birth_date: date | None = None) -> Child:
    """Correct a child's names; the birth date too while the child holds no place and waits nowhere (else through the desk)."""
    child = Child.objects.select_for_update().get(pk=child.pk)  # the lock that enrolling takes
    child.first_name, child.last_name = first_name, last_name
    if birth_date and not child.enrollments.live().exists():
        child.birth_date = birth_date
    child.save(update_fields=["first_name", "last_name", "birth_date"])
    return child
