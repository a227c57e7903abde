"""What is known of a child's level: the only writer of Equivalence."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction

from courses.models import Course
from enrollments import offers
from enrollments.models import Child, Equivalence


def declare_equivalent(*, child: Child, course: Course, by: User, at: datetime) -> Equivalence:
    """Keep a guardian's word that the child has the level; saying it twice changes nothing."""
    said, _made = Equivalence.objects.get_or_create(child=child, course=course, defaults={"declared_by": by, "declared_at": at})
    return said


@transaction.atomic
def confirm_equivalent(equivalence: Equivalence, *, by: User, at: datetime) -> Equivalence:
    """An instructor or manager confirms the level; the first confirmation stands."""
    if equivalence.confirmed_at is None:
        Equivalence.objects.filter(pk=equivalence.pk, confirmed_at=None).update(confirmed_by=by, confirmed_at=at)
        equivalence.refresh_from_db()
        offers.reconsider(equivalence.child, at)
    return equivalence
