"""Messages: written with the event they report, sent afterwards, retried, never sent to former guardians."""

import re
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from enrollments.families import consents
from enrollments.letters import delivery, outbox, samples
from enrollments.models import Enrollment, Letter
from enrollments.privacy import data_export
from tests.factories import ChildFactory, GuardianshipFactory, SessionFactory, UserFactory
from tests.works import copy_path

pytestmark = pytest.mark.django_db
WORDS = {
    "erasure_asked": {"name": "Karim"},
    "guardian_added": {"name": "Karim"},
    "guardian_added_at_desk": {"name": "Karim"},
    "guardian_ended": {"name": "Karim", "left": True},
    "merge_asked": {},
    "merged": {},
    "collection_changed": {"names": ["Fatima"], "alone": False, "by": "Salwa"},
}


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("kind", WORDS)
def test_each_kind_speaks_the_readers_language(kind, language):
    reader = UserFactory(language=language)
    letter = outbox.write(
        kind, to=reader, child=ChildFactory(first_name="Zoubida"), at=timezone.now(), **WORDS[kind]
    )
    assert letter.subject and "\n" not in letter.subject and "Zoubida" in letter.subject
    assert f"/{language}/family/" in letter.body and "{" not in letter.body and "&" not in letter.body
    french = outbox.write(kind, to=UserFactory(), child=letter.child, at=timezone.now(), **WORDS[kind])
    assert language == "fr" or french.subject != letter.subject


def test_a_name_cannot_add_a_header(parent):
    for name in ("Ali\r\nBcc: all@example.org", "Ali\nX-Evil: 1", "Ali\u2028Bcc: x", "Ali\x00"):
        child = ChildFactory.build(first_name=name)
        child.pk = None
        letter = outbox.write("guardian_added", to=parent, at=timezone.now(), name=name, child=None)
        assert not {"\r", "\n"} & set(letter.subject)
        delivery.send_due(timezone.now())
    assert [set(message.message().keys()) & {"Bcc", "X-Evil"} for message in mail.outbox] == [set()] * len(
        mail.outbox
    )
    assert Letter.objects.filter(state="sent").count() == len(mail.outbox) == 4


def test_a_letter_of_a_change_that_did_not_happen_is_not_written(parent):
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.write("guardian_added", to=parent, at=timezone.now(), name="Karim")
        raise RuntimeError
    assert not Letter.objects.exists()


def test_the_clockwork_sends_each_letter_once_with_its_own_message_id(parent):
    letter = outbox.write("guardian_added", to=parent, at=timezone.now(), name="Karim", child=ChildFactory())
    call_command("tick")
    call_command("tick")
    (sent,) = mail.outbox
    assert sent.to == [parent.email] and str(letter.message_id) in sent.extra_headers["Message-ID"]
    letter.refresh_from_db()
    assert letter.state == "sent" and letter.sent_at


def test_a_mail_server_away_loses_nothing_and_is_given_time(parent, monkeypatch):
    at = timezone.now()
    letter = outbox.write("guardian_added", to=parent, at=at, name="Karim", child=ChildFactory())

    def away(self, fail_silently=False):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(delivery.EmailMultiAlternatives, "send", away)
        assert delivery.send_due(at) == 0
        assert (
            delivery.send_due(at + delivery.FIRST_PAUSE - timedelta(seconds=1)) == 0
        )  # not yet due: not tried
        letter.refresh_from_db()
        assert (letter.state, letter.tries) == ("queued", 1)
    assert delivery.send_due(at + delivery.FIRST_PAUSE) == 1
    assert len(mail.outbox) == 1


def test_a_letter_nobody_can_take_is_given_up_and_seen(parent, monkeypatch):
    at = timezone.now()
    letter = outbox.write("guardian_added", to=parent, at=at, name="Karim", child=ChildFactory())
    monkeypatch.setattr(
        delivery.EmailMultiAlternatives,
        "send",
        lambda self, fail_silently=False: (_ for _ in ()).throw(OSError()),
    )
    for _try in range(delivery.MOST_TRIES + 2):
        letter.refresh_from_db()
        delivery.send_due(max(at, letter.next_try_at))
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == ("failed", delivery.MOST_TRIES)


