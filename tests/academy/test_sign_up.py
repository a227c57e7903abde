"""A registration: a mistyped address is corrected, and what was typed does not stay on the device."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from home.contact.addresses import likely_address
from tests.academy.test_accounts import code_in, register, registration
from tests.factories import SessionFactory
from tests.post import delivered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def test_a_mistyped_address_is_corrected_without_losing_the_course(client):
    session = SessionFactory()
    here = reverse("enroll", args=[session.pk])
    register(client, f"{reverse('account_signup')}?next={here}", next=here, email="salwa@gmial.com")
    code_page = client.get(reverse("account_email_verification_sent")).content.decode()
    assert "salwa@gmail.com" in code_page and session.course.title in code_page
    assert f'name="next" value="{reverse("account_login")}?next={here}"' in code_page  # Cancel
    back = client.post(reverse("signup_correct"))
    assert back.url == f"{reverse('account_signup')}?next={here}"
    assert not get_user_model().objects.filter(email="salwa@gmial.com").exists(), "nobody else's to take"
    form = client.get(back.url)
    boxes = {field.name: field.value() or "" for field in form.context["form"].visible_fields()}
    assert boxes == registration(email="salwa@gmial.com") | {"password1": ""}
    assert "salwa@gmail.com" in form.content.decode()
    register(client, back.url, next=here, email="salwa@gmail.com")
    letter = next(letter for letter in delivered() if letter.to == ["salwa@gmail.com"])
    assert client.post(reverse("account_email_verification_sent"), {"code": code_in(letter)}).url == here
    assert "signup_typed" not in client.session


def test_what_was_typed_at_sign_up_is_gone_after_a_quarter_of_an_hour(client, time_machine):
    register(client, email="salwa@gmial.com")
    client.post(reverse("signup_correct"))
    signup = reverse("account_signup")
    assert client.get(signup).context["form"]["email"].value() == "salwa@gmial.com"
    time_machine.move_to(timezone.now() + timedelta(minutes=16))
    assert client.get(signup).context["form"]["email"].value() in (None, "")
    assert "signup_typed" not in client.session


@pytest.mark.parametrize("screen", ["account_login", "account_signup"])
def test_a_destination_that_cannot_be_parsed_is_none(client, screen):
    assert client.get(reverse(screen), {"next": "//["}).status_code == 200


def test_correcting_does_not_tell_whether_an_address_has_an_account(client, parent):
    register(client, email=parent.email)
    page = client.get(reverse("account_email_verification_sent")).content.decode()
    assert reverse("signup_correct") in page
    back = client.get(client.post(reverse("signup_correct")).url)
    assert back.context["form"]["email"].value() == parent.email


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Salwa@gmial.com", "Salwa@gmail.com"),
        ("salwa@hotmial.fr", "salwa@hotmail.fr"),
        ("salwa@gmail.fr", "salwa@gmail.com"),
        ("salwa@mail.com", ""),
        ("salwa@hotmail.it", ""),
        ("salwa@example.org", ""),
        ("salwa", ""),
    ],
)
def test_a_host_that_looks_misspelt_is_a_hint_and_no_fault(client, typed, meant):
    assert likely_address(typed) == meant
    page = register(client, email=typed, mobile="12")
    assert (meant in page.content.decode()) and ("Vouliez-vous" in page.content.decode()) == bool(meant)
