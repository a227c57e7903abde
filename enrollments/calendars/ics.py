"""Classes as a calendar file (RFC 5545), in the active language. Pure functions: meetings in, bytes out.

Each class keeps its UID and counts its changes (SEQUENCE), so that calendars move or cancel it. Times are
instants in UTC: apps with older zone data, and apps that ignore or mix up the zones of a file, are right too
(academy/docs/decisions.md, Time). The hour in Morocco is given in words. The file contains no child's name:
families share calendars easily.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vDatetime, vDuration, vInt, vText, vUri

from courses.models import Meeting
from courses.models.timetable import instant
from home.language.dates import clock_words
from home.language.lists import listed

BEFORE = vDuration(-timedelta(hours=2))  # an alarm
EVERY = timedelta(hours=6)  # how often apps should refresh (RFC 7986, 5.7); some do once a day


def calendar(
    meetings: Iterable[Meeting], *, name: str, at: datetime, pages: dict[int, str] | None = None
) -> bytes:
    """Return the file.

    Meetings need session__course, room__venue and lesson; `pages` maps courses to the URLs of their pages.
    """
    meetings = list(meetings)
    found = Calendar()
    found.add("version", "2.0")
    found.add("prodid", f"-//Active Labs//Calendar//{get_language().upper()}")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    found.add("x-wr-timezone", settings.TIME_ZONE)
    found.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", EVERY)
    stamp = vDatetime(at.astimezone(UTC))
    courses = {meeting.session.course_id: meeting.session.course for meeting in meetings}
    rooms = {meeting.room_id: meeting.room for meeting in meetings}
    # Courses and rooms repeat: render each once.
    titles = {pk: course.title for pk, course in courses.items()}
    places = {
        pk: (room.venue.city, listed((room.venue.name, room.name, room.venue.address)))
        for pk, room in rooms.items()
    }
    for meeting in meetings:
        course = meeting.session.course_id
        found.add_component(
            _event(meeting, stamp, titles[course], places[meeting.room_id], (pages or {}).get(course, ""))
        )
    text: bytes = found.to_ical()
    return text


def _event(meeting: Meeting, stamp: vDatetime, title: str, place: tuple[str, str], page: str) -> Event:
    event = Event()
    event["uid"] = vText(f"meeting-{meeting.pk}@{settings.SITE_HOST.hostname or 'localhost'}")
    event["dtstamp"] = stamp
    off = meeting.cancelled_at is not None or meeting.session.cancelled_at is not None
    event["sequence"] = vInt(meeting.revision + (meeting.session.cancelled_at is not None))
    for field, moment in (("dtstart", meeting.starts), ("dtend", meeting.ends)):
        event[field] = in_utc(meeting.on, moment)
    event["status"] = vText("CANCELLED" if off else "CONFIRMED")
    event["summary"] = vText(_("Cancelled: %(course)s") % {"course": title} if off else title)
    event["location"] = vText(place[1])
    lines = [_("%(hour)s in %(city)s.") % {"hour": clock_words(meeting.starts), "city": place[0]}]
    if meeting.lesson:
        lines.append(
            _("Lesson %(number)s: %(title)s")
            % {"number": meeting.shown_lesson_number, "title": meeting.lesson.title}
        )
    if meeting.reason:
        lines.append(meeting.reason)
    if not off:
        lines.append(_("Bring a water bottle and a snack."))
    event["description"] = vText("\n".join(lines))
    if page:
        event["url"] = vUri(page)
    if off:
        event["transp"] = vText("TRANSPARENT")
    else:
        alarm = Alarm()
        alarm["action"], alarm["trigger"], alarm["description"] = vText("DISPLAY"), BEFORE, vText(title)
        event.add_component(alarm)
    return event


def in_utc(day: date, moment: time) -> vDatetime:
    """Return a local time as an instant, by the zone data this machine has now."""
    return vDatetime(instant(day, moment).astimezone(UTC))
