"""Message delivery: claim, render, send, retry and give up.

A message is claimed by one conditional update, committed before sending, so that no lock is held while a mail
server responds and any number of workers can send. If a worker dies between sending and recording it, the
message is sent again after the claim expires, with the same Message-ID (RFC 5322, 3.6.4), so that mail
clients recognise it.
"""

import logging
import re
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from enrollments.letters import outbox, preferences
from enrollments.models import Letter
from home.account import User
from home.language.table import language
from home.models import AcademySettings

FIRST_PAUSE, MOST_TRIES = timedelta(minutes=2), 12  # 2, 4, 8 … minutes: nearly three days in all
CLAIMED_FOR = timedelta(minutes=10)
LONGEST = 60  # seconds per run; EMAIL_TIMEOUT limits each email
OVERDUE = timedelta(minutes=15)  # longer than a claim, and than a turn of every job
SIGN_OF_TROUBLE = 3  # tries in vain: a quarter of an hour
GONE = range(500, 600)  # permanent refusals by the mail server (RFC 5321, 4.2.1)
ADDRESS = re.compile(r"https?://[^\s<>\"«»]+")
FACT = re.compile(r"(?P<label>[^\W\d][^:\d]{1,30}?)[\u00a0 ]?: (?P<value>(?!//).+)")
FEWEST_FACTS = 3  # fewer lines of that form are sentences
AFTER_A_LINK = ".,;:!?…،؛؟'’\u2066\u2067\u2068\u2069\u200e\u200f"
# What comes with an email: functions that return (file name, bytes, media type) for a message. Packages above
# this one add theirs (enrollments.apps).
ATTACHED: list[Callable[[Letter], list[tuple[str, bytes, str]]]] = []
logger = logging.getLogger(__name__)
SECRET = re.compile(r"/(?:offers|team|card|letters|invitations|pass|survey)/[^/\s]+/")


@dataclass(frozen=True)
class Piece:
    """Words within a line; with an address, a link."""

    words: str
    address: str = ""