def test_who_has_no_address_is_told_at_the_desk_once(parent, front_desk):
    parent.email = ""
    letter = outbox.write("guardian_added", to=parent, at=timezone.now(), name="Karim", child=ChildFactory())
    assert letter.channel == "desk"
    assert delivery.send_due(timezone.now()) == 0 and not mail.outbox
    assert outbox.mark_told(letter, by=front_desk, at=timezone.now()) is True
    assert outbox.mark_told(letter, by=front_desk, at=timezone.now()) is False
    letter.refresh_from_db()
    assert letter.told_by_ref == front_desk.pk


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("kind", [kind.code for kind in samples.KINDS])
def test_the_first_line_is_a_verdict_of_twelve_words_and_one_thing_to_do_follows(kind, language):
    letter = samples.sample(kind, language)
    first = letter.body.splitlines()[0]
    assert 0 < sum(any(sign.isalnum() for sign in word) for word in first.split()) <= 12, first
    assert len(letter.subject.split()) <= 14
    text, page = delivery.composed(letter)
    colourless = [link for link in re.findall(r"<a [^>]*>", page) if "color:" not in link]
    assert colourless == [], "the client's own blue cannot be read on a dark page"
    assert str(letter) in text and str(letter) in page, "the number to give at the desk"
    family = f"/{language}/family/"
    todo = {
        part.address
        for part in delivery.parts_of(letter.body)
        if part.address and not part.address.endswith(family)
    }
    assert len(todo) <= 1, todo


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize(
    "kind",
    [
        "enrolled",
        "accepted",
        "offer",
        "offer_reminder",
        "leaving",
        "moved",
        "session_cancelled",
        "sessions_united",
        "classes_changed",
        "tomorrow",
        "weekly",
        "payment_noted",
        "export_ready",
    ],
)
def test_what_has_an_hour_says_it_in_the_first_line(kind, language):
    first = samples.sample(kind, language).body.splitlines()[0]
    assert re.search(r"20(26|27)\b.*\d\d:\d\d", first), first


def test_a_class_that_is_over_is_not_announced_but_the_next_one_is(parent):
    session = SessionFactory()
    first, second, last = session.meetings.order_by("number")
    for at, told, words in (
        (first.starts_at - timedelta(hours=1), first, "Première séance"),
        (first.starts_at, second, "Votre première séance"),
        (last.starts_at, None, ""),
    ):
        facts = {"session": session, "enrollment": Enrollment(reference="AL-7K3Q2P")}
        body = outbox.write("moved", to=parent, child=ChildFactory(), at=at, **facts).body
        assert words in body and ("remière séance" in body) is bool(told)
        assert told is None or f"{told.on.day} " in body.splitlines()[0]


def test_who_agreed_before_is_asked_again_in_their_language(parent, manager, now):
    child = ChildFactory(guardian=parent)
    policy = consents.lay_policy("photo-inside", is_compulsory=False, per_child=True, position=9)
    texts = {code: {"title": f"Photos {code}", "body": "…"} for code in consents.LANGUAGES}
    first = consents.publish(consents.draft(policy, texts), by=manager, at=now)
    other = GuardianshipFactory(child=child).guardian
    consents.answer(first, guardian=parent, yes=True, language="fr", at=now, child=child)
    consents.answer(first, guardian=other, yes=True, language="ar", at=now, child=child)
    consents.answer(first, guardian=other, yes=False, language="ar", at=now, child=child)
    assert not Letter.objects.exists(), "nobody is asked again by a first version"
    consents.publish(consents.draft(policy, texts), by=manager, at=now)
    (letter,) = Letter.objects.all()
    assert (letter.recipient, letter.kind, letter.child) == (parent, "consent_again", child)
    assert "Photos fr" in letter.subject and f"/family/children/{child.pk}/consents/" in letter.body


def test_a_copy_that_is_ready_is_told_and_lies_there(parent, now):
    copy = data_export.make(parent, at=now)
    (letter,) = Letter.objects.filter(recipient=parent)
    assert letter.kind == "export_ready" and copy_path(copy).exists() and str(copy.name) not in letter.body


def test_the_number_of_a_letter_leads_to_it(logged_in, manager, parent, now):
    letter = outbox.write("guardian_added", to=parent, at=now, name="Karim", child=ChildFactory())
    client = logged_in(manager)
    answer = client.get("/fr/office/letters/", {"number": f" m-{letter.pk} "})
    assert answer.status_code == 302 and answer.url.endswith(f"/letters/{letter.pk}/")
    for number in ("M-0", "M-99999999999999999999", "abc", "M-"):
        page = client.get("/fr/office/letters/", {"number": number}).content.decode()
        assert "Aucun message ne porte ce numéro" in page and f'value="{number}"' in page
