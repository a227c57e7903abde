"""Three questions to each family when a course ends. Sole writer of SurveyLink and SurveyAnswer.

Nobody can tell who answered what: an answer is written without a person or a moment, with the month of the
course's end at most, and is shown in batches of five only; its link forgets whom it asked. What remains of a
session when its links have ended waits, without its session, for five of its course.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from courses.models import Course, Session
from enrollments.letters import outbox
from enrollments.models import (
    Child,
    Enrollment,
    Guardianship,
    Letter,
    Presence,
    SurveyAnswer,
    SurveyLink,
)
from home.account import User
from home.language.dates import one_line

KIND = "survey"  # of message
SALT = "enrollments.survey"
BATCH = 5
OPEN_FOR = timedelta(days=30)
ASKED_WITHIN = timedelta(days=7)  # of the last class; a site that stood still longer asks nobody
LINK_KEPT = timedelta(days=5)  # in our copy of a sent message: one that comes back by then is sent again
TOKEN = re.compile(r"(?<=/survey/)[^/\s]+(?=/)")


def token_for(link: SurveyLink) -> str:
    """Return the token of this link."""
    return signing.dumps(link.pk, salt=SALT)


def _key_in(token: str) -> int | None:
    try:
        return int(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def is_ours(token: str) -> bool:
    """Return whether we have signed this token; its link may be gone."""
    return _key_in(token) is not None


def find(token: str) -> SurveyLink | None:
    """Return the link of a token; None for anything forged, a link that is gone, or whose account is."""
    key = _key_in(token)
    if key is None:
        return None
    rows = SurveyLink.objects.select_related("session__course")
    return rows.filter(Q(is_used=True) | Q(guardian__is_active=True), pk=key).first()


def _open(at: datetime) -> QuerySet[SurveyLink]:
    """Return the links that take an answer: not used, in time, and of somebody who still has full rights for
    a child of that session.
    """
    ties = Guardianship.objects.full().filter(
        guardian=OuterRef("guardian"), child__enrollments__session=OuterRef("session")
    )
    return SurveyLink.objects.filter(Exists(ties), is_used=False, expires_at__gt=at, guardian__is_active=True)


def is_open(link: SurveyLink, at: datetime) -> bool:
    """Return whether this link still takes an answer."""
    return _open(at).filter(pk=link.pk).exists()


def asked_hash(guardian: User, session: Session) -> str:
    """Return what a link keeps of whom it asked: without the site's key it leads to nobody."""
    return salted_hmac(SALT, f"{session.pk}:{guardian.pk}", algorithm="sha256").hexdigest()


def ask_due(at: datetime) -> int:
    """Ask the families of the sessions that have just ended, each guardian once; return how many messages.

    Each session has its own transaction.
    """
    ended = Session.objects.published().filter(
        cancelled_at=None, over_at__lte=at, over_at__gt=at - ASKED_WITHIN
    )
    return sum(_ask(session, at) for session in ended.with_facts().order_by("pk"))


@transaction.atomic
def _ask(session: Session, at: datetime) -> int:
    came = Presence.objects.filter(meeting__session=session, mark__in=Presence.CAME).values("child")
    seated = Enrollment.objects.filter(session=session, state=Enrollment.State.SEATED, child__in=came)
    ties = Guardianship.objects.full().filter(child__in=seated.values("child"))
    children: dict[User, list[Child]] = {}
    for tie in ties.select_related("guardian", "child").order_by("pk"):
        children.setdefault(tie.guardian, []).append(tie.child)
    count = 0
    for guardian, theirs in children.items():
        link, is_new = SurveyLink.objects.get_or_create(
            session=session,
            asked_hash=asked_hash(guardian, session),
            defaults={"guardian": guardian, "expires_at": at + OPEN_FOR},
        )
        if is_new:
            outbox.write(KIND, to=guardian, at=at, session=session, children=theirs, token=token_for(link))
            count += 1
    return count