@dataclass(frozen=True)
class Part:
    """A paragraph of an email, its lines in pieces; with an address, a button labelled `words`; with `facts`,
    lines of the form "label: value".
    """

    words: str
    address: str = ""
    lines: tuple[tuple[Piece, ...], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def pieces_of(line: str) -> tuple[Piece, ...]:
    """Return a line with its links apart; punctuation after a link belongs to the sentence, and so does a
    bracket that opens before it.
    """
    found, end = [], 0
    for match in ADDRESS.finditer(line):
        address = match.group().rstrip(AFTER_A_LINK)
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(AFTER_A_LINK)
        found += [Piece(line[end : match.start()]), Piece(address, address)]
        end = match.start() + len(address)
    return tuple(piece for piece in (*found, Piece(line[end:])) if piece.words)


def parts_of(body: str) -> list[Part]:
    """Return the text as paragraphs. The first line that is one link becomes the button, labelled with the
    line before it; other links stay in their paragraph.
    """
    found: list[Part] = []
    has_button = False
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        lines: list[str] = []
        for line in filter(None, map(str.strip, paragraph.splitlines())):
            pieces = pieces_of(line)
            if has_button or len(pieces) > 1 or not pieces[0].address:
                lines.append(line)
                continue
            has_button = True
            label = lines.pop() if lines and not ADDRESS.search(lines[-1]) else ""
            if lines:
                found.append(_paragraph(lines))
                lines = []
            found.append(Part(label.rstrip(" :\u00a0") or pieces[0].words, pieces[0].address))
        if lines:
            found.append(_paragraph(lines))
    return found


def _paragraph(lines: list[str]) -> Part:
    matches = [FACT.fullmatch(line) for line in lines]
    facts = tuple((match["label"], match["value"]) for match in matches if match)
    is_facts = len(facts) == len(lines) >= FEWEST_FACTS
    return Part("\n".join(lines), lines=tuple(map(pieces_of, lines)), facts=facts if is_facts else ())


def composed(letter: Letter) -> tuple[str, str]:
    """Return (plain text, HTML) of an email as sent, with the academy's phone and WhatsApp below."""
    with translation.override(letter.language):
        academy = AcademySettings.ours()
        words = {
            "letter": letter,
            "academy": academy,
            "whatsapp_url": academy.whatsapp_about(str(letter)),
            "dir": language(letter.language).direction,
        }
        foot = render_to_string("letters/_foot.txt", words).strip()
        page = render_to_string("letters/letter.html", words | {"parts": parts_of(letter.body)})
    return f"{letter.body.rstrip()}\n\n{foot}\n", page


def masked_body(letter: Letter) -> str:
    """Return the text for staff, without links that would act in the reader's name."""
    return (
        gettext("A sign-in email: only its recipient can read it.")
        if letter.is_sealed
        else SECRET.sub("/…/", letter.body)
    )


def claim(at: datetime) -> Letter | None:
    """Claim the next due message; None if there is none."""
    due = Letter.objects.filter(state=Letter.State.QUEUED, channel=Letter.Channel.EMAIL, next_try_at__lte=at)
    while letter := due.select_related("recipient").order_by("next_try_at", "pk").first():
        if due.filter(pk=letter.pk).update(next_try_at=at + CLAIMED_FOR):
            return letter
    return None


def send_due(at: datetime, most: int = 500) -> int:
    """Send due messages for at most a minute; return how many. Safe for several workers."""
    sent, began = 0, time.monotonic()
    post = get_connection()
    for turn in range(most):
        if time.monotonic() - began > LONGEST or (letter := claim(at)) is None:
            break
        if turn == 0:
            with suppress(OSError):  # one connection for all; each email opens its own if that fails
                post.open()
        sent += _send(letter, post, at)
    with suppress(OSError):
        post.close()
    return sent


def stuck(at: datetime) -> str:
    """Return what keeps emails back: "overdue" when nobody sends what is due, "refused" when the mail server
    takes nothing; else "".

    An address that a mail server refuses for the time being is not such a sign, nor is a fault that ended:
    an email written later was sent.
    """
    waits = Letter.objects.filter(state=Letter.State.QUEUED, channel=Letter.Channel.EMAIL)
    since = at - OVERDUE
    if waits.filter(next_try_at__lte=since, written_at__lte=since).exists():  # what goes first is dated back
        return "overdue"
    first = (
        waits.filter(tries__gte=SIGN_OF_TROUBLE)
        .exclude(fault__startswith=smtplib.SMTPRecipientsRefused.__name__)
        .order_by("written_at")
        .first()
    )
    if first and not Letter.objects.filter(state=Letter.State.SENT, written_at__gt=first.written_at).exists():
        return "refused"
    return ""


def message_of(letter: Letter, post: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """Return the message with both parts and its own number.

    Optional kinds support one-click unsubscribe (RFC 8058).
    """
    text, page = (letter.body, "") if letter.kind == Letter.CONTACT else composed(letter)
    host = settings.SITE_HOST.hostname or "localhost"
    headers = {
        "Message-ID": f"<{letter.message_id}@{host}>",
        "Content-Language": letter.language,
        "Auto-Submitted": "auto-generated",
    }
    if letter.recipient and letter.kind in preferences.OPTIONAL:
        token = preferences.token_for(letter.recipient, letter.kind)
        link = f"{settings.SITE_URL}/{letter.language}/letters/{token}/end/"
        headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    address = letter.address or cast(User, letter.recipient).email or ""
    message = EmailMultiAlternatives(letter.subject, text, to=[address], headers=headers, connection=post)
    if page:
        message.attach_alternative(page, "text/html")
    for attached in ATTACHED:
        for name, content, kind in attached(letter):
            message.attach(name, content, kind)
    if letter.reply_to:
        message.reply_to = [letter.reply_to]
    return message


def _send(letter: Letter, post: BaseEmailBackend, at: datetime) -> bool:
    """Try once. A failure is retried later; an address the server refuses, or a message that cannot be
    composed, is given up immediately, so that it never holds up those behind it.
    """
    letter.tries += 1
    try:
        message_of(letter, post).send()
    except Exception as fault:
        if isinstance(fault, OSError | DatabaseError):
            _note_fault(letter, fault, post, at)
        else:
            logger.exception("Message %s (%s) cannot be composed", letter.pk, letter.kind)
            letter.state, letter.fault = Letter.State.FAILED, f"composing: {type(fault).__name__}"
    else:
        letter.state, letter.sent_at, letter.fault = Letter.State.SENT, at, ""
    with transaction.atomic():
        # It may have been withheld in the meantime: keep that.
        kept = Letter.objects.filter(pk=letter.pk, state=Letter.State.QUEUED).update(
            state=letter.state,
            tries=letter.tries,
            next_try_at=letter.next_try_at,
            sent_at=letter.sent_at,
            fault=letter.fault,
        )
        if kept and letter.state == Letter.State.FAILED:
            outbox.tell_inviter(letter, at=at)
    return letter.state == Letter.State.SENT


def _note_fault(letter: Letter, fault: Exception, post: BaseEmailBackend, at: datetime) -> None:
    """Note why the mail server did not take it (SMTPException is an OSError), and when to try again."""
    with suppress(OSError):
        post.close()  # whatever the connection's state: the next email opens a new one
    code = _code(fault)
    letter.fault = f"{type(fault).__name__} {code}" if code else type(fault).__name__
    letter.next_try_at = at + FIRST_PAUSE * 2 ** (letter.tries - 1)
    if code in GONE or letter.tries >= MOST_TRIES:
        letter.state = Letter.State.FAILED


def _code(fault: Exception) -> int | None:
    """Return the SMTP code for this recipient; None for other errors (authentication, connection), which are
    retried.
    """
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return min((code for code, _words in fault.recipients.values()), default=None)
    return None


def send_again(letter: Letter, *, at: datetime) -> bool:
    """Retry a failed message with the account's current address; False if it had not failed."""
    return bool(
        Letter.objects.filter(pk=letter.pk, state=Letter.State.FAILED).update(
            state=Letter.State.QUEUED, tries=0, next_try_at=at, fault=""
        )
    )


@transaction.atomic
def note_bounce(message_id: str, *, at: datetime) -> bool:
    """Record a bounce (RFC 3464) on the message and tell the inviter if it was an invitation; the account
    stays unchanged. False if we never sent it.
    """
    number = message_id.strip().strip("<>").partition("@")[0]
    with suppress(ValueError):
        letter = Letter.objects.filter(message_id=UUID(number)).select_related("recipient").first()
        sent = Letter.objects.filter(message_id=UUID(number), state=Letter.State.SENT)
        if letter and sent.update(state=Letter.State.FAILED, fault="bounced"):
            outbox.tell_inviter(letter, at=at)
            return True
    return False
