"""Outgoing messages to guardians. Sole writer of Letter.

A message is written in the transaction of the event it reports, and sent afterwards
(enrollments.letters.delivery). Its text is in templates/letters/<kind>.txt: the first line is the subject,
the rest the body. Messages never contain medical terms.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, Min, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation

from courses.models import Meeting, Session
from courses.standing import unconfirmed
from courses.timetable.joining_price import joining_price
from enrollments.models import Child, GuardianInvitation, Guardianship, Letter, Message, StaffInvitation
from home.account import User
from home.database.compiled import Compiled, insert
from home.language.dates import one_line, whatsapp_to

PLACE_GIVEN = {"accepted", "moved", "session_confirmed"}  # and `enrolled`, of each of its groups
BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def write(
    kind: str,
    *,
    to: User,
    at: datetime,
    child: Child | None = None,
    team_message: Message | None = None,
    hold: timedelta = timedelta(),
    **words: Any,
) -> Letter:
    """Write a message of that kind in the recipient's language; without an email address, the front desk
    passes it on.

    `words` is the template's context; the child and the recipient are added. Call it inside the transaction
    of the event. It is sent after `hold` at the earliest; `team_message` is the staff message it carries, if
    any.
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
            channel=_channel(kind, to),
            written_at=at,
            next_try_at=at + hold,
            team_message=team_message,
            meeting=words.get("meeting"),
            # A child that only waits has nothing to pay, and no classes to attach.
            reference="" if words.get("waiting") else words.get("reference", ""),
            about=Letter.about_words([child, *_children_in(words)]),
            prints=Letter.about_words(words.get("prints", ())),
        )
    )


def _children_in(words: dict[str, Any]) -> Iterable[Child]:
    """Return the children that the words of a message are about, besides the one it names as its own."""
    yield from words.get("children", ())
    for name in ("lines", "classes", "done", "rows"):
        yield from (line.child for line in words.get(name, ()) if hasattr(line, "child"))
    for group in words.get("groups", ()):
        yield from (row.child for row in group["rows"])


FOR_UNPROVED = {"account_opened", "team_invitation"}  # they name no child
UNPROVED = Compiled(lambda user: EmailAddress.objects.filter(user=user, verified=False))


def _channel(kind: str, to: User) -> Letter.Channel:
    """Return how the recipient hears of it. An address typed at the desk and not yet proved gets nothing
    about a child: a slip of the finger would tell a stranger where it goes, and when.
    """
    if not to.email:
        return Letter.Channel.DESK
    if kind in FOR_UNPROVED or to.last_login is not None:  # a sign-in proves the address
        return Letter.Channel.EMAIL
    unproved = {row.email.casefold() for row in UNPROVED(user=to.pk)}
    return Letter.Channel.DESK if to.email.casefold() in unproved else Letter.Channel.EMAIL


def write_to(kind: str, *, address: str, language: str, at: datetime, **words: Any) -> Letter:
    """Write a message to an address that may have no account;
    it reveals nothing to a stranger (domain §7).
    """
    with translation.override(language):
        subject, body = _worded(kind, at=at, reader=SimpleNamespace(language=language), **words)
    return _posted(kind, address=address, language=language, subject=subject, body=body, at=at)


def write_account(
    *, address: str, user: User | None, subject: str, body: str, language: str, at: datetime
) -> Letter:
    """Write an account message (code, notice) to an address that may differ from the account's.

    Sent before all others.
    """
    first = at - timedelta(days=1)
    words = {"subject": subject, "body": body, "language": language}
    return _posted(Letter.ACCOUNT, address=address, at=at, recipient=user, next_try_at=first, **words)


def take_words(
    sender: object,
    *,
    to: str,
    email: str,
    subject: str,
    message: str,
    language: str,
    at: datetime,
    **_more: Any,
) -> None:
    """Send a visitor's message to the academy's mailbox (home.signals); replies go to the visitor."""
    _posted(
        Letter.CONTACT, address=to, reply_to=email, subject=subject, body=message, language=language, at=at
    )


def tell_inviter(letter: Letter, *, at: datetime) -> None:
    """Tell the person whose invitation could not be delivered; other kinds of message have no inviter."""
    if letter.kind == "invitation":
        rows = GuardianInvitation.objects.filter(email=letter.address, created_at=letter.written_at)
        if invitation := rows.filter(used_at=None, revoked_at=None).select_related("invited_by").first():
            inviter, child = invitation.invited_by, invitation.children.order_by("pk").first()
            write("invitation_returned", to=inviter, at=at, child=child, address=letter.address)
    elif letter.kind == "team_invitation":
        sent = StaffInvitation.objects.filter(user=letter.recipient_id, invited_at=letter.written_at)
        inviters = get_user_model().objects.filter(pk__in=sent.values("invited_by_ref"), is_active=True)
        if letter.recipient and (manager := inviters.first()):
            write("invitation_returned", to=manager, at=at, address=letter.recipient.email)


