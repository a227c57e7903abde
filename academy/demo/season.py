"""Demo timetable: three terms, and sessions in every status, dated relative to one day.

Sessions are scheduled by courses.timetable.scheduling, each as of a time before it started.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from babel.dates import format_date
from django.db import transaction

from academy.demo.words import in_three, read
from courses.models import Closure, Course, Lesson, Meeting, Room, Session, Term
from courses.models.timetable import instant
from courses.timetable import scheduling
from home.language.table import LANGUAGES

WEEK = timedelta(days=7)
ASIDE = 200  # a number no lesson has
REVISED = (6, 7)  # the lessons that changed places since a session with `as: older_lessons` was laid out


@dataclass
class SeasonRow:
    """One line of the sessions in season.yaml."""

    key: str
    course: str
    room: str
    begins: str
    day: int | None = None
    at: str = ""
    by: str = ""
    seated: int = 0
    waiting: int = 0
    held_back: int = 0
    language: str = "fr"
    beginners: bool = False
    opens_in: int = 0
    particular: str = ""
    session: Session | None = field(default=None, repr=False)


def rows() -> list[SeasonRow]:
    """Return the sessions of season.yaml."""
    made = []
    for line in read("season")["sessions"]:
        line = dict(line)
        made.append(SeasonRow(particular=line.pop("as", ""), **line))
    return made


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def first_day(
    row: SeasonRow, today: date, venue_id: int, closures: list[Closure], next_term: date | None
) -> date:
    """Return the day of a session's first class, skipping closures."""
    if row.begins == "just_begun":
        day = today - timedelta(days=1)
        while day.weekday() != row.day or any(closure.covers(day, venue_id) for closure in closures):
            day -= timedelta(days=1)
        return day
    start = {
        "past": monday_of(today) - 26 * WEEK,
        "weeks_ago": monday_of(today) - 8 * WEEK,
        "soon": today + timedelta(days=4),
        "next": next_term,
    }[row.begins]
    return scheduling.weekly(start, 1, closures, venue_id, row.day)[0][0]


@transaction.atomic
def write_sessions(today: date, say, team: dict) -> None:
    """Write three terms and the sessions of season.yaml. `team` maps instructor keys to accounts."""
    if Session.objects.exists():
        return
    say("Terms and sessions")
    courses = {course.code: course for course in Course.objects.select_related("band")}
    rooms = rooms_by_key()
    closures = list(Closure.objects.all())
    planned = rows()
    days: dict[str, list[date]] = {}

    def count_days(row: SeasonRow, next_term: date | None = None) -> None:
        venue_id = rooms[row.room].venue_id
        first = first_day(row, today, venue_id, closures, next_term)
        days[row.key] = scheduling.weekly(first, courses[row.course].meetings_count, closures, venue_id)[0]

    for row in planned:
        if row.begins not in {"next", "open"}:
            count_days(row)
    past_ends = max(days[row.key][-1] for row in planned if row.begins == "past")
    now_ends = max(days[row.key][-1] for row in planned if row.begins in {"weeks_ago", "just_begun", "soon"})
    next_starts = monday_of(now_ends) + WEEK
    for row in planned:
        if row.begins == "next":
            count_days(row, next_starts)
    next_ends = max(days[row.key][-1] for row in planned if row.begins == "next")
    now_starts = monday_of(today) - 8 * WEEK
    terms = {
        "past": _term(
            monday_of(today) - 26 * WEEK, min(monday_of(past_ends) + WEEK, now_starts) - timedelta(days=1)
        ),
        "now": _term(now_starts, next_starts - timedelta(days=1)),
        "next": _term(next_starts, monday_of(next_ends) + WEEK - timedelta(days=1)),
    }
    for row in planned:
        first_on = days[row.key][0] if row.key in days else None
        _session(row, courses[row.course], rooms[row.room], terms, first_on, today)
        if row.by:
            row.session.instructors.set([team[row.by]])


def rooms_by_key() -> dict[str, Room]:
    """Return the rooms by their key in season.yaml (T1, T2, C1)."""
    found = {}
    for venue in read("season")["venues"]:
        for room in venue["rooms"]:
            found[room["key"]] = Room.objects.select_related("venue").get(
                venue__code=venue["code"], name_fr=room["name"]["fr"]
            )
    return found


def _term(starts_on: date, ends_on: date) -> Term:
    """Write a term named by its first and last month: "Septembre 2026 – février 2027"."""
    names = {}
    for language in LANGUAGES:
        first = format_date(starts_on, "LLLL y", locale=LANGUAGES[language].locale)
        last = format_date(ends_on, "LLLL y", locale=LANGUAGES[language].locale)
        names[language] = f"{first[:1].upper()}{first[1:]} – {last}"
    return Term.objects.create(starts_on=starts_on, ends_on=ends_on, **in_three("name", names))


