"""The calendar file of a confirmation: the classes of the reference, as they are when it is sent."""

from django.utils import translation
from django.utils.translation import gettext as _

from courses.models import Meeting
from enrollments.models import Child, Enrollment, Letter

CONFIRMATIONS = {"enrolled", "accepted", "moved"}


def calendar_of(letter: Letter) -> list[tuple[str, bytes, str]]:
    """Return the file of a confirmation as (name, content, media type); nothing for other messages, and
    nothing for children who only wait.
    """
    if letter.kind not in CONFIRMATIONS or not letter.reference or letter.recipient is None:
        return []
    rows = list(
        Enrollment.objects.filter(
            reference=letter.reference,
            state=Enrollment.State.SEATED,
            child__in=Child.objects.of(letter.recipient),
        )
    )
    meetings = Meeting.objects.filter(session__in={row.session_id for row in rows}, cancelled_at=None)
    held = [
        meeting
        for meeting in meetings.select_related("session__course", "room__venue", "lesson").order_by(
            "starts_at", "pk"
        )
        if any(row.session_id == meeting.session_id and row.had_seat_during(meeting) for row in rows)
    ]
    if not held:
        return []
    from enrollments.calendars import ics  # loads icalendar, which no page needs

    with translation.override(letter.language):
        body = ics.calendar(held, name=_("Active Labs: classes"), at=letter.written_at)
    return [(f"active-labs-{letter.reference.lower()}.ics", body, "text/calendar; method=PUBLISH")]
