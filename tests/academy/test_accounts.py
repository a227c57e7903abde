"""Registration, login and passwords, as a parent and as somebody who only wants to know who has an account here."""

import re

import pytest
from django.contrib.auth import get_user_model, hashers
from django.core import mail
from django.urls import reverse
from django.utils import translation

from enrollments.models import Child
from tests.factories import PASSWORD, SessionFactory

pytestmark = pytest.mark.django_db
User = get_user_model()


@pytest.fixture(autouse=True)
def _site(academy_settings):
    """Every page prints the academy's words."""


def registration(**fields):
    return {
        "name": "Salwa Amrani",
        "email": "salwa@example.org",
        "mobile": "06 12 34 56 78",
        "password1": "un-vrai-secret-7",
    } | fields


def code_in(letter) -> str:
    return re.search(r"\b\d{6}\b", letter.body).group()


def register(client, url=None, **fields):
    return client.post(url or reverse("account_signup"), registration(**fields))


def test_a_parent_registers_in_four_fields_and_a_code(client):
    page = client.get(reverse("account_signup"))
    assert [field.name for field in page.context["form"].visible_fields()] == ["name", "email", "mobile", "password1"]
    assert register(client).status_code == 302
    response = client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[0])})
    assert response.status_code == 302
    user = User.objects.get()
    assert (user.email, user.name, str(user.phone), user.language) == ("salwa@example.org", "Salwa Amrani", "+212612345678", "fr")
    assert client.get(reverse("family")).status_code == 200


def test_registering_from_a_course_leads_back_to_it(client):
    session = SessionFactory()
    here = reverse("enroll", args=[session.pk])
    login = client.get(here).url
    page = client.get(login)
    assert f"{reverse('account_signup')}?next={here}" in page.content.decode().replace("%2F", "/")
    register(client, f"{reverse('account_signup')}?next={here}", next=here)
    assert client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[0])}).url == here


@pytest.mark.parametrize("typed", ["0612345678", "+212612345678", "00212612345678", "06.12.34.56.78", "٠٦١٢٣٤٥٦٧٨"])
def test_a_mobile_is_understood_as_people_write_it(client, typed):
    register(client, mobile=typed)
    assert str(User.objects.get().phone) == "+212612345678"


@pytest.mark.parametrize(
    "fields",
    [
        {"mobile": "12"},
        {"email": "nobody"},
        {"email": "a@example.org\nBcc: b@example.org"},
        {"name": ""},
        {"name": "Salwa\r\nBcc: x@example.org"},
        {"name": "https://example.com"},
        {"password1": "short"},
        {"password1": "password"},
        {"password1": "ActiveLabs-2026"},
        {"password1": "technopark-tanger"},
        {"password1": "salwa@example.org"},
    ],
)
def test_wrong_input_is_answered_and_makes_no_account(client, fields):
    response = register(client, **fields)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not User.objects.exists() and not mail.outbox


def test_a_long_password_is_welcome(client):
    register(client, password1="correct cheval pile agrafe " * 6)
    assert User.objects.count() == 1


def hashes_made(monkeypatch, act) -> int:
    made = []
    real = hashers.BasePasswordHasher.encode
    for hasher in hashers.get_hashers():
        original = type(hasher).encode
        monkeypatch.setattr(type(hasher), "encode", lambda self, *a, _o=original, **k: (made.append(1), _o(self, *a, **k))[1])
    act()
    monkeypatch.undo()
    assert real is hashers.BasePasswordHasher.encode
    return len(made)


@pytest.mark.parametrize("screen", ["account_signup", "account_login", "account_reset_password"])
def test_a_known_and_an_unknown_address_get_the_same_answer(client, parent, monkeypatch, screen):
    answers = []
    for address in (parent.email, "unknown@example.org"):
        client.cookies.clear()
        posted = {
            "account_signup": registration(email=address),
            "account_login": {"login": address, "password": "not-this-one"},
            "account_reset_password": {"email": address},
        }[screen]
        seen = {}

        def send(posted=posted, seen=seen):
            response = client.post(reverse(screen), posted)
            body = re.sub(r'value="[^"]{20,}"', "", response.content.decode()).replace(posted.get("login", "·"), "")
            seen["answer"] = (response.status_code, response.get("Location"), body)

        hashes = hashes_made(monkeypatch, send)
        answers.append((*seen["answer"], hashes, len(mail.outbox)))
        mail.outbox.clear()
    assert answers[0] == answers[1]


def test_a_login_opens_a_new_session(client, parent):
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": parent.email, "password": PASSWORD})
    first = client.session.session_key
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": parent.email, "password": PASSWORD})
    assert client.session.session_key != first


def test_many_wrong_passwords_for_one_account_are_refused_for_a_while(client, parent):
    for _attempt in range(21):  # twenty in ten minutes: nobody locks a family out with a handful
        response = client.post(reverse("account_login"), {"login": parent.email, "password": "wrong-wrong"})
    good = client.post(reverse("account_login"), {"login": parent.email, "password": PASSWORD})
    assert response.status_code in {200, 429}
    assert good.status_code != 302


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl"), ("en", "ltr")])
@pytest.mark.parametrize("screen", ["account_login", "account_signup", "account_reset_password"])
def test_account_pages_speak_the_readers_language(client, language, direction, screen):
    with translation.override(language):
        text = client.get(reverse(screen)).content.decode()
    assert f'<html lang="{language}" dir="{direction}"' in text


def test_the_code_arrives_in_the_readers_language(client):
    with translation.override("ar"):
        register(client)
    assert User.objects.get().language == "ar"
    assert re.search("[\u0600-\u06ff]", mail.outbox[0].subject)
    assert re.search("[\u0600-\u06ff]", mail.outbox[0].body)


def test_nobody_gets_a_child_by_registering(client):
    register(client)
    assert not Child.objects.exists()


@pytest.mark.parametrize(
    ("role", "room"), [("parent", "/fr/family/"), ("instructor", "/fr/desk/"), ("front_desk", "/fr/office/"), ("editor", "/cms/")]
)
def test_after_a_login_each_lands_in_an_own_room(client, request, role, room):
    user = request.getfixturevalue(role)
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == room