def published_on(row: SeasonRow, first_on: date | None, today: date) -> datetime:
    """Return when families first saw the session: at ten in the morning."""
    before = {"past": 35, "weeks_ago": 35, "just_begun": 35}
    day = (
        first_on - timedelta(days=before[row.begins]) if row.begins in before else today - timedelta(days=28)
    )
    return instant(day, time(10))


def _session(
    row: SeasonRow, course: Course, room: Room, terms: dict, first_on: date | None, today: date
) -> None:
    """Write one session, published and decided as its line specifies,
    and schedule it as of its publication.
    """
    published_at = published_on(row, first_on, today)
    term = {"past": "past", "next": "next", "open": "next"}.get(row.begins, "now")
    minimum = 5 if course.band.code == "A" else 6
    session = row.session = Session(
        course=course,
        term=terms[term],
        room=room,
        language=row.language,
        price=course.price,
        capacity=course.band.capacity,
        held_back=row.held_back,
        minimum=minimum,
        beginners_welcome=row.beginners,
        published_at=published_at,
    )
    if first_on:
        session.decision_at = instant(first_on - timedelta(days=2), time(18))
        if row.seated >= minimum and row.begins != "next":
            session.confirmed_at = min(instant(today, time.min), session.decision_at) - timedelta(days=2)
    if row.opens_in:
        session.opens_at = instant(today + timedelta(days=row.opens_in), time(18))
    if row.particular == "closed":
        session.closes_at = instant(today - timedelta(days=1), time(18))
    elif row.particular == "draft":
        session.published_at = None
    session.full_clean(exclude=["course", "term", "room"])
    session.save()
    if first_on:
        starts = time.fromisoformat(row.at)
        ends = (datetime.combine(first_on, starts) + timedelta(minutes=course.minutes)).time()
        with _order_of_then(course) if row.particular == "older_lessons" else nullcontext():
            scheduling.lay_out(session, first_on=first_on, starts=starts, ends=ends, at=published_at)
    if row.particular == "cancelled":
        session.cancelled_at = instant(today - timedelta(days=3), time(17))
        session.save(update_fields=["cancelled_at"])


@contextmanager
def _order_of_then(course: Course) -> Iterator[None]:
    """Put two lessons of the course in the order they had before it was revised, for this moment."""
    first, second = REVISED
    one, other = course.lessons.get(number=first), course.lessons.get(number=second)
    _number(((one, ASIDE), (other, first), (one, second)))
    yield
    _number(((one, ASIDE), (other, second), (one, first)))


def _number(numbers: Iterable[tuple[Lesson, int]]) -> None:
    for lesson, number in numbers:
        Lesson.objects.filter(pk=lesson.pk).update(number=number)


@transaction.atomic
def change_meetings(today: date, say, at: datetime) -> None:
    """Move one class to another day and cancel one, through the timetable functions; both are at least eight
    days ahead.
    """
    plan = read("season")["changes"]
    if Session.objects.filter(meetings__revision__gt=0).exists():
        return
    say("A meeting moved, a meeting cancelled")
    moved, cancelled = (_meeting_ahead(plan[name]["session"], today) for name in ("moved", "cancelled"))
    if cancelled:
        scheduling.cancel(cancelled, at=at, reason=plan["cancelled"]["reason"])
    if not moved:
        return
    starts = time.fromisoformat(plan["moved"]["at"])
    ends = (datetime.combine(moved.on, starts) + timedelta(minutes=moved.session.course.minutes)).time()
    first_try = monday_of(moved.on) + timedelta(days=plan["moved"]["day"])
    for on in (
        first_try,
        first_try - timedelta(days=1),
        first_try - timedelta(days=3),
        first_try + timedelta(days=3),
    ):
        try:
            scheduling.move(moved, on=on, starts=starts, ends=ends, at=at, reason=plan["moved"]["reason"])
        except scheduling.Refused:
            continue
        return


def sessions_by_key() -> dict[str, Session]:
    """Return the sessions by their key in season.yaml, in the order both were written."""
    return dict(zip((row.key for row in rows()), Session.objects.with_facts().order_by("pk"), strict=False))


def _meeting_ahead(key: str, today: date) -> Meeting | None:
    """Return the session's first class that is at least eight days ahead."""
    ahead = Meeting.objects.filter(
        session=sessions_by_key()[key], on__gte=today + timedelta(days=8), cancelled_at=None
    )
    return ahead.select_related("session__course").order_by("starts_at").first()