def tell_author(
    sender: object, *, plan: Any, to: User | None, fault: str, at: datetime, **_more: Any
) -> None:
    """Tell the author of a planned page that it could not be published or ended (home.signals)."""
    if to is not None and to.email:
        write("plan_failed", to=to, at=at, plan=plan, fault=fault)


def _posted(kind: str, *, subject: str, body: str, at: datetime, **facts: Any) -> Letter:
    """Write an email to an address stored in the message itself."""
    return Letter.objects.create(
        kind=kind,
        channel=Letter.Channel.EMAIL,
        subject=one_line(subject, 200),
        body=body.replace("\0", ""),
        written_at=at,
        **({"next_try_at": at} | facts),
    )


def tell_full_guardians(
    kind: str, *, child: Child, at: datetime, but: User | None = None, **words: Any
) -> list[Letter]:
    """Write the same message to every guardian with full rights, each in their language;
    `but` excludes one.
    """
    ties = Guardianship.objects.full().filter(child=child).select_related("guardian").order_by("pk")
    return [write(kind, to=tie.guardian, at=at, child=child, **words) for tie in ties if tie.guardian != but]


def waiting() -> tuple[int, datetime | None]:
    """Return how many emails are not sent yet, retried ones too, and when the oldest was written."""
    rows = Letter.objects.filter(state=Letter.State.QUEUED, channel=Letter.Channel.EMAIL)
    found = rows.aggregate(count=Count("pk"), oldest=Min("written_at"))
    return found["count"], found["oldest"]


def withhold(*, recipient: User, children: Iterable[Child]) -> int:
    """Withhold messages about these children that are queued or failed, for somebody who is no longer their
    guardian; return how many.
    """
    waiting = (Letter.State.QUEUED, Letter.State.FAILED)
    rows = Letter.objects.filter(Letter.is_about(list(children)), recipient=recipient, state__in=waiting)
    return rows.update(state=Letter.State.WITHHELD)


def withhold_unsent(letters: Iterable[int]) -> None:
    """Withhold those of these messages (primary keys) that have not left: what they report was undone."""
    Letter.objects.filter(pk__in=list(letters), state=Letter.State.QUEUED).update(state=Letter.State.WITHHELD)


def hold_back_all(*, fault: str) -> int:
    """Take every email that waits out of the queue: after a restore, nobody knows which have been sent.

    The desk sees them as not sent, for this `fault`, and sends again what is still of use. Sign-in codes are
    withheld: they have expired. Return how many.
    """
    waiting = Letter.objects.filter(state=Letter.State.QUEUED, channel=Letter.Channel.EMAIL)
    codes = waiting.filter(kind=Letter.ACCOUNT).update(state=Letter.State.WITHHELD)
    return codes + waiting.update(state=Letter.State.FAILED, fault=fault)


def take_out(pattern: re.Pattern[str], letters: Iterable[Letter]) -> int:
    """Replace what matches in the stored text of these messages by "…"; return how many had it. What was sent
    stays as it was.
    """
    count = 0
    for letter in letters:
        body = pattern.sub("…", letter.body)
        if body != letter.body:
            count += Letter.objects.filter(pk=letter.pk).update(body=body)
    return count


def call_back(kind: str, *, child: Child, meeting: Meeting) -> list[Letter]:
    """Withhold unsent messages of that kind about the child's class; return those already sent."""
    told = Letter.objects.filter(kind=kind, child=child, meeting=meeting)
    told.filter(state=Letter.State.QUEUED).update(state=Letter.State.WITHHELD)
    return list(told.filter(state=Letter.State.SENT).select_related("recipient").order_by("pk"))


RECENT = timedelta(days=14)  # older news is of no use to anybody
NEWS = ("message", "classes_changed", "session_cancelled", "absent", "catch_up", "incident", "pickup_alert")


def unreached(at: datetime) -> QuerySet[Letter]:
    """Return undelivered news about classes of the last two weeks: no address, or bounced. Newest first."""
    news = Letter.objects.filter(kind__in=NEWS, written_at__gt=at - RECENT, told_by_ref=None)
    lost = Q(state=Letter.State.FAILED) | Q(state=Letter.State.QUEUED, channel=Letter.Channel.DESK)
    return (
        news.filter(lost, recipient__isnull=False)
        .select_related("recipient", "child")
        .order_by("-written_at", "-pk")
    )


