"""Delivery: each kind in three languages word for word, both parts, text direction; refused, bounced,
retried.
"""

import io
import os
import re
import smtplib
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from enrollments.letters import delivery, outbox, samples
from enrollments.models import Letter
from tests.factories import ChildFactory, SessionFactory

LANGUAGES = ("fr", "ar", "en")
SNAPSHOT = Path(__file__).parent / "every_letter.txt"
MEDICAL = re.compile(
    r"médic|santé|allerg|malad|asthm|medic|health|طبي(?!ق)|صح(?:ة|ية|تك|ته)|حساسي|مرض|دواء", re.I
)


@pytest.fixture
def letter(parent, now):
    return outbox.write("guardian_added", to=parent, at=now, name="Karim", child=ChildFactory())


def told_word_for_word() -> str:
    """Return every kind in every language as one text."""
    found = []
    for kind in samples.KINDS:
        for language in LANGUAGES:
            sample = samples.sample(kind.code, language)
            found.append(f"==== {kind.code} · {language}\n{sample.subject}\n\n{sample.body}")
    return "\n".join(found)


@pytest.mark.django_db
def test_every_letter_says_what_was_read_and_approved():
    """SNAPSHOT=1 rewrites the file: read the difference before committing it."""
    told = told_word_for_word()
    if os.environ.get("SNAPSHOT"):
        SNAPSHOT.write_text(told)
    assert told == SNAPSHOT.read_text()


def test_every_template_is_a_kind_and_every_kind_a_template():
    names = {path.stem for path in Path("templates/letters").glob("*.txt") if not path.stem.startswith("_")}
    assert names == {kind.code for kind in samples.KINDS} - set(samples.LOGIN)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", samples.KINDS, ids=lambda kind: kind.code)
def test_each_kind_has_both_parts_in_the_readers_direction_and_no_medical_word(kind, language):
    sample = samples.sample(kind.code, language)
    message = BytesParser(policy=policy.default).parsebytes(delivery.message_of(sample).message().as_bytes())
    text, page = message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    assert (
        "{" not in text + page and "None" not in text + page and not MEDICAL.search(text + message["subject"])
    )
    assert message["Content-Language"] == language and message["Auto-Submitted"] == "auto-generated"
    french = samples.sample(kind.code, "fr")
    assert language == "fr" or (sample.subject != french.subject and sample.body != french.body)
    if language == "ar":
        words = re.sub(
            r"https?://\S+|\S+@\S+|AL-\w+|[A-Z]\w+ Exemple|Active Labs|Salma|Karim|Salwa|Fatima|Samira",
            "",
            sample.body,
        )
        assert not re.search(r"[A-Za-z]{4,}", words), words


def test_a_line_that_is_an_address_carries_the_words_before_it():
    parts = delivery.parts_of(
        "Bonjour.\nUne place.\n\nRépondre\u00a0:\nhttps://x.example/o/\n\nhttps://x.example/r/\n"
    )
    assert [(part.words, part.address) for part in parts] == [
        ("Bonjour.\nUne place.", ""),
        ("Répondre", "https://x.example/o/"),
        ("https://x.example/r/", ""),
    ], "one button, the others are links in their text"


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        (
            "Le jeu (https://example.org/jeu), et apportez un casque.",
            ["Le jeu (", "https://example.org/jeu", "), et apportez un casque."],
        ),
        ("Voir https://a.example/x?y=1&z=(2).", ["Voir ", "https://a.example/x?y=1&z=(2)", "."]),
        (
            "https://a.example et https://b.example !",
            ["https://a.example", " et ", "https://b.example", " !"],
        ),
        ("« https://a.example/é »", ["« ", "https://a.example/é", " »"]),
        ("انظروا https://a.example، ثم عودوا", ["انظروا ", "https://a.example", "، ثم عودوا"]),
        ("sans lien", ["sans lien"]),
    ],
)
def test_no_word_and_no_second_link_of_a_line_is_lost(line, pieces):
    found = delivery.pieces_of(line)
    assert [piece.words for piece in found] == pieces and "".join(pieces) == line
    assert [piece.address for piece in found if piece.address] == [p for p in pieces if p.startswith("https")]
    (part,) = delivery.parts_of(line)
    assert part.lines == (found,) and not part.address


@pytest.mark.django_db
def test_an_instructors_words_stand_in_both_parts(parent, now):
    text = "Le jeu (https://example.org/jeu), et apportez un casque. <b>Merci</b>"
    words = {"text": text, "name": "Hajar", "children": [], "session": SessionFactory(), "is_other": False}
    plain, page = delivery.composed(outbox.write("message", to=parent, at=now, meeting=None, **words))
    assert "et apportez un casque" in plain and "et apportez un casque" in page
    assert 'href="https://example.org/jeu"' in page and "<b>Merci" not in page


@pytest.mark.django_db
def test_a_message_that_cannot_be_composed_is_marked_and_holds_up_nobody(parent, now, caplog):
    broken = outbox.write_account(
        address="a@example.org\r\nBcc: x@example.org", user=None, subject="S", body="…", language="fr", at=now
    )
    behind = outbox.write("guardian_added", to=parent, at=now, name="Salwa", child=ChildFactory())
    assert delivery.send_due(now) == 1
    broken.refresh_from_db()
    behind.refresh_from_db()
    assert (broken.state, behind.state) == ("failed", "sent") and "composing" in broken.fault
    assert f"Message {broken.pk}" in caplog.text and "a@example.org" not in broken.fault


