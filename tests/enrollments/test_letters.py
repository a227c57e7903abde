"""Letters are written with what they tell, sent after it, tried again, and never sent to who is no longer concerned."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from enrollments import letters, sending
from enrollments.models import Letter
from tests.factories import ChildFactory, UserFactory

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
    letter = letters.write(kind, to=reader, child=ChildFactory(first_name="Zoubida"), at=timezone.now(), **WORDS[kind])
    assert letter.subject and "\n" not in letter.subject and "Zoubida" in letter.subject
    assert f"/{language}/family/" in letter.body and "{" not in letter.body and "&" not in letter.body
    french = letters.write(kind, to=UserFactory(), child=letter.child, at=timezone.now(), **WORDS[kind])
    assert language == "fr" or french.subject != letter.subject


def test_a_name_cannot_add_a_header(parent):
    for name in ("Ali\r\nBcc: all@example.org", "Ali\nX-Evil: 1", "Ali\u2028Bcc: x", "Ali\x00"):
        child = ChildFactory.build(first_name=name)
        child.pk = None
        letter = letters.write("guardian_added", to=parent, at=timezone.now(), name=name, child=None)
        assert not {"\r", "\n"} & set(letter.subject)
        sending.send_due(timezone.now())
    assert [set(message.message().keys()) & {"Bcc", "X-Evil"} for message in mail.outbox] == [set()] * len(mail.outbox)
    assert Letter.objects.filter(state="sent").count() == len(mail.outbox) == 4


def test_a_letter_of_a_change_that_did_not_happen_is_not_written(parent):
    with pytest.raises(RuntimeError), transaction.atomic():
        letters.write("guardian_added", to=parent, at=timezone.now(), name="Karim")
        raise RuntimeError
    assert not Letter.objects.exists()


def test_the_clockwork_sends_each_letter_once_with_its_own_message_id(parent):
    letter = letters.write("guardian_added", to=parent, at=timezone.now(), name="Karim", child=ChildFactory())
    call_command("tick")
    call_command("tick")
    (sent,) = mail.outbox
    assert sent.to == [parent.email] and str(letter.message_id) in sent.extra_headers["Message-ID"]
    letter.refresh_from_db()
    assert letter.state == "sent" and letter.sent_at


def test_a_mail_server_away_loses_nothing_and_is_given_time(parent, monkeypatch):
    at = timezone.now()
    letter = letters.write("guardian_added", to=parent, at=at, name="Karim", child=ChildFactory())

    def away(self, fail_silently=False):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(sending.EmailMultiAlternatives, "send", away)
        assert sending.send_due(at) == 0
        assert sending.send_due(at + sending.FIRST_PAUSE - timedelta(seconds=1)) == 0  # not yet due: not tried
        letter.refresh_from_db()
        assert (letter.state, letter.tries) == ("queued", 1)
    assert sending.send_due(at + sending.FIRST_PAUSE) == 1
    assert len(mail.outbox) == 1


def test_a_letter_nobody_can_take_is_given_up_and_seen(parent, monkeypatch):
    at = timezone.now()
    letter = letters.write("guardian_added", to=parent, at=at, name="Karim", child=ChildFactory())
    monkeypatch.setattr(
        sending.EmailMultiAlternatives, "send", lambda self, fail_silently=False: (_ for _ in ()).throw(OSError())
    )
    for _try in range(sending.MOST_TRIES + 2):
        letter.refresh_from_db()
        sending.send_due(max(at, letter.next_try_at))
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == ("failed", sending.MOST_TRIES)


def test_who_has_no_address_is_told_at_the_desk_once(parent, front_desk):
    parent.email = ""
    letter = letters.write("guardian_added", to=parent, at=timezone.now(), name="Karim", child=ChildFactory())
    assert letter.channel == "desk"
    assert sending.send_due(timezone.now()) == 0 and not mail.outbox
    assert letters.mark_told(letter, by=front_desk, at=timezone.now()) is True
    assert letters.mark_told(letter, by=front_desk, at=timezone.now()) is False
    letter.refresh_from_db()
    assert letter.told_by_ref == front_desk.pk
