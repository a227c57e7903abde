"""Calendars: correct across Morocco's last clock change, same UID when a class moves, no child's name,
addresses that close.
"""

import re
import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
import vobject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from courses.timetable import scheduling
from enrollments.calendars import feeds, ics
from enrollments.families import guardians
from enrollments.models import CalendarFeed, Guardianship
from enrollments.places import admission, withdrawal
from tests.factories import ChildFactory, GuardianshipFactory, SessionFactory, StaffFactory
from tests.queues import soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, age=10, first_name="Zoubida", last_name="Secrète")


@pytest.fixture
def session(parent, child, now):
    session = soon(capacity=5, count=3)
    admission.enroll(child=child, session=session, by=parent, at=now)
    return session


def read(client, token, **headers):
    client.logout()
    return client.get(reverse("calendar_feed", args=[token]), headers=headers)


def events(body: bytes) -> list:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


# ---- the file


def test_readers_are_right_before_and_after_the_last_change_of_clock_and_in_winter():
    """Morocco left UTC+1 on 2026-09-20: classes at 15:00 are 14:00 UTC before, and 15:00 UTC since."""
    autumn = SessionFactory(first_on=date(2026, 9, 12), count=3, starts=time(15), ends=time(16))
    winter = SessionFactory(first_on=date(2026, 12, 5), count=2, starts=time(15), ends=time(16))
    wanted = {
        autumn: [
            datetime(2026, 9, 12, 14, tzinfo=UTC),
            datetime(2026, 9, 19, 14, tzinfo=UTC),
            datetime(2026, 9, 26, 15, tzinfo=UTC),
        ],
        winter: [datetime(2026, 12, 5, 15, tzinfo=UTC), datetime(2026, 12, 12, 15, tzinfo=UTC)],
    }
    for session in (winter, autumn, winter):  # one after another: libraries remember the zones they have met
        body = ics.calendar(
            session.meetings.order_by("number"), name="x", at=datetime(2026, 9, 1, tzinfo=UTC)
        )
        assert b"TZID" not in body and b"VTIMEZONE" not in body
        assert [event.decoded("dtstart") for event in events(body)] == wanted[session]
        theirs = vobject.readOne(body.decode()).vevent_list
        assert [event.dtstart.value for event in theirs] == wanted[session]
        assert {event.decoded("dtend") - event.decoded("dtstart") for event in events(body)} == {
            timedelta(hours=1)
        }


def test_when_a_government_changes_its_clock_calendars_already_read_follow(session, now):
    meetings = session.meetings.order_by("number")
    before = events(ics.calendar(meetings.all(), name="x", at=now))
    hour = timedelta(hours=1)
    for meeting in meetings[1:]:  # as an older clock derived them
        meeting.starts_at, meeting.ends_at = meeting.starts_at - hour, meeting.ends_at - hour
        meeting.save()
    assert scheduling.derive_again(now) == 2
    after = events(ics.calendar(meetings.all(), name="x", at=now))
    assert [event["uid"] for event in after] == [event["uid"] for event in before]
    assert [event["sequence"] for event in after] == [0, 1, 1]


def test_each_event_says_what_a_family_needs_and_no_name(child, session, now):
    with override("fr"):
        body = ics.calendar(
            session.meetings.select_related("lesson"),
            name="x",
            at=now,
            pages={session.course_id: "https://x.example/c/"},
        )
    first = events(body)[0]
    assert first["summary"] == session.course.title and session.room.venue.name in first["location"]
    assert "14:00" in first["description"] and first["url"] == "https://x.example/c/"
    assert first.walk("VALARM")[0].decoded("trigger") == -timedelta(hours=2)
    assert b"Zoubida" not in body and b"Secr" not in body
    assert body.endswith(b"END:VCALENDAR\r\n") and max(map(len, body.split(b"\r\n"))) <= 75
    assert str(icalendar.Calendar.from_ical(body)["x-wr-timezone"]) == "Africa/Casablanca"


def test_a_class_that_moves_or_is_cancelled_keeps_its_uid_and_counts_up(session, now):
    meetings = list(session.meetings.order_by("number"))
    before = {event["uid"]: event for event in events(ics.calendar(meetings, name="x", at=now))}
    scheduling.move(
        meetings[1],
        on=meetings[1].on + timedelta(days=1),
        starts=time(9),
        ends=time(10),
        at=now,
        reason="Salle prise",
    )
    scheduling.cancel(meetings[2], at=now, reason="Férié")
    after = {
        event["uid"]: event
        for event in events(ics.calendar(session.meetings.order_by("number"), name="x", at=now))
    }
    assert before.keys() == after.keys()
    moved, off = (after[f"meeting-{meeting.pk}@localhost"] for meeting in meetings[1:])
    assert (moved["sequence"], moved["status"], moved.decoded("dtstart").hour) == (
        1,
        "CONFIRMED",
        9,
    ) and "Salle prise" in moved["description"]
    assert (off["sequence"], off["status"]) == (1, "CANCELLED") and not off.walk("VALARM")


# ---- the address