@transaction.atomic
def answer(link: SurveyLink, *, liked: int, again: int, words: str, at: datetime) -> bool:
    """Keep an answer, and of the link only that it was used, each without the other. False if it takes none
    any more.
    """
    session = Session.objects.select_for_update().get(pk=link.session_id)
    asked = Letter.objects.filter(kind=KIND, recipient=link.guardian_id)
    taken = SurveyLink.objects.filter(pk__in=_open(at).filter(pk=link.pk).values("pk"), is_used=False).update(
        is_used=True, guardian=None
    )
    if not taken:
        return False
    outbox.take_out(TOKEN, (row for row in asked if _token_in(row) == link.pk))
    SurveyAnswer.objects.create(
        course_id=session.course_id,
        session=session,
        liked=liked,
        again=again,
        words=one_line(words, 300),
        ended_on=(session.last_on or timezone.localdate(at)).replace(day=1),
    )
    kept = SurveyAnswer.objects.filter(session=session, is_shown=False)
    if kept.count() >= BATCH:
        kept.update(is_shown=True)
    return True


@transaction.atomic
def pass_on(at: datetime) -> int:
    """Take what is left of sessions whose links have ended to their courses, and show five of a course
    together; return how many are shown.
    """
    waiting = SurveyLink.objects.filter(expires_at__gt=at).values("session")
    left = SurveyAnswer.objects.filter(is_shown=False, session__isnull=False).exclude(session__in=waiting)
    # An answer that is just coming in counts the others of its session.
    ended = Session.objects.select_for_update().filter(pk__in=left.values("session")).order_by("pk")
    left.filter(session__in=list(ended)).update(session=None)
    count = 0
    for course in Course.objects.select_for_update().order_by("pk"):
        kept = SurveyAnswer.objects.filter(course=course, session=None, is_shown=False)
        keys = list(kept.order_by("pk").values_list("pk", flat=True))
        full = len(keys) - len(keys) % BATCH
        if full:
            count += SurveyAnswer.objects.filter(pk__in=keys[:full]).update(is_shown=True)
    return count


def _token_in(letter: Letter) -> int | None:
    """Return the primary key of the link that a message holds; None if it was taken out."""
    found = TOKEN.search(letter.body)
    link = find(found.group()) if found else None
    return link.pk if link else None


def forget_tokens(at: datetime) -> int:
    """Take the links out of our copies of the messages: of those that left some days ago, and of all once
    the questions are closed. What did not leave by then is not sent. Return how many.

    Until here a link leads from a message to whether it was answered; everybody's goes, so that what is
    missing tells nothing either.
    """
    closed = Q(written_at__lte=at - OPEN_FOR)
    left = Q(state=Letter.State.SENT, sent_at__lte=at - LINK_KEPT)
    rows = list(Letter.objects.filter(closed | left, kind=KIND))
    outbox.withhold_unsent(row.pk for row in rows if row.written_at <= at - OPEN_FOR)
    return outbox.take_out(TOKEN, rows)


def run(at: datetime) -> int:
    """Ask those whose course has ended, pass on what is left, and forget links; return how many messages were
    written.
    """
    asked = ask_due(at)
    pass_on(at)
    forget_tokens(at)
    return asked


@dataclass(frozen=True)
class SurveyResult:
    """The shown answers of a session, or of a course without a session: counts by choice, and sentences."""

    session: Session | None
    count: int
    liked: list[tuple[str, int]]
    again: list[tuple[str, int]]
    words: list[str]


def results() -> list[tuple[Course, list[SurveyResult]]]:
    """Return what is shown, by course and session, the latest session first. Two queries."""
    rows = SurveyAnswer.objects.filter(is_shown=True).select_related("course", "session__course")
    by_course: dict[Course, dict[Session | None, list[SurveyAnswer]]] = {}
    for row in rows.select_related("session__room__venue").order_by("course", "-ended_on", "pk"):
        by_course.setdefault(row.course, {}).setdefault(row.session, []).append(row)
    return [
        (course, [_result(session, answers) for session, answers in groups.items()])
        for course, groups in by_course.items()
    ]


def _result(session: Session | None, answers: list[SurveyAnswer]) -> SurveyResult:
    return SurveyResult(
        session,
        len(answers),
        _counted(SurveyAnswer.Liked.choices, (row.liked for row in answers)),
        _counted(SurveyAnswer.Again.choices, (row.again for row in answers)),
        [row.words for row in answers if row.words],
    )


def _counted(choices: Iterable[tuple[int, object]], said: Iterable[int]) -> list[tuple[str, int]]:
    counts = Counter(said)
    return [(str(label), counts[value]) for value, label in choices]
