"""The contact form reaches only the academy's mailbox, whatever is typed."""

import email
import email.policy
from datetime import timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest

from enrollments.letters import delivery
from enrollments.models import Letter
from enrollments.privacy import retention
from home import tries
from home.contact import views
from tests.post import delivered

pytestmark = pytest.mark.django_db
ADDRESS = "/fr/contact-form/"
GOOD = {
    "name": "Salwa Amrani",
    "email": "salwa@example.org",
    "message": "Bonjour,\nà quel âge peut-on commencer ?",
}


@pytest.fixture
def send(client, academy_settings, mailoutbox):
    """Submit the form; `send(name=…)` changes a field."""

    def post(address=ADDRESS, **fields):
        answer = client.post(address, GOOD | fields)
        delivered()
        return answer

    return post


def raw(message):
    """Return the message as a mail server sees it."""
    return email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)


def test_the_words_reach_the_academys_mailbox(send, mailoutbox):
    response = send()
    assert (response.status_code, response.context["sent"]) == (200, True)
    (letter,) = map(raw, mailoutbox)
    assert letter["To"] == "bonjour@example.org"
    assert letter["Reply-To"] == "salwa@example.org"
    assert "Salwa Amrani" in letter["Subject"]
    assert letter.get_content().strip().replace("\r\n", "\n") == GOOD["message"]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_form_thanks_in_the_language_it_was_written_in(send, language):
    response = send(f"/{language}/contact-form/")
    assert response.status_code == 200
    assert f'lang="{language}"' in response.content.decode()


def test_the_form_sets_no_cookie(send, client, site_tree):
    assert not client.get("/fr/contact/").cookies
    assert not send().cookies


INJECTIONS = [
    "Salwa\r\nBcc: all@example.com",
    "Salwa\nBcc: all@example.com",
    "Salwa\rBcc: all@example.com",
    "Salwa\x0bBcc: all@example.com",
    "Salwa\x00Bcc: all@example.com",
    "Salwa\x85Bcc: all@example.com",
    "Salwa\u2028Bcc: all@example.com",
    "Salwa\u2029Bcc: all@example.com",
    "Salwa%0ABcc: all@example.com",
    "Salwa\\nBcc: all@example.com",
    "=?utf-8?q?Salwa=0ABcc:_all@example.com?=",
    "Salwa <all@example.com>, other",
    "سلوى\r\n Bcc: all@example.com",
]


@pytest.mark.parametrize("field", ["name", "message"])
@pytest.mark.parametrize("injection", INJECTIONS)
def test_no_header_is_injected_through_what_is_typed(send, mailoutbox, field, injection):
    send(**{field: injection})
    for letter in mailoutbox:
        read = raw(letter)
        assert letter.recipients() == ["bonjour@example.org"]
        assert read.get_all("To") == ["bonjour@example.org"]
        assert read["Bcc"] is None and read["Cc"] is None
        assert len(read.get_all("Subject")) == 1 and len(read.get_all("Reply-To")) == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\nBcc: all@example.com",
        "a@example.org, b@example.org",
        "a@example.org\r\n",
        "<a@example.org>",
        "a@",
        "@",
        "a b@example.org",
    ],
)
def test_no_header_is_injected_through_the_reply_address(send, mailoutbox, address):
    response = send(email=address)
    for letter in mailoutbox:  # trimmed to one good address, or refused
        assert raw(letter)["Reply-To"] == "a@example.org"
        assert letter.recipients() == ["bonjour@example.org"]
    assert response.status_code == (200 if mailoutbox else 422)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "salwa"},
        {"email": ""},
        {"name": ""},
        {"message": ""},
        {"message": "x" * 4001},
        {"name": "x" * 121},
    ],
)
def test_wrong_input_says_so_and_keeps_what_was_typed(send, mailoutbox, wrong):
    response = send(**{"message": "Mes mots à garder"} | wrong)
    assert response.status_code == 422
    assert mailoutbox == []
    assert response.context["form"].errors.keys() == wrong.keys()
    if "message" not in wrong:
        assert "Mes mots à garder" in response.content.decode()


def test_a_machine_that_fills_every_field_is_thanked_and_forgotten(send, mailoutbox):
    response = send(website="https://spam.example.com")
    assert (response.status_code, response.context["sent"]) == (200, True)
    assert mailoutbox == []


@pytest.mark.parametrize(
    "fault",
    [
        ConnectionRefusedError("no"),
        TimeoutError(),
        SMTPServerDisconnected("gone"),
        SMTPDataError(451, b"full"),
    ],
)
def test_a_mail_server_that_is_down_or_slow_holds_nobody_up_and_loses_nothing(
    send, mailoutbox, monkeypatch, fault
):
    def down(letter, *args, **kwargs):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.message.EmailMessage.send", down)
        answer = send()
    assert (answer.status_code, answer.context["sent"], answer["Cache-Control"]) == (200, True, "no-store")
    assert mailoutbox == []
    letter = Letter.objects.get()
    assert (letter.state, letter.tries) == ("queued", 1)
    assert delivery.send_due(letter.next_try_at) == 1 and mailoutbox[0].reply_to == [GOOD["email"]]


def test_the_eleventh_letter_of_an_hour_is_refused_calmly(send, mailoutbox):
    answers = [send().status_code for _letter in range(views.PER_ADDRESS)]
    assert set(answers) == {200}
    refused = send()
    assert (refused.status_code, refused["Retry-After"]) == (429, str(views.PER_HOUR))
    assert len(mailoutbox) == views.PER_ADDRESS
    body = refused.content.decode()
    assert all(f'lang="{language}"' in body for language in ("fr", "ar", "en"))


def test_the_count_is_kept_by_address(client, send, mailoutbox):
    for _letter in range(views.PER_ADDRESS + 1):
        send()
    assert client.post(ADDRESS, GOOD, REMOTE_ADDR="198.51.100.7").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),  # no proxy declared: the header is hearsay
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # what the visitor wrote himself does not count
        (2, "203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_visitor_is_found_behind_the_declared_proxies(rf, settings, proxies, forwarded, address):
    settings.PROXY_COUNT = proxies
    assert tries.client_address(rf.get("/", headers={"x-forwarded-for": forwarded})) == address


def test_the_address_is_remembered_as_a_digest_only(rf, settings):
    from django.core.cache import cache

    tries.count_try("contact", rf.get("/"), seconds=60)
    assert not [key for key in cache._cache if "127.0.0.1" in key]


def test_without_a_contact_page_there_is_no_form(client, locales):
    assert client.post(ADDRESS, GOOD).status_code == 404


def test_other_methods_are_not_taken(client, site_tree):
    assert client.delete(ADDRESS).status_code == 405


def test_the_words_of_a_visitor_are_gone_from_here_a_day_after_they_were_sent(send):
    send()
    at = Letter.objects.get().written_at
    retention.retain(at + timedelta(hours=23), apply=True)
    assert Letter.objects.count() == 1
    retention.retain(at + timedelta(hours=25), apply=True)
    assert not Letter.objects.exists()
