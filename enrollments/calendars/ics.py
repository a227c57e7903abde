"""Classes as a calendar file (RFC 5545), in the active language. Pure functions: meetings in, bytes out.

Each class keeps its UID and counts its changes (SEQUENCE), so that calendars move or cancel it. The file has
its own time-zone rule for Morocco under our own name, because apps with older zone data would be an hour off.
The time is also given in words. It contains no child's name: families share calendars easily.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneStandard,
    vDatetime,
    vDuration,
    vInt,
    vText,
    vUri,
)

from courses.models import Meeting
from home.language.dates import clock_words

ZONE_NAME = "Active-Labs/Morocco"
BEFORE = vDuration(-timedelta(hours=2))  # an alarm
EVERY = timedelta(hours=6)  # how often apps should refresh (RFC 7986, 5.7); some do once a day


def offsets(first: date, last: date) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return Morocco's UTC offset changes between two days: (local time before the change, offset before,
    offset after); the first entry is the offset at the start.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    begins = datetime.combine(first - timedelta(days=1), time(), tzinfo=ZoneInfo("UTC"))
    ends = datetime.combine(last + timedelta(days=2), time(), tzinfo=ZoneInfo("UTC"))

    def offset(moment: datetime) -> timedelta:
        return cast(timedelta, moment.astimezone(zone).utcoffset())  # an aware moment has one

    found = [((begins + offset(begins)).replace(tzinfo=None), offset(begins), offset(begins))]
    day = begins
    while day < ends:
        if offset(day) != offset(day + timedelta(days=1)):
            low, high = day, day + timedelta(days=1)
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle) == offset(day) else (low, middle)
            change = high.replace(second=0, microsecond=0)
            found.append(((change + offset(low)).replace(tzinfo=None), offset(low), offset(high)))
        day += timedelta(days=1)
    return found


def zone_of(first: date, last: date) -> Timezone:
    """Return a VTIMEZONE that is correct from the first day to the last and keeps the last offset."""
    zone = Timezone()
    zone.add("tzid", ZONE_NAME)
    for begins, before, after in offsets(first, last):
        part = TimezoneStandard()
        part.add("dtstart", begins)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        zone.add_component(part)
    return zone


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
    if meetings:
        days = [meeting.on for meeting in meetings]
        found.add_component(zone_of(min(days), max(days)))
    stamp = vDatetime(at.astimezone(ZoneInfo("UTC")))
    courses = {meeting.session.course_id: meeting.session.course for meeting in meetings}
    rooms = {meeting.room_id: meeting.room for meeting in meetings}
    # Courses and rooms repeat: render each once.
    titles = {pk: course.title for pk, course in courses.items()}
    places = {
        pk: (room.venue.city, f"{room.venue.name}, {room.name}, {room.venue.address}")
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
        event[field] = wall(datetime.combine(meeting.on, moment))
    event["status"] = vText("CANCELLED" if off else "CONFIRMED")
    event["summary"] = vText(_("Cancelled: %(course)s") % {"course": title} if off else title)
    event["location"] = vText(place[1])
    lines = [_("%(hour)s in %(city)s.") % {"hour": clock_words(meeting.starts), "city": place[0]}]
    if meeting.lesson:
        lines.append(
            _("Lesson %(number)s: %(title)s")
            % {"number": meeting.lesson.number, "title": meeting.lesson.title}
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


def wall(moment: datetime) -> vDatetime:
    """Return a local time in this file's time zone."""
    value = vDatetime(moment)
    value.params["TZID"] = ZONE_NAME
    return value
