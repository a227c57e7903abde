#!/usr/bin/env bash
# x-wr-timezone 2.0.1 (PyPI; source: x_wr_timezone.py, CalendarWalker.is_Floating and UTCChangingWalker.walk_value_datetime; seen 2026-11-29 with icalendar 7.3.2, recurring-ical-events 3.8.2, Python 3.11) moves an event that names its zone, when that zone's definition has no TZNAME.
#
# A time is taken for "floating" when its tzname() is None. TZNAME is optional in a VTIMEZONE (RFC 5545, 3.6.5),
# and icalendar gives the time of such a zone an offset, but no name. to_standard() then replaces the zone that
# the event names by the one of X-WR-TIMEZONE and keeps the hour on the clock: another instant.
# recurring-ical-events calls it for every calendar. Expected: a time with a zone or an offset (tzinfo is not
# None) stays as it is. With a TZNAME, whatever it says, it does. Met when readers of a calendar feed were
# compared: its classes were an hour off in this one, though icalendar itself read them right.
#
# Output seen
#   without TZNAME  icalendar 2026-07-10T15:00Z  x-wr-timezone 2026-07-10T13:00Z  recurring-ical-events 2026-07-10T13:00Z
#   with TZNAME     icalendar 2026-07-10T15:00Z  x-wr-timezone 2026-07-10T15:00Z  recurring-ical-events 2026-07-10T15:00Z
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  "x-wr-timezone==2.0.1" "icalendar==7.3.2" "recurring-ical-events==3.8.2" "tzdata==2026.3" 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON' || { echo "The behaviour has changed."; exit 1; }
import sys
from datetime import UTC, datetime
from importlib.metadata import version

import recurring_ical_events
from icalendar import Calendar
from x_wr_timezone import to_standard

FILE = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//example//EN
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VTIMEZONE
TZID:Example/{name}
BEGIN:STANDARD
DTSTART:20200101T000000
TZOFFSETFROM:+0000
TZOFFSETTO:+0000
{tzname}END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260101T000000Z
DTSTART;TZID=Example/{name}:20260710T150000
DTEND;TZID=Example/{name}:20260710T160000
SUMMARY:Class
END:VEVENT
END:VCALENDAR
"""


def start(event) -> str:
    return event.decoded("dtstart").astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def read(name: str, tzname: str) -> list[str]:
    """Return the start as the three libraries read it. The names differ: icalendar remembers zones."""
    calendar = Calendar.from_ical(FILE.format(name=name, tzname=tzname).replace("\n", "\r\n"))
    around = datetime(2026, 7, 10), datetime(2026, 7, 11)
    return [
        start(calendar.walk("VEVENT")[0]),
        start(to_standard(calendar).walk("VEVENT")[0]),
        start(recurring_ical_events.of(calendar).between(*around)[0]),
    ]


print(*(f"{name} {version(name)}" for name in ("x-wr-timezone", "icalendar", "recurring-ical-events")))
without, named = read("Nameless", ""), read("Named", "TZNAME:ZERO\n")
for label, found in (("without TZNAME", without), ("with TZNAME   ", named)):
    print("{}  icalendar {}  x-wr-timezone {}  recurring-ical-events {}".format(label, *found))
right, off = "2026-07-10T15:00Z", "2026-07-10T13:00Z"
sys.exit(0 if (without == [right, off, off] and named == [right] * 3) else 1)
PYTHON
