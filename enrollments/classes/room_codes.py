"""The code by which the tablets of a room reach the child's face of the lesson that is on.

Derived from the class and the server's key, so nothing is stored. It works from 15 minutes before the class
to 30 minutes after it.
"""

from datetime import datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

from courses.models import Meeting

BEFORE, AFTER = timedelta(minutes=15), timedelta(minutes=30)
LONGEST = timedelta(hours=24)  # no class is longer
LENGTH = 8
# Without signs that look or sound alike: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
SIGNS = "ACDEFGHJKMNPQRTWXY34679"


def code_of(meeting: Meeting) -> str:
    """Return the eight signs of a class; others on another day."""
    digest = salted_hmac("enrollments.room_codes", f"{meeting.pk}:{meeting.on:%Y-%m-%d}", algorithm="sha256")
    number, signs = int.from_bytes(digest.digest()), ""
    for _sign in range(LENGTH):
        number, rest = divmod(number, len(SIGNS))
        signs += SIGNS[rest]
    return signs


def read(text: str) -> str:
    """Return what somebody typed as a code: capitals, without spaces and hyphens."""
    return "".join(sign for sign in text[:40].upper() if sign.isalnum())


def told(code: str) -> str:
    """Return the code as it is said: in two halves."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"


def is_open(meeting: Meeting, at: datetime) -> bool:
    """Return whether the code of this class works at that time."""
    return (
        meeting.cancelled_at is None
        and meeting.lesson_id is not None
        and meeting.starts_at - BEFORE <= at < meeting.ends_at + AFTER
    )


def find(text: str, at: datetime) -> Meeting | None:
    """Return the class whose code this is, if it works now; None for a wrong, early or late one alike."""
    code, found = read(text), None
    around = Meeting.objects.filter(
        starts_at__gt=at - LONGEST,
        starts_at__lte=at + BEFORE,
        session__published_at__isnull=False,
        session__cancelled_at=None,
    ).select_related("lesson__course")
    for meeting in around:
        if is_open(meeting, at) and constant_time_compare(code_of(meeting), code):
            found = meeting
    return found
