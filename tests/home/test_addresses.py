"""One rule for email addresses at every door, and invisible marks taken away before anything is judged."""

from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from academy.account_forms import LoginForm, ResetPasswordForm
from academy.accounts import SignupForm
from enrollments.families import directory
from enrollments.forms.office.families import FamilyForm
from enrollments.letters import delivery, outbox
from enrollments.models import Letter
from home.contact.addresses import AddressField
from home.contact.forms import ContactForm as VisitorForm
from home.language.invisible import visible
from tests.factories import UserFactory

UNFIT = [
    '"a\x01b"@example.org',
    '"quoted local"@example.org',
    '"\\\x7f"@example.org',
    "a\x00b@example.org",
    "a\r\nBcc: x@example.org",
    "a@exam\u2028ple.org",
    "no-at-sign",
    f"{'x' * 65}@example.org",
]
MARKED = "\u200fhind\u200b@example.org\ufeff"


def field_of(form, name="email"):
    return form.fields[name]


@pytest.mark.parametrize("address", UNFIT)
def test_an_address_no_message_can_be_written_to_is_refused_everywhere(rf, address):
    forms = [
        AddressField(),
        field_of(FamilyForm()),
        field_of(VisitorForm()),
        field_of(SignupForm()),
        field_of(ResetPasswordForm()),
        field_of(LoginForm(), "login"),
    ]
    for field in forms:
        with pytest.raises(ValidationError):
            field.clean(address)


@pytest.mark.django_db
def test_marks_that_nobody_sees_go_away_before_an_address_is_judged():
    assert AddressField().clean(MARKED) == "hind@example.org"
    for form in (ResetPasswordForm({"email": MARKED}), SignupForm({"email": MARKED})):
        form.is_valid()
        assert "email" not in form.errors or "valid" not in str(form.errors["email"])
        assert form.data["email"] == "hind@example.org"
    assert LoginForm({"login": MARKED, "password": "x"}).data["login"] == "hind@example.org"


@pytest.mark.django_db
def test_names_numbers_and_searches_lose_invisible_marks():
    known = UserFactory(name="Hind Exemple", phone="+212661000123", email="hind@example.org")
    told = {
        "name": "\u200fسلمى",
        "phone": "\u202a+212 661-000123\u202c",
        "language": "fr",
        "email": "neuve@example.org\u200b",
    }
    form = FamilyForm(told)
    form.is_valid()
    assert (form.cleaned_data["name"], form.cleaned_data["email"]) == ("سلمى", "neuve@example.org")
    assert form.cleaned_data["phone"].as_e164 == "+212661000123"
    for asked in (told["phone"], "\u2068Hind\u2069", "\ufeffhind@example.org"):
        assert known in directory.search(asked), asked


def test_prose_keeps_what_joins_emoji():
    assert visible("a\u200bb\u202ec\u2069") == "abc"


@pytest.mark.django_db
def test_no_header_is_ever_broken_in_two(settings, academy_settings):
    """The raw message is parsed again: whatever a visitor types, it has one Reply-To and no other header."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    at = timezone.now()
    for reply_to in ("a@example.org\r\nBcc: x@example.org", "a@example.org", "é@example.org"):
        outbox.take_words(
            None, to="desk@example.org", email=reply_to, subject="S\r\nBcc: y@example.org", message="…",
            language="fr", at=at,
        )  # fmt: skip
    delivery.send_due(at)
    for sent in mail.outbox:
        raw = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
        assert raw["Bcc"] is None and len(raw.get_all("Reply-To") or []) <= 1
    assert Letter.objects.filter(state="failed").count() == 1, "the broken one is marked, and held up nobody"
    assert len(mail.outbox) == 2
