"""Family search: last digits of a phone number, a name in any spelling, or an email address."""

import re
import unicodedata

from django.contrib.auth import get_user_model
from django.db.models import Case, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, When

from enrollments.models import Child, Enrollment, Guardianship, RoleEvent, StaffInvitation
from enrollments.models.people import ChildQuerySet
from enrollments.permissions import ROLES
from home.account import User
from home.language.alphabet import Alphabetical
from home.language.invisible import visible
from home.language.name_keys import asked_for, written_as

FEWEST_FIGURES = 4


def figures_of(text: str) -> str:
    """Return the digits, as 0 to 9, if the query is a phone number; otherwise nothing."""
    plain = "".join(str(unicodedata.digit(mark)) if mark.isdigit() else mark for mark in text)
    return re.sub(r"\D", "", plain) if re.fullmatch(r"[\d\s+().\-/]+", plain) else ""


def families() -> QuerySet[User]:
    """Return the open accounts of families: guardians, and accounts that never were the team's.

    A colleague who has left, and one who has not accepted yet, are no family. A family that
    was invited later is one.
    """
    is_guardian = Guardianship.objects.filter(guardian=OuterRef("pk"))
    is_team = get_user_model().groups.through.objects.filter(user=OuterRef("pk"), group__name__in=ROLES)
    was_team = RoleEvent.objects.filter(user_ref=OuterRef("pk"))
    is_invited = StaffInvitation.objects.filter(user=OuterRef("pk"), user__last_login=None)
    others = ~Exists(is_team) & ~Exists(was_team) & ~Exists(is_invited) & Q(is_superuser=False)
    return get_user_model().objects.filter(is_active=True).filter(Exists(is_guardian) | others)


def search(text: str) -> Alphabetical[User]:
    """Return matching families with their children (`known_children`) and their places (`live_places`); none
    for fewer than four digits or no letter.

    Phone numbers match by their end, names of guardians or children by spelling keys, those written as typed
    first, addresses by prefix.
    """
    text = visible(text).strip()[:100]
    rows = families()
    places = Enrollment.objects.live().select_related("session__course").order_by("session__first_on", "pk")
    children = Child.objects.filter(erased_at=None).order_by("birth_date", "pk")
    children = children.prefetch_related(Prefetch("enrollments", places, to_attr="live_places"))
    rows = rows.prefetch_related(Prefetch("children", queryset=children, to_attr="known_children"))
    if figures := figures_of(text):
        end = figures[-9:].lstrip("0") if len(figures) > 9 else figures.removeprefix("0")
        found = rows.filter(phone__endswith=end) if len(figures) >= FEWEST_FIGURES else rows.none()
        return Alphabetical(found, "name")
    if "@" in text:
        return Alphabetical(rows.filter(email__startswith=text.lower()), "name")
    asked = asked_for(text)
    if asked is None:
        return Alphabetical(rows.none(), "name")
    theirs = Child.objects.filter(erased_at=None, guardianships__guardian=OuterRef("pk"))
    as_typed = Q(written_as(text)) | Exists(theirs.filter(written_as(text)))
    rank = Case(When(as_typed, then=0), default=1, output_field=IntegerField())
    found = rows.filter(asked | Exists(theirs.filter(asked))).annotate(rank=rank)
    return Alphabetical(found, "name", rank="rank")


def twins_of(child: Child) -> ChildQuerySet:
    """Return possible duplicate records: same date of birth and a name in common. Show to staff only."""
    first, last = asked_for(child.first_name), asked_for(child.last_name)
    alike = Child.objects.filter(birth_date=child.birth_date, erased_at=None).exclude(pk=child.pk)
    if first is None and last is None:
        return alike.none()
    return alike.filter(first if first is not None else last).order_by("pk")
