"""A guardian who presses twice, from two processes at one instant."""

from datetime import date

import pytest

from enrollments.families.children import add_child
from enrollments.models import Child, Guardianship
from tests.factories import UserFactory
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SALMA = {"first_name": "Salma", "last_name": "Amrani", "birth_date": date(2016, 6, 1)}


def add(guardian, **child):
    return lambda: add_child(**SALMA | child, by=guardian).pk


@pytest.mark.postgres
def test_the_same_child_added_in_two_processes_is_one_child():
    for _turn in range(5):
        guardian = UserFactory()
        one, other = at_once(add(guardian), add(guardian, first_name="SALMA"))
        assert one == other and one[0] == "done", (one, other)
        assert Guardianship.objects.filter(guardian=guardian).count() == 1
    assert Child.objects.count() == 5


@pytest.mark.postgres
def test_two_families_with_a_child_of_the_same_name_have_one_each():
    outcomes = at_once(add(UserFactory()), add(UserFactory()))
    assert [kind for kind, _child in outcomes] == ["done", "done"]
    assert Child.objects.count() == Guardianship.objects.count() == 2
