"""A guardian who submits twice, from two processes at the same time."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from enrollments.families.children import add_child
from enrollments.models import Child, Guardianship
from tests.factories import PASSWORD, UserFactory
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


@pytest.mark.postgres
def test_an_account_is_erased_by_a_request_that_opens_no_transaction_of_its_own(logged_in):
    guardian = UserFactory()
    add(guardian)()
    client = logged_in(guardian)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("account_erase")).status_code == 302
    assert not get_user_model().objects.filter(pk=guardian.pk).exists()
    assert Child.objects.get().erased_at is not None
