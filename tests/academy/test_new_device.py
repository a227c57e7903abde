"""A sign-in on a device the account has not used before: the owner reads of it, and the journal too."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enrollments.families import login_cards
from enrollments.models import AccountEvent, Letter
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0"


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


def enter(user, client=None, agent=PHONE) -> Client:
    client = client or Client()
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD}, HTTP_USER_AGENT=agent
    )
    assert answer.status_code == 302
    return client


def leave(client) -> Client:
    client.post(reverse("account_logout"))
    return client


def written(user) -> list[Letter]:
    return list(Letter.objects.filter(recipient=user, kind=Letter.ACCOUNT).order_by("pk"))


def test_the_very_first_sign_in_writes_nothing_and_a_new_device_does(parent):
    device = leave(enter(parent))
    assert written(parent) == []
    leave(enter(parent, device))
    assert written(parent) == [], "the same device"
    enter(parent)
    [letter] = written(parent)
    assert "Chrome" in letter.body and "Android" in letter.body
    event = AccountEvent.objects.get()
    assert (event.what, event.user_ref) == ("new_device", parent.pk)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("fr", "Nouvelle connexion à votre compte"),
        ("ar", "تسجيل دخول جديد إلى حسابكم"),
        ("en", "New sign-in to your account"),
    ],
)
def test_the_email_leads_to_a_new_password_and_to_the_devices(settings, language, subject):
    user = UserFactory(language=language, last_login=timezone.now())
    enter(user)
    [letter] = written(user)
    assert letter.subject == subject and letter.language == language
    with translation.override(language):
        for route in ("account_reset_password", "usersessions_list"):
            assert settings.SITE_URL + reverse(route) in letter.body.splitlines()
    assert user.name not in letter.body


def test_at_most_one_email_a_day_and_device(parent):
    start = timezone.now()
    leave(enter(parent))
    with time_machine.travel(start, tick=False):
        for _time in range(3):
            enter(parent)  # a browser that keeps no cookies
        assert len(written(parent)) == 1
        enter(parent, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/131.0")
        assert len(written(parent)) == 2, "another device"
    with time_machine.travel(start + timedelta(hours=23, minutes=59), tick=False):
        enter(parent)
        assert len(written(parent)) == 2
    with time_machine.travel(start + timedelta(hours=24, minutes=1), tick=False):
        enter(parent)
        assert len(written(parent)) == 3


def test_a_device_of_a_whole_family_is_known_to_each(parent, other_parent):
    tablet = Client()
    for _turn in range(2):
        for person in (parent, other_parent):
            leave(enter(person, tablet))
    assert written(parent) == written(other_parent) == []


def test_a_wrong_password_writes_no_such_email(parent):
    leave(enter(parent))
    Client().post(reverse("account_login"), {"login": parent.email, "password": "wrong-wrong"})
    assert written(parent) == []
    assert list(AccountEvent.objects.values_list("what", "user_ref")) == [("login_failed", parent.pk)]


def test_an_account_without_an_address_signs_in_by_card_all_the_same(front_desk):
    user = UserFactory(email=None, last_login=timezone.now())
    _card, token = login_cards.issue(user, by=front_desk, at=timezone.now())
    answer = Client().post(reverse("login_card", args=[token]))
    assert answer.status_code == 302 and not Letter.objects.exists()


def test_tries_on_unknown_addresses_enter_the_journal_once_in_ten_minutes():
    for number in range(3):
        Client().post(
            reverse("account_login"), {"login": f"x{number}@example.org", "password": "wrong-wrong"}
        )
    event = AccountEvent.objects.get()
    assert (event.what, event.user_ref) == ("login_failed", None)