def failed(at: datetime) -> QuerySet[Letter]:
    """Return messages of the last two weeks that could not be sent and that nobody passed on, newest first.

    Account messages are left out: their codes have expired, and only their reader may have them.
    """
    lost = Letter.objects.filter(state=Letter.State.FAILED, written_at__gt=at - RECENT, told_by_ref=None)
    return lost.exclude(kind=Letter.ACCOUNT).select_related("recipient").order_by("-written_at", "-pk")


def mark_seen(reader: User, kind: str, children: Iterable[int], *, at: datetime) -> None:
    """Record that the signed-in recipient has seen this kind of news about these children on screen."""
    Letter.objects.filter(recipient=reader, kind=kind, child__in=list(children), seen_at=None).update(
        seen_at=at
    )


def seen_by_anyone(kind: str, children: Iterable[int], *, since: datetime) -> set[int]:
    """Return which of these children have a guardian who saw this news, or was told at the front desk."""
    rows = Letter.objects.filter(kind=kind, child__in=list(children), written_at__gte=since)
    return set(
        rows.filter(Q(seen_at__isnull=False) | Q(told_by_ref__isnull=False)).values_list(
            "child_id", flat=True
        )
    )


def preview(kind: str, *, language: str, at: datetime, **words: Any) -> tuple[str, str]:
    """Return subject and text of a message in that language, without writing anything."""
    with translation.override(language):
        reader = SimpleNamespace(language=language)  # its links lead to the pages of that language
        return _worded(kind, at=at, **words | {"reader": reader})


def previews(kind: str, *, at: datetime, **words: Any) -> list[tuple[str, str, str, str]]:
    """Return the preview in every language: (language name, code, subject, text)."""
    return [(name, code, *preview(kind, language=code, at=at, **words)) for code, name in settings.LANGUAGES]


def _worded(kind: str, *, at: datetime, session: Session | None = None, **words: Any) -> tuple[str, str]:
    """Render a message. `ahead` is the session's next class; `is_running` says that it is not its first. Each
    of several `groups` names a session of its own.
    """
    ahead = _next_class(session, at) if session else None
    for group in words.get("groups", ()):
        group["ahead"] = _next_class(group["session"], at)
        group["is_running"] = bool(group["ahead"] and group["ahead"] != group["session"].first_at)
        group |= _run_of(group["session"], at)
    if session and kind in PLACE_GIVEN:
        words |= _run_of(session, at)
    text = render_to_string(
        f"letters/{kind}.txt",
        {
            "site": settings.SITE_URL,
            "session": session,
            "ahead": ahead,
            "is_running": bool(ahead and session and ahead != session.first_at),
            **words,
        },
    )
    subject, _newline, body = text.replace("\0", "").strip().partition("\n")  # PostgreSQL cannot store NUL
    # A part of the template that says nothing this time leaves no gap.
    return one_line(subject, 200), BLANK_LINES.sub("\n\n", body.strip()) + "\n"


def _run_of(session: Session, at: datetime) -> dict[str, Any]:
    """Return what a letter that gives a place says of the classes: how many are left, and whether the session
    must still be confirmed. A query only once the session has begun.
    """
    joining = joining_price(session, at)
    return {"classes_left": joining.classes - joining.missed, "unconfirmed": unconfirmed(session, at)}


def _next_class(session: Session, at: datetime) -> datetime | None:
    """Return when the next class starts; a query only once the session has begun."""
    if session.first_at is None or session.first_at > at or not session.pk:
        return session.first_at
    coming = Meeting.objects.filter(session=session, cancelled_at=None, starts_at__gt=at)
    return coming.order_by("starts_at").values_list("starts_at", flat=True).first()


def delivery(rows: Iterable[Letter], words: Callable[[Letter], str]) -> list[Letter]:
    """Return the messages, undelivered first, each of those with `whatsapp`:
    a link with the text prepared.
    """
    rows = list(rows)
    for row in rows:
        phone = row.recipient.phone if row.recipient else None
        row.whatsapp = whatsapp_to(phone, words(row)) if row.is_unreached else ""  # type: ignore[attr-defined]  # for the page
    return sorted(rows, key=lambda row: not row.is_unreached)


def mark_told(letter: Letter, *, by: User, at: datetime) -> bool:
    """Record that an undelivered message was passed on; False if somebody already did."""
    waits = Q(channel=Letter.Channel.DESK, state=Letter.State.QUEUED) | Q(
        state=Letter.State.FAILED, told_by_ref=None
    )
    return bool(
        Letter.objects.filter(waits, pk=letter.pk).update(
            state=Letter.State.SENT, sent_at=at, told_by_ref=by.pk
        )
    )
