"""What closing enrollment by a date ends, in counts: the CMS shows no names (domain §6).

Each count carries a mark of the children it means: who agrees to it agrees to these, not to others.
"""

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Meeting, Session
from courses.signals import queue_asked
from courses.timetable import scheduling
from courses.timetable.scheduling import third_day
from home.confirmation import Caution, unread
from home.language.typed_dates import moment_words

REOPENED_WITHIN = 1  # hours: domain §5


def is_open(session: Session, at: datetime) -> bool:
    """Return whether the session, with its dates as they are now, can still be joined."""
    return session.joinable_until is not None and at < session.joinable_until


def ended_by_closing(session: Session, at: datetime) -> tuple[int, int, str]:
    """Return how many children would lose their ticket and how many their offer if the session had the dates
    that this object has, unsaved ones included, and a mark of whom; none while it stays open.
    """
    if session.pk is None or is_open(session, at):
        return 0, 0, ""
    answers: list[Any] = [answer for _receiver, answer in queue_asked.send(Session, session=session)]
    return (
        sum(answer.waiting for answer in answers),
        sum(answer.offered for answer in answers),
        "".join(answer.mark for answer in answers),
    )


def closing_words(session: Session, at: datetime) -> list[str]:
    """Return the warnings to show before a session is saved whose dates close it and end a queue."""
    waiting, offered, whom = ended_by_closing(session, at)
    if not waiting and not offered:
        return []
    until = session.joinable_until
    said = [
        _("Enrollment would be closed straight away: the last moment to join is %(when)s.")
        % {"when": moment_words(until)}
        if until
        else _("Enrollment would be closed straight away: no class is left to join.")
    ]
    if waiting:
        words = ngettext(
            "%(count)s child on the waiting list would lose its turn.",
            "%(count)s children on the waiting list would lose their turn.",
            waiting,
        )
        said.append(Caution(words % {"count": waiting}, whom))
    if offered:
        words = ngettext(
            "%(count)s child would lose the place offered.",
            "%(count)s children would lose the places offered.",
            offered,
        )
        said.append(Caution(words % {"count": offered}, whom))
    return said


def names_link(session: Session) -> str:
    """Return a link to the office's page that names these children."""
    address = reverse("office_roster", args=[session.pk])
    return format_html('<a href="{}">{}</a>', address, _("Their names, in the office"))


def closed_without(meetings: Iterable[Meeting], at: datetime) -> list[str]:
    """Return the warnings to show before these classes are cancelled: a session without a class left to join
    closes, and its queue ends.
    """
    by_session: dict[int, list[Meeting]] = {}
    for meeting in meetings:
        by_session.setdefault(meeting.session_id, []).append(meeting)
    said: list[str] = []
    for some in by_session.values():
        session = copy(some[0].session)
        held = Meeting.objects.filter(session=session, cancelled_at=None).exclude(
            pk__in=[one.pk for one in some]
        )
        session.third_on = third_day(list(held.order_by("starts_at", "pk")))
        said += closing_words(session, at)
    return said


@transaction.atomic
def check_agreed(meetings: Iterable[Meeting], seen: str | None, at: datetime) -> None:
    """Raise Refused(QUEUE) unless what cancelling these classes would end is what was agreed to: `seen`, the
    tick beside `closed_without`. Call in the transaction of the change: it locks their sessions.
    """
    meetings = list(meetings)
    list(
        Session.objects.select_for_update().filter(pk__in={one.session_id for one in meetings}).order_by("pk")
    )
    if fault := unread(closed_without(meetings, at), seen):
        raise scheduling.Refused(scheduling.Reason.QUEUE, fault)
