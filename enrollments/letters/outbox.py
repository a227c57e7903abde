"""The academy's voice to guardians. The only writer of Letter.

A letter is written in the transaction of what it tells, and sent afterwards (enrollments.letters.delivery).
Its words stand in templates/letters/<kind>.txt: the first line is the subject, the rest the text; no letter
ever carries a medical word.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser as User
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from courses.models import Meeting, Session
from enrollments.models import Child, Guardianship, Letter, Message
from home.database.compiled import insert
from home.language.dates import one_line, whatsapp_to


def write(
    kind: str,
    *,
    to: User,
    at: datetime,
    child: Child | None = None,
    team_message: Message | None = None,
    hold: timedelta = timedelta(),
    **words,
) -> Letter:
    """A letter of that kind in the reader's own language; told at the desk when the reader has no e-mail
    address.

    `words` is what the template names; the child and the reader are there already. Call it inside the
    transaction of what it tells. It is sent `hold` later at the earliest; `team_message` is what somebody of
    the team wrote, when that is what it carries.
    """
    with translation.override(to.language):
        subject, body = _worded(kind, at=at, reader=to, child=child, **words)
    return insert(
        Letter(
            recipient=to,
            child=child,
            kind=kind,
            language=to.language,
            subject=subject,
            body=body,
            channel=Letter.Channel.EMAIL if to.email else Letter.Channel.DESK,
            written_at=at,
            next_try_at=at + hold,
            team_message=team_message,
            meeting=words.get("meeting"),
        )
    )


def write_to(kind: str, *, address: str, language: str, at: datetime, **words) -> Letter:
    """A letter to an address that need not be anybody's account: it tells a stranger nothing (domain §7)."""
    with translation.override(language):
        subject, body = _worded(kind, at=at, reader=SimpleNamespace(language=language), **words)
    return _posted(kind, address=address, language=language, subject=subject, body=body, at=at)


def write_account(
    *, address: str, user: User | None, subject: str, body: str, language: str, at: datetime
) -> Letter:
    """A letter of the login (a code, a notice) to an address that need not be the account's; it goes before
    all that waits.
    """
    first = at - timedelta(days=1)
    words = {"subject": subject, "body": body, "language": language}
    return _posted(Letter.ACCOUNT, address=address, at=at, recipient=user, next_try_at=first, **words)


def take_words(
    sender, *, to: str, email: str, subject: str, message: str, language: str, at: datetime, **_more
) -> None:
    """A visitor's words to the academy's own mailbox (home.signals); an answer goes to who wrote them."""
    _posted(
        Letter.CONTACT, address=to, reply_to=email, subject=subject, body=message, language=language, at=at
    )


def _posted(kind: str, *, subject: str, body: str, at: datetime, **facts) -> Letter:
    """By e-mail, to an address that stands in the letter itself."""
    return Letter.objects.create(
        kind=kind,
        channel=Letter.Channel.EMAIL,
        subject=one_line(subject, 200),
        body=body.replace("\0", ""),
        written_at=at,
        **({"next_try_at": at} | facts),
    )


def tell_full_guardians(
    kind: str, *, child: Child, at: datetime, but: User | None = None, **words
) -> list[Letter]:
    """The same letter to every guardian with full rights, each in their language; `but` leaves one out."""
    ties = Guardianship.objects.full().filter(child=child).select_related("guardian").order_by("pk")
    return [write(kind, to=tie.guardian, at=at, child=child, **words) for tie in ties if tie.guardian != but]


def withhold(*, recipient: User, children: Iterable[Child]) -> int:
    """Keep back what is queued about these children for somebody who is no longer their guardian; how many
    there were.
    """
    return Letter.objects.filter(recipient=recipient, child__in=children, state=Letter.State.QUEUED).update(
        state=Letter.State.WITHHELD
    )


def call_back(kind: str, *, child: Child, meeting: Meeting) -> list[Letter]:
    """Withhold the letters of that kind about the child's class that have not left; those that have."""
    told = Letter.objects.filter(kind=kind, child=child, meeting=meeting)
    told.filter(state=Letter.State.QUEUED).update(state=Letter.State.WITHHELD)
    return list(told.filter(state=Letter.State.SENT).select_related("recipient").order_by("pk"))


NEWS = ("message", "classes_changed", "session_cancelled", "absent", "catch_up", "incident", "pickup_alert")


def unreached(at: datetime):
    """News of the last two weeks about a class that did not reach its reader: no address, or the post brought
    it back.

    Newest first.
    """
    news = Letter.objects.filter(kind__in=NEWS, written_at__gt=at - timedelta(days=14), told_by_ref=None)
    lost = Q(state=Letter.State.FAILED) | Q(state=Letter.State.QUEUED, channel=Letter.Channel.DESK)
    return (
        news.filter(lost, recipient__isnull=False)
        .select_related("recipient", "child")
        .order_by("-written_at", "-pk")
    )


def mark_seen(reader: User, kind: str, children: Iterable[int], *, at: datetime) -> None:
    """The reader, signed in, has on the screen what letters of that kind about these children tell."""
    Letter.objects.filter(recipient=reader, kind=kind, child__in=list(children), seen_at=None).update(
        seen_at=at
    )


def seen_by_anyone(kind: str, children: Iterable[int], *, since: datetime) -> set[int]:
    """Those of these children of whom a guardian has seen such a letter's news,
    or was told it at the desk.
    """
    rows = Letter.objects.filter(kind=kind, child__in=list(children), written_at__gte=since)
    return set(
        rows.filter(Q(seen_at__isnull=False) | Q(told_by_ref__isnull=False)).values_list(
            "child_id", flat=True
        )
    )


def preview(kind: str, *, language: str, at: datetime, **words) -> tuple[str, str]:
    """Subject and text of a letter as a reader of that language would get it; nothing is written."""
    with translation.override(language):
        return _worded(kind, at=at, **words)


def previews(kind: str, *, at: datetime, **words) -> list[tuple[str, str, str, str]]:
    """The same in every language: (name of the language, its code, subject, text)."""
    return [(name, code, *preview(kind, language=code, at=at, **words)) for code, name in settings.LANGUAGES]


def _worded(kind: str, *, at: datetime, session: Session | None = None, **words) -> tuple[str, str]:
    """`ahead` is the session's first class, for as long as it is still to come."""
    ahead = session.first_at if session and session.first_at and session.first_at > at else None
    text = render_to_string(
        f"letters/{kind}.txt", {"site": settings.SITE_URL, "session": session, "ahead": ahead, **words}
    )
    subject, _newline, body = text.replace("\0", "").strip().partition("\n")  # PostgreSQL keeps no NUL
    return one_line(subject, 200), body.strip() + "\n"


def delivery(rows: Iterable[Letter], words: Callable[[Letter], str]) -> list[Letter]:
    """The letters, those not reached first, each of these with `whatsapp`: a conversation with those words
    prepared.
    """
    rows = list(rows)
    for row in rows:
        row.whatsapp = whatsapp_to(row.recipient.phone, words(row)) if row.is_unreached else ""
    return sorted(rows, key=lambda row: not row.is_unreached)


def mark_told(letter: Letter, *, by: User, at: datetime) -> bool:
    """What did not reach its reader by letter was said to them; False when somebody already did."""
    waits = Q(channel=Letter.Channel.DESK, state=Letter.State.QUEUED) | Q(
        state=Letter.State.FAILED, told_by_ref=None
    )
    return bool(
        Letter.objects.filter(waits, pk=letter.pk).update(
            state=Letter.State.SENT, sent_at=at, told_by_ref=by.pk
        )
    )
