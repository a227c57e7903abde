"""What signing in costs, what ends other logins, well-known addresses, and the clock of the log."""

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from academy.log import LineFormatter
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("known@example.org", PASSWORD),
        ("known@example.org", "wrong-one"),
        ("unknown@example.org", "wrong-one"),
    ],
    ids=["right", "wrong", "unknown"],
)
def test_signing_in_costs_one_password_hash_whatever_is_typed(monkeypatch, rf, email, password):
    UserFactory(email="known@example.org")
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *args: hashed.append(1) or encode(self, *args)
    )
    user = authenticate(rf.post("/"), email=email, password=password)
    assert (user is not None) is (password == PASSWORD and email == "known@example.org")
    assert len(hashed) == 1


def test_a_login_of_the_time_with_two_backends_goes_on(parent):
    client = Client()
    client.force_login(parent, backend="academy.signed_in.ModelBackend")
    session = client.session
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    assert client.get(reverse("family")).status_code == 200


def signed_in(person) -> Client:
    client = Client()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:500]
    client.get(reverse("family"))
    return client


def test_a_changed_address_ends_the_logins_on_other_devices(parent, rf):
    from allauth.account.signals import email_changed

    here, there = signed_in(parent), signed_in(parent)
    assert UserSession.objects.filter(user=parent).count() == 2
    request = rf.post("/")
    request.session, request.user = here.session, parent
    old = EmailAddress.objects.get_primary(parent)
    email_changed.send(
        type(parent), request=request, user=parent, from_email_address=old, to_email_address=old
    )
    assert here.get(reverse("family")).status_code == 200
    assert there.get(reverse("family")).status_code == 302


def test_security_txt_names_an_address_and_expires(client, settings):
    answer = client.get("/.well-known/security.txt")
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer["Content-Type"].startswith("text/plain") and "@" in lines["Contact"]
    expires = datetime.fromisoformat(lines["Expires"].replace("Z", "+00:00"))
    assert 300 < (expires - datetime.now(UTC)).days <= 365
    assert lines["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"


def test_password_managers_find_where_a_password_is_changed(client):
    assert client.get("/.well-known/change-password").url == reverse("account_change_password")


def test_log_lines_carry_moroccos_time_whatever_the_machine_believes():
    """The machine's own zone files may be old: UTC+1 for Morocco, as before 2026-09-20."""
    code = (
        "import os; os.environ.setdefault('DEMO', '1')\n"
        "import django; os.environ['DJANGO_SETTINGS_MODULE'] = 'academy.settings'; django.setup()\n"
        "import logging; from academy.log import LineFormatter\n"
        "record = logging.LogRecord('x', 20, '', 1, 'm', (), None); record.created = 1796482800.0\n"
        "print(LineFormatter('{asctime}', style='{').format(record))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TZ": "Etc/GMT-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip().splitlines()[-1] == datetime.fromtimestamp(1796482800, UTC).isoformat(
        timespec="milliseconds"
    )


def test_the_console_uses_our_formatter(settings):
    assert settings.LOGGING["formatters"]["line"]["()"] == "academy.log.LineFormatter"
    assert isinstance(LineFormatter(), logging.Formatter)


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_no_code_stands_in_a_subject(language):
    """A locked telephone shows subjects."""
    from enrollments.letters import samples

    for kind in ("login-code", "login-reset"):
        letter = samples.sample(kind, language)
        assert "482913" in letter.body and "482913" not in letter.subject