def test_an_address_is_shown_once_kept_as_a_hash_and_read_without_a_login(
    logged_in, client, parent, child, session
):
    office = logged_in(parent)
    url = reverse("family_calendar")
    office.post(url, {"child": child.pk, "act": "open"})
    page = office.get(url).content.decode()
    token = re.search(r"/calendar/([\w-]{20,})\.ics", page)[1]
    assert "calendar.google.com" in page and "webcal://" in page
    assert token not in office.get(url).content.decode(), "shown once"
    assert not CalendarFeed.objects.filter(token_hash__contains=token).exists()
    answer = read(client, token)
    assert answer.status_code == 200 and len(events(answer.content)) == 3
    assert answer["Referrer-Policy"] == "no-referrer" and answer["X-Robots-Tag"] == "noindex"
    assert read(client, token, if_none_match=answer["ETag"]).status_code == 304
    assert CalendarFeed.objects.get().read_at


@pytest.mark.parametrize("how", ["ended", "renewed", "right", "expired", "place", "locked"])
def test_an_address_dies(client, parent, child, session, manager, now, how):
    feed, token = feeds.open_feed(parent, child, at=now)
    assert read(client, token).status_code == 200
    if how == "ended":
        feeds.end(feed, at=now)
    elif how == "renewed":
        feeds.open_feed(parent, child, at=now)
    elif how == "right":
        GuardianshipFactory(child=child)
        tie = Guardianship.objects.get(guardian=parent, child=child)
        guardians.end_guardianship(tie, what="removed", by=manager, at=now)
        guardians.add_guardian(
            child=child, guardian=parent, relation="father", rights="full"
        )  # back again: the old address stays dead
    elif how == "expired":
        CalendarFeed.objects.update(expires_at=now - timedelta(seconds=1))
    elif how == "locked":
        parent.is_active = False
        parent.save()
    else:
        withdrawal.withdraw(child.enrollments.get(), by=parent, at=now)
        assert events(read(client, token).content) == [], "the address stays, the classes are gone"
        return
    assert read(client, token).status_code == 404


def test_it_lives_two_weeks_after_the_term(parent, child, session, now):
    session.term.ends_on = timezone.localdate(now) + timedelta(days=200)
    session.term.save()
    feed, _token = feeds.open_feed(parent, child, at=now)
    assert timezone.localdate(feed.expires_at) == session.term.ends_on + timedelta(days=14)
    session.term.ends_on = timezone.localdate(now)
    session.term.save()
    feed, _token = feeds.open_feed(parent, child, at=now)
    assert feed.expires_at == now + timedelta(days=60), (
        "two months at least: the next term may not be laid out"
    )


def test_nobody_opens_one_for_a_foreign_child_or_another_role(logged_in, other_parent, child, session):
    client = logged_in(other_parent)
    assert client.post(reverse("family_calendar"), {"child": child.pk}).status_code == 404
    assert client.post(reverse("family_calendar"), {"child": "9" * 400}).status_code == 404
    assert client.get(reverse("desk_calendar")).status_code == 404
    assert (
        client.get(reverse("reference_calendar", args=[child.enrollments.get().reference])).status_code == 404
    )


def test_an_instructor_reads_what_is_taught_and_a_substitute_what_is_substituted(client, session, now):
    teacher, substitute = (StaffFactory(role="Instructors") for _two in range(2))
    session.instructors.set([teacher])
    session.meetings.get(number=2).instructors.set([substitute])
    counts = []
    for person in (teacher, substitute):
        _feed, token = feeds.open_feed(person, None, at=now)
        counts.append(len(events(read(client, token).content)))
    assert counts == [2, 1]
    teacher.groups.clear()
    assert CalendarFeed.objects.count() == 2


def test_the_file_of_a_reference(logged_in, parent, child, session):
    answer = logged_in(parent).get(reverse("reference_calendar", args=[child.enrollments.get().reference]))
    assert len(events(answer.content)) == 3 and "attachment" in answer["Content-Disposition"]


def test_looking_ten_times_changes_nothing_more(client, parent, child, session, now):
    _feed, token = feeds.open_feed(parent, child, at=now)
    read(client, token)
    before = CalendarFeed.objects.values().get()
    for _look in range(10):
        assert read(client, token).status_code == 200
    assert CalendarFeed.objects.values().get() == before


def test_two_hundred_classes_in_at_most_eight_questions(client, parent, child, now, queries):
    for hour in range(8, 18):
        some = SessionFactory(
            first_on=soon().first_on, count=20, starts=time(hour), ends=time(hour, 45), minimum=0
        )
        admission.enroll(child=child, session=some, by=None, at=now)
    _feed, token = feeds.open_feed(parent, child, at=now)
    read(client, token)
    client.logout()
    with queries() as asked:
        began = stopwatch.process_time()
        answer = client.get(reverse("calendar_feed", args=[token]))
        took = stopwatch.process_time() - began
    assert len(events(answer.content)) == 200
    assert len(asked) <= 8, asked
    print(f"{took * 1000:.0f} ms of CPU for 200 classes")
