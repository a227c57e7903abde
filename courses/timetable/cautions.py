"""Non-blocking warnings shown to a manager before a session is saved."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from statistics import median

from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Closure, Course, OpeningHours, Room, Session, Term, Venue
from courses.timetable.scheduling import Slot
from home.language.dates import day_words, hours_words, money_words, weekday_words
from home.language.lists import listed

UNUSUAL = Decimal("0.30")  # a price this far from the usual one gets a warning


def outside_opening_hours(venue: Venue, slots: Iterable[Slot]) -> list[str]:
    """Return a sentence for each class outside the venue's opening hours; none if the venue has no hours on
    file.
    """
    opened = list(OpeningHours.objects.filter(venue=venue))
    if not opened:
        return []
    said = []
    for weekday, starts, ends in dict.fromkeys((slot.on.weekday(), slot.starts, slot.ends) for slot in slots):
        today = [hours for hours in opened if hours.weekday == weekday]
        if any(hours.opens <= starts and ends <= hours.closes for hours in today):
            continue
        words = {"venue": venue.name, "day": weekday_words(weekday), "hours": hours_words(starts, ends)}
        if not today:
            said.append(_("%(venue)s is closed on %(day)s.") % words)
        else:
            words["open"] = listed(hours_words(hours.opens, hours.closes) for hours in today)
            said.append(_("%(day)s %(hours)s is outside the opening hours of %(venue)s (%(open)s).") % words)
    return said


def usual_price(course: Course, besides: Session | None = None) -> Decimal | None:
    """Return the usual price in MAD: the course's own, else the median of its sessions, else of its age
    band's.
    """
    if course.price:
        return course.price
    others = Session.objects.exclude(pk=besides.pk) if besides and besides.pk else Session.objects.all()
    for like in ({"course": course}, {"course__band": course.band_id}):
        if prices := list(others.filter(**like).values_list("price", flat=True)):
            return Decimal(median(prices))
    return None


def unusual_price(price: Decimal, usual: Decimal | None) -> list[str]:
    """Return a warning for a price 30 % or more off the usual one."""
    if not usual or abs(price - usual) < usual * UNUSUAL:
        return []
    percent = round((price - usual) / usual * 100)
    said = {"price": money_words(price), "usual": money_words(usual), "percent": f"{percent:+d}"}
    return [_("The price is %(price)s, but the usual price is %(usual)s (%(percent)s %%).") % said]


def beyond_term(term: Term, days: Iterable[date]) -> list[str]:
    """Return a warning for classes before the first or after the last day of the term."""
    days = sorted(days)
    outside = [day for day in days if not term.starts_on <= day <= term.ends_on]
    if not outside:
        return []
    words = ngettext(
        "%(count)s class is outside the term %(term)s, the last on %(day)s.",
        "%(count)s classes are outside the term %(term)s, the last on %(day)s.",
        len(outside),
    )
    return [words % {"count": len(outside), "term": term.name, "day": day_words(outside[-1])}]


def closures_known_until(venue: Venue | None = None) -> date | None:
    """Return the last day of the last closure on file, at this venue if given; None if there is none."""
    rows = Closure.objects.all()
    if venue is not None:
        rows = rows.filter(Q(venue=venue) | Q(venue=None))
    last: date | None = rows.aggregate(last=Max("ends_on"))["last"]
    return last


def beyond_closures(venue: Venue, days: Iterable[date]) -> list[str]:
    """Return a warning for classes after the last closure on file: holidays may be missing there. None while
    there are no closures at all.
    """
    last = closures_known_until(venue)
    outside = sorted(day for day in days if last is not None and day > last)
    if last is None or not outside:
        return []
    words = ngettext(
        "Closures are entered until %(last)s only. %(count)s class is after that, on %(day)s: "
        "check the holidays.",
        "Closures are entered until %(last)s only. %(count)s classes are after that, until %(day)s: "
        "check the holidays.",
        len(outside),
    )
    return [words % {"last": day_words(last), "count": len(outside), "day": day_words(outside[-1])}]


def room_too_small(room: Room, capacity: int) -> list[str]:
    """Return a warning if the session has more places than the room."""
    if capacity <= room.seats:
        return []
    return [_("%(room)s holds %(seats)s children, fewer than the %(capacity)s places.") % {
        "room": room, "seats": room.seats, "capacity": capacity,
    }]  # fmt: skip


def cautions(session: Session, slots: Iterable[Slot] = (), *, today: date | None = None) -> list[str]:
    """Return all warnings for this session with these classes; `today` tells which are in the past."""
    slots, venue = list(slots), session.room.venue
    said = outside_opening_hours(venue, slots)
    if today and slots and slots[0].on < today:
        said.append(_("The first class would be in the past: %(day)s.") % {"day": day_words(slots[0].on)})
    said += unusual_price(session.price, usual_price(session.course, session))
    said += beyond_term(session.term, [slot.on for slot in slots])
    said += beyond_closures(venue, [slot.on for slot in slots])
    said += room_too_small(session.room, session.capacity)
    if not venue.is_open:
        said.append(_("No sessions take place at %(venue)s at the moment.") % {"venue": venue.name})
    return said
