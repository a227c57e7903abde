"""The next class of each session: what families, instructors and calendars look for first."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from courses.models import Meeting
from home.database.compiled import Compiled


def _next(sessions: Iterable[int], at: datetime) -> QuerySet[Meeting]:
    coming = Meeting.objects.filter(session=OuterRef("session"), cancelled_at=None, ends_at__gt=at)
    first = coming.order_by("starts_at", "pk").values("pk")[:1]
    return (
        Meeting.objects.filter(session__pk__in=sessions, pk=Subquery(first))
        .select_related("room__venue", "lesson")
        .order_by("starts_at", "pk")
    )


NEXT_MEETINGS = Compiled(_next)


def next_meetings(session_ids: Iterable[int], at: datetime) -> dict[int, Meeting]:
    """Return the next class not cancelled and not over, by session, soonest first. One query."""
    return {meeting.session_id: meeting for meeting in NEXT_MEETINGS(sessions=list(session_ids), at=at)}
