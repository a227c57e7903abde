"""Completing a family at the front desk: a second guardian, pick-up list."""

import pytest
from django.urls import reverse

from enrollments.models import Guardianship, Letter
from tests.factories import ChildFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def desk(logged_in, front_desk):
    return logged_in(front_desk)


def file_of(child) -> str:
    return reverse("office_child", args=[child.pk])


SECOND = {
    "name": "Hicham Ouazzani",
    "phone": "06 61 00 00 02",
    "email": "",
    "language": "fr",
    "relation": "father",
    "rights": "full",
}


def test_a_second_guardian_is_added_at_the_desk_and_the_first_is_told(desk, front_desk, parent):
    child = ChildFactory(guardian=parent, first_name="Nour")
    url = reverse("office_guardian_add", args=[child.pk])
    assert desk.post(url, SECOND).url == file_of(child)
    tie = Guardianship.objects.exclude(guardian=parent).get()
    assert (tie.guardian.name, tie.rights, tie.relation) == ("Hicham Ouazzani", "full", "father")
    told = Letter.objects.filter(kind="guardian_added_at_desk")
    assert {letter.recipient for letter in told} == {parent, tie.guardian}
    desk.post(url, SECOND | {"known": tie.guardian_id})
    assert Guardianship.objects.filter(child=child).count() == 2, "the same one again changes nothing"


def test_an_account_that_may_be_theirs_is_shown_before_anything_is_written(desk, parent, other_parent):
    child = ChildFactory(guardian=parent)
    url, same = reverse("office_guardian_add", args=[child.pk]), SECOND | {"email": other_parent.email}
    page = desk.post(url, same)
    assert page.status_code == 422 and other_parent.name in page.content.decode()
    assert Guardianship.objects.filter(child=child).count() == 1
    assert desk.post(url, same | {"known": "other"}).status_code == 422, "one address, one account"
    assert desk.post(url, same | {"known": parent.pk}).status_code == 422, "nobody but the account shown"
    desk.post(url, same | {"known": other_parent.pk})
    assert Guardianship.objects.filter(child=child, guardian=other_parent).exists()


def test_who_collects_is_written_at_the_desk_and_told(desk, parent):
    child = ChildFactory(guardian=parent)
    form = {
        "person-TOTAL_FORMS": 1,
        "person-INITIAL_FORMS": 0,
        "may_go_alone": "no",
        "person-0-name": "Fatima",
        "person-0-relation": "tante",
        "person-0-phone": "0612345679",
    }
    assert desk.post(reverse("office_collection", args=[child.pk]), form).url == file_of(child)
    assert child.pickup_persons.get().name == "Fatima"
    assert Letter.objects.get().recipient == parent
