"""Strangers who try passwords do not lock the owner out, and the owner hears of it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from academy import known_device
from enrollments.models import Letter
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
HOME, STRANGER = "203.0.113.1", "198.51.100.9"


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


def knock(client, email, password="wrong-wrong", address=HOME) -> bool:
    answer = client.post(
        reverse("account_login"), {"login": email, "password": password}, HTTP_X_FORWARDED_FOR=address
    )
    return answer.status_code == 302


def test_twenty_wrong_passwords_elsewhere_leave_the_owners_device_and_other_addresses_free(parent):
    device = Client()
    assert knock(device, parent.email, PASSWORD) and device.cookies["device"].value
    device.post(reverse("account_logout"))
    stranger = Client()
    for _try in range(25):
        assert not knock(stranger, parent.email, address=STRANGER)
    assert not knock(stranger, parent.email, PASSWORD, address=STRANGER), "closed to that address"
    assert knock(Client(), parent.email, PASSWORD), "another address"
    assert knock(device, parent.email, PASSWORD, address=STRANGER), "the owner's own phone"


def test_two_hundred_tries_from_everywhere_close_the_account_to_strangers_only(parent):
    device = Client()
    knock(device, parent.email, PASSWORD)
    device.post(reverse("account_logout"))
    for number in range(205):
        knock(Client(), parent.email, address=f"198.51.{number // 200}.{number % 200}")
    assert not knock(Client(), parent.email, PASSWORD, address="192.0.2.77")
    assert knock(device, parent.email, PASSWORD)


def test_a_device_has_a_limit_of_its_own(parent):
    device = Client()
    knock(device, parent.email, PASSWORD)
    device.post(reverse("account_logout"))
    for _try in range(20):
        knock(device, parent.email)
    assert not knock(device, parent.email, PASSWORD)
    assert knock(Client(), parent.email, PASSWORD, address="192.0.2.77")


def test_the_owner_is_told_once_and_an_unknown_address_answers_the_same(parent):
    pages = []
    for email in (parent.email, "nobody@example.org"):
        client = Client()
        for _try in range(23):
            answer = client.post(reverse("account_login"), {"login": email, "password": "wrong-wrong"})
        pages.append((answer.status_code, "login" in answer.content.decode(), len(answer.content) // 200))
    assert pages[0][:2] == pages[1][:2]
    assert Letter.objects.filter(recipient=parent, kind=Letter.ACCOUNT).count() == 1
    assert not Letter.objects.filter(address="nobody@example.org").exists()


@pytest.mark.parametrize("days", [179, 181])
def test_the_cookie_is_one_users_signed_and_ages(parent, rf, days):
    device = Client()
    knock(device, parent.email, PASSWORD)
    request = rf.get("/")
    request.COOKIES["device"] = device.cookies["device"].value
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        assert (known_device.device_of(request, parent) is not None) is (days < 180)
    assert known_device.device_of(request, UserFactory()) is None
    request.COOKIES["device"] += "x"
    assert known_device.device_of(request, parent) is None


def test_looking_around_sets_no_such_cookie(parent):
    client = Client()
    client.get(reverse("account_login"))
    knock(client, parent.email)
    assert "device" not in client.cookies
