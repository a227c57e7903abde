"""Private calendar addresses: created by users who may see the classes, closed by the user, when the right
ends, or after the term.

Sole writer of CalendarFeed.
"""

import secrets
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max, Prefetch, Q, QuerySet
from django.utils import timezone

from courses.models import Meeting, Room, Session
from courses.models.timetable import instant
from enrollments.letters.tokens import hash_of
from enrollments.models import CalendarFeed, Child, Guardianship
from enrollments.models.attendance import classes_of
from enrollments.permissions import INSTRUCTOR, has_role
from home.account import User

AFTER_TERM = timedelta(days=14)
AT_LEAST = timedelta(days=60)  # of an address created before any class is scheduled
KEPT_BACK = timedelta(days=120)  # past classes that stay in the calendar


@transaction.atomic
def open_feed(owner: User, child: Child | None, *, at: datetime) -> tuple[CalendarFeed, str]:
    """Create an address, shown once, and close the previous one for the same classes.

    `child` None: the classes this user teaches.
    """
    CalendarFeed.objects.filter(owner=owner, child=child, ended_at=None).update(ended_at=at)
    token = secrets.token_urlsafe(24)
    last = meetings_for(owner, child, at).aggregate(last=Max("session__term__ends_on"))["last"]
    ends = instant(last, time(23, 59)) + AFTER_TERM if last else at
    expires_at = max(ends, at + AT_LEAST)
    return CalendarFeed.objects.create(
        owner=owner, child=child, token_hash=hash_of(token), created_at=at, expires_at=expires_at
    ), token


def open_feeds(owner: User, at: datetime) -> QuerySet[CalendarFeed]:
    """Return this user's working addresses."""
    return CalendarFeed.objects.filter(owner=owner, ended_at=None, expires_at__gt=at)


def end(feed: CalendarFeed, *, at: datetime) -> None:
    """Close the address."""
    CalendarFeed.objects.filter(pk=feed.pk, ended_at=None).update(ended_at=at)


def end_of(owner: User, child: Child, *, at: datetime) -> None:
    """Close this user's address for a child they no longer follow. It stays closed."""
    CalendarFeed.objects.filter(owner=owner, child=child, ended_at=None).update(ended_at=at)


def find(token: str, at: datetime) -> CalendarFeed | None:
    """Return the feed of a working address whose owner may still see the classes.

    Its use is recorded once an hour.
    """
    rows = CalendarFeed.objects.filter(
        token_hash=hash_of(token), ended_at=None, expires_at__gt=at, owner__is_active=True
    )
    feed = rows.select_related("owner", "child").first()
    if feed is None or not _is_entitled(feed):
        return None
    if feed.read_at is None or feed.read_at < at - timedelta(hours=1):
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)
    return feed


def _is_entitled(feed: CalendarFeed) -> bool:
    if feed.child is None:
        return has_role(feed.owner, INSTRUCTOR)
    return (
        feed.child.erased_at is None
        and Guardianship.objects.filter(guardian=feed.owner, child=feed.child_id).exists()
    )


def meetings_for(owner: User, child: Child | None, at: datetime) -> QuerySet[Meeting]:
    """Return the classes of a seated child, or those this user teaches.

    Cancelled ones are included, so that calendars cross them out.
    """
    rows = Meeting.objects.filter(
        session__published_at__isnull=False, on__gte=timezone.localdate(at - KEPT_BACK)
    )
    if child is not None:
        rows = rows.filter(classes_of([child]))
    else:
        rows = rows.filter(Q(instructors=owner) | Q(instructors=None, session__instructors=owner)).distinct()
    # A few sessions and rooms repeat: render each once, not once per class.
    sessions = Session.objects.select_related("course", "term")
    rooms = Room.objects.select_related("venue")
    return rows.prefetch_related(Prefetch("session", sessions), Prefetch("room", rooms), "lesson").order_by(
        "starts_at", "pk"
    )