@pytest.mark.django_db
@pytest.mark.parametrize(
    "evil",
    [
        "Ali\r\nBcc: all@example.org",
        "Ali\nX-Evil: 1",
        "Ali\u2028Bcc: x",
        "=?utf-8?q?=0ABcc:x?=",
        "Ali\x00",
        "<b>Ali</b>",
    ],
)
def test_no_name_becomes_a_header_or_a_tag(parent, now, evil):
    child = ChildFactory(first_name=evil.replace("\x00", ""))
    outbox.write("guardian_added", to=parent, at=now, name=evil, child=child)
    delivery.send_due(now)
    raw = mail.outbox[0].message().as_bytes()
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert not {"Bcc", "X-Evil", "Cc"} & set(message.keys()) and message["To"] == parent.email
    assert "<b>" not in message.get_body(("html",)).get_content()


@pytest.mark.django_db
def test_an_address_the_server_refuses_is_given_up_at_once_and_another_fault_is_not(letter, now, monkeypatch):
    def refuses(self, fail_silently=False):
        raise smtplib.SMTPRecipientsRefused({letter.recipient.email: (550, b"no such user")})

    def shut(self, fail_silently=False):
        raise smtplib.SMTPAuthenticationError(535, b"our password is wrong")

    for fault, state, words in (
        (shut, "queued", "SMTPAuthenticationError"),
        (refuses, "failed", "SMTPRecipientsRefused 550"),
    ):
        Letter.objects.update(state="queued", next_try_at=now)
        with monkeypatch.context() as broken:
            broken.setattr(delivery.EmailMultiAlternatives, "send", fault)
            assert delivery.send_due(now) == 0
        letter.refresh_from_db()
        assert (letter.state, letter.fault) == (state, words)
    assert letter.recipient.is_active and letter.recipient.email, "the account is as it was"
    assert delivery.send_again(letter, at=now) and not delivery.send_again(letter, at=now)
    assert delivery.send_due(now) == 1


@pytest.mark.django_db
def test_a_letter_that_came_back_is_noted_on_the_letter_alone(letter, now):
    delivery.send_due(now)
    assert delivery.note_bounce(f"<{letter.message_id}@localhost>", at=now) and not delivery.note_bounce(
        "<nonsense>", at=now
    )
    letter.refresh_from_db()
    assert (letter.state, letter.fault) == ("failed", "bounced")
    assert not delivery.note_bounce(f"<{letter.message_id}@localhost>", at=now), "noted once"


@pytest.mark.django_db
@pytest.mark.parametrize("whole", [True, False], ids=["the letter inside", "its head inside"])
def test_a_report_piped_by_the_mail_server_finds_its_letter(letter, now, monkeypatch, whole):
    delivery.send_due(now)
    inner = mail.outbox[0].message().as_bytes()
    kind, content = (
        ("message/rfc822", inner) if whole else ("text/rfc822-headers", inner.split(b"\n\n")[0] + b"\n")
    )
    report = (
        b"From: MAILER-DAEMON@example.org\nMessage-ID: <own@example.org>\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        b"--x\nContent-Type: text/plain\n\nUser unknown\n--x\nContent-Type: "
        + kind.encode()
        + b"\n\n"
        + content
        + b"\n--x--\n"
    )
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(report)))
    call_command("take_bounce")
    letter.refresh_from_db()
    assert (letter.state, letter.fault) == ("failed", "bounced")


@pytest.mark.django_db
def test_what_is_withheld_while_it_is_being_sent_stays_withheld(letter, now):
    claimed = delivery.claim(now)
    assert claimed == letter and delivery.claim(now) is None, "ours alone"
    outbox.withhold(recipient=letter.recipient, children=[letter.child])
    delivery._send(claimed, delivery.get_connection(), now)
    letter.refresh_from_db()
    assert letter.state == "withheld"


@pytest.mark.django_db
def test_a_claim_of_a_dead_worker_runs_out(letter, now):
    assert delivery.claim(now) == letter
    assert delivery.send_due(now + delivery.CLAIMED_FOR - timedelta(seconds=1)) == 0
    assert delivery.send_due(now + delivery.CLAIMED_FOR) == 1


# ---- at the office


@pytest.mark.django_db
def test_the_office_sees_states_content_and_no_link_that_answers(
    logged_in, manager, academy_settings, parent, now
):
    client = logged_in(manager)
    assert "Aucun message" in client.get(reverse("office_letters")).content.decode()
    row = Letter.objects.create(
        recipient=parent,
        kind="offer",
        language="fr",
        subject="Une place",
        body="Oui ou non\u00a0:\nhttp://x/fr/offers/secret-token/\n",
        channel="email",
        state="failed",
        fault="bounced",
        written_at=now,
        next_try_at=now,
    )
    assert "Une place" in client.get(reverse("office_letters")).content.decode()
    assert client.get(reverse("office_letters"), {"state": "dreaming"}).status_code == 404
    page = client.get(reverse("office_letter", args=[row.pk])).content.decode()
    assert "Oui ou non" in page and "secret-token" not in page and "bounced" in page
    client.post(reverse("office_letter_again", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "queued"


@pytest.mark.django_db
def test_every_kind_is_read_in_three_languages_before_anybody_gets_one(logged_in, manager, academy_settings):
    client = logged_in(manager)
    page = client.get(reverse("office_letter_kinds")).content.decode()
    assert page.count("/office/letters/kinds/") >= 3 * len(samples.KINDS)
    shown = client.get(reverse("office_letter_kind", args=["offer", "ar"]))
    assert 'dir="rtl"' in shown.content.decode() and "unsafe-inline" in shown["Content-Security-Policy"]
    assert client.get(reverse("office_letter_kind", args=["offer", "xx"])).status_code == 404
    assert client.get(reverse("office_letter_kind", args=["love", "fr"])).status_code == 404
