"""Who is in a class: seated children as it was or will be held, and make-up guests; every place that asks."""

import ast
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting
from courses.timetable import scheduling
from enrollments.calendars import feeds
from enrollments.classes import (
    change_notices,
    digests,
    makeups,
    messages,
    missing_children,
    register,
    roster,
    schedule,
)
from enrollments.models import Enrollment, Letter, MakeUp, PlaceEvent, Presence
from enrollments.models.attendance import attendees, attendees_of, children_in, classes_of
from enrollments.places import session_merge, withdrawal
from enrollments.printing import sheets
from enrollments.privacy import child_merge
from tests.classes import begin, class_now, kids, put
from tests.factories import (
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    RoomFactory,
    SessionFactory,
)
from tests.queues import DAY, HOUR, join, soon, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def guest(instructor, now):
    """Return (child, the class it missed, the class of the fourth week that it attends as a guest), booked
    through the verb, in a session whose last day to join is derived, as in production.
    """
    missed = class_now(1, at=now, began=HOUR, course=CourseFactory(lessons=6, meetings_count=6))
    other = SessionFactory(
        course=missed.session.course, first_on=timezone.localdate(now) - timedelta(days=19), capacity=2
    )
    host = other.meetings.order_by("number")[3]
    Meeting.objects.filter(pk=missed.pk).update(lesson=host.lesson)
    missed = Meeting.objects.get(pk=missed.pk)
    child = kids(missed)[0]
    put(missed, child, "absent", by=instructor, at=now)
    assert other.join_until is None and makeups.hosts_for(child, missed, now) == [host]
    makeups.book(child, missed, host, by=instructor, at=now)
    Letter.objects.all().delete()
    return child, missed, host


def told(child, kind) -> bool:
    return Letter.objects.filter(kind=kind, recipient=child.guardians.first(), child=child).exists()


# ---- guests


def test_a_make_up_is_offered_after_the_derived_last_day_to_join(guest, now):
    _child, _missed, host = guest
    third = host.session.meetings.order_by("number")[2]
    assert makeups.room_in(host) > 0
    assert makeups.room_in(third) == 0, "until its third class a newcomer may still take the seat"


def test_a_guest_stands_wherever_the_children_of_the_class_are_asked_for(guest, instructor, now):
    child, _missed, host = guest
    day, guardian = host.on, child.guardians.first()
    papers, _whose = sheets.day_pack(day, now)
    on_paper = [
        sheet.title for sheet in papers if any(child.first_name in " ".join(cells) for cells in sheet.rows)
    ]
    counted = next(one for one in schedule.meetings_of_day(day) if one.pk == host.pk)
    asked = {
        "attendees": [attendee.child for attendee in attendees_of(host)],
        "queryset": list(children_in(host)),
        "register": kids(host),
        "class papers": [child] if child.pk in sheets.class_papers(host)[1] else [],
        "message": messages.children_of(host.session, at=now),
        "message of the class": messages.children_of(host.session, host, at=now),
        "missing": [row.child for row in missing_children.looked_for(host.starts_at + timedelta(minutes=11))],
        "digest": [one.child for one in digests.classes_of([guardian.pk], day, day)[guardian.pk]],
        "changed": [
            line.child
            for line in change_notices.concerned(
                [change_notices.Change(host, scheduling.Slot(day, host.starts, host.ends), None)]
            )[guardian]
        ],
    }
    assert asked == {name: [child] for name in asked}
    assert len(on_paper) == 3, on_paper  # sign-in sheet, safety sheet, evacuation list
    assert counted.children_count == 1
    assert list(feeds.meetings_for(guardian, child, now).filter(pk=host.pk)) == [host]


@pytest.mark.parametrize("end", ["cancel", "unite"])
def test_guests_are_told_when_the_session_ends_and_may_book_again(guest, manager, logged_in, now, end):
    child, missed, host = guest
    beside = RoomFactory(venue=host.session.room.venue)
    into = SessionFactory(course=host.session.course, room=beside, first_on=host.on + 7 * DAY)
    client = logged_in(manager)
    if end == "cancel":
        page = client.get(reverse("office_session_cancel", args=[host.session_id])).content.decode()
        withdrawal.cancel_session(host.session, by=manager, at=now, reason="few")
    else:
        page = client.get(reverse("office_session_unite", args=[host.session_id, into.pk])).content.decode()
        until = session_merge.latest(into, now) - HOUR
        session_merge.unite(host.session, into, answer_by=until, reason="few", by=manager, at=now)
    assert child.full_name in page
    assert told(child, "make_up_ended") and not MakeUp.objects.filter(cancelled_at=None).exists()
    assert digests.classes_of([child.guardians.first().pk], host.on, host.on) == {}
    assert makeups.missed_by(child, now) == [missed]


def test_a_booking_ends_with_its_ground(guest, instructor, now):
    child, missed, _host = guest
    put(missed, child, "present", seen=1, by=instructor, at=now)
    assert told(child, "make_up_ended") and not MakeUp.objects.filter(cancelled_at=None).exists()


def test_a_booking_ends_when_the_family_says_the_child_comes_after_all(parent, now):
    course = CourseFactory(lessons=6, meetings_count=6)
    session = SessionFactory(course=course, first_on=timezone.localdate(now) + DAY)
    child = ChildFactory(guardian=parent, age=10)
    join(session, child, at=now, by=parent)
    meeting = session.meetings.order_by("number").first()
    other = SessionFactory(course=course, first_on=timezone.localdate(now) - timedelta(days=19))
    host = other.meetings.order_by("number")[3]
    Meeting.objects.filter(pk=host.pk).update(lesson=meeting.lesson)
    register.announce(child, meeting, what="absent", by=parent, at=now)
    makeups.book(child, meeting, Meeting.objects.get(pk=host.pk), by=parent, at=now)
    register.announce(child, meeting, what="late", by=parent, at=now)
    assert told(child, "make_up_ended") and not MakeUp.objects.filter(cancelled_at=None).exists()


def test_a_booking_ends_with_the_place_at_home(guest, now):
    child, missed, host = guest
    withdrawal.withdraw(
        Enrollment.objects.get(child=child, session=missed.session), by=child.guardians.first(), at=now
    )
    assert told(child, "make_up_ended") and kids(host) == []


def test_a_booking_outlives_a_move_to_another_session_of_the_course(guest, front_desk, now):
    child, missed, host = guest
    there = SessionFactory(course=missed.session.course, first_on=timezone.localdate(now) + 9 * DAY)
    row = Enrollment.objects.get(child=child, session=missed.session)
    withdrawal.move(row, there, by=front_desk, at=now)
    assert kids(host) == [child] and not told(child, "make_up_ended")


def test_a_booking_follows_merged_files_and_loses_its_ground_with_them(guest, instructor, manager, now):
    child, missed, host = guest
    twin = ChildFactory(
        guardian=child.guardians.first(), birth_date=child.birth_date, first_name=child.first_name
    )
    child_merge.propose(twin, child, by=manager, at=now)
    assert kids(host) == [twin] and not Letter.objects.filter(kind="make_up_ended").exists()
    put(missed, twin, "late", seen=1, by=instructor, at=now)
    assert kids(host) == []


def test_a_guest_who_joins_the_host_session_is_there_once(guest, now):
    child, _missed, host = guest
    host.session.join_until = host.on
    host.session.save(update_fields=["join_until"])
    join(host.session, child, at=now, by=child.guardians.first())
    assert kids(host) == [child] and not roster.lines(host)[0].is_guest
    assert makeups.room_in(host) == 0 or makeups.room_in(host) == 1


# ---- a class keeps its children


def test_a_child_seated_today_was_not_in_the_class_of_yesterday(instructor, parent, now):
    yesterday = class_now(1, at=now, began=26 * HOUR)
    new = ChildFactory(guardian=parent, age=10, first_name="Nouvelle")
    join(yesterday.session, new, at=now, by=parent)
    assert new not in kids(yesterday)
    assert new not in [row.child for row in missing_children.looked_for(now)]
    register.all_present(yesterday, key=uuid4(), by=instructor, at=now)
    assert not Presence.objects.filter(meeting=yesterday, child=new).exists()
    with pytest.raises(register.Refused, match="not_expected"):
        put(yesterday, new, "absent", by=instructor, at=now)
    register.close(yesterday, by=instructor, at=now)


def test_a_child_that_leaves_stays_in_the_classes_it_had(instructor, now):
    yesterday = class_now(2, at=now, began=26 * HOUR)
    child = kids(yesterday)[0]
    tomorrow = begin(yesterday.session.meetings.order_by("number")[1], now + DAY)
    withdraw(Enrollment.objects.get(child=child, session=yesterday.session), at=now)
    assert child in kids(yesterday) and child not in kids(tomorrow)
    assert put(yesterday, child, "present", by=instructor, at=now).mark == "present"
    assert yesterday in feeds.meetings_for(child.guardians.first(), child, now)


@pytest.mark.parametrize(("minutes", "is_in"), [(-1, True), (0, True), (89, True), (90, False), (91, False)])
def test_who_takes_a_seat_during_the_class_is_in_it(parent, now, minutes, is_in):
    meeting = class_now(0, at=now, began=timedelta(hours=3))
    child = ChildFactory(guardian=parent, age=10)
    join(meeting.session, child, at=meeting.starts_at + timedelta(minutes=minutes), by=parent)
    assert (child in kids(meeting)) is is_in
    assert (meeting in Meeting.objects.filter(classes_of([child]))) is is_in
    looked_for = [row.child for row in missing_children.looked_for(now)]
    assert (child in looked_for) is (minutes < 0 or minutes == 0), "later it comes to the desk with an adult"


@pytest.mark.parametrize(("minutes", "is_in"), [(-1, False), (0, False), (1, True), (95, True)])
def test_who_leaves_before_the_class_is_not_in_it(now, minutes, is_in):
    meeting = class_now(1, at=now, began=timedelta(hours=3))
    row = Enrollment.objects.get(session=meeting.session)
    withdraw(row, at=meeting.starts_at + timedelta(minutes=minutes))
    assert ([attendee.child for attendee in attendees_of(meeting)] == [row.child]) is is_in
    assert children_in(meeting).exists() is is_in


def test_a_seat_knows_its_two_moments_and_the_events_say_the_same(now):
    session = soon(capacity=1)
    first, second = join(session, at=now), join(session, at=now)
    withdraw(first, at=now + HOUR)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.seated_at, first.seat_ended_at) == (now, now + HOUR)
    assert (second.state, second.seated_at, second.seat_ended_at) == ("offered", None, None)
    for row in (first, second):
        events = PlaceEvent.objects.filter(enrollment_ref=row.pk)
        assert row.seated_at == (taken.at if (taken := events.filter(to_state="seated").first()) else None)
        assert row.seat_ended_at == (
            left.at if (left := events.filter(from_state="seated").first()) else None
        )


@pytest.mark.parametrize(
    "facts", [{"seated_at": None}, {"seat_ended_at": timezone.now()}, {"state": "withdrawn"}]
)
def test_the_database_refuses_a_seat_without_its_moments(now, facts):
    row = join(soon(), at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.filter(pk=row.pk).update(**facts)


@pytest.mark.parametrize("count", [1, 3])
def test_many_classes_are_asked_in_two_queries(queries, now, count):
    meetings = [class_now(2, at=now) for _class in range(count)]
    with queries() as seen:
        assert sum(map(len, attendees(meetings).values())) == 2 * count
    assert len(seen) == 2


# ---- a class gets another day


def test_what_was_said_for_a_day_is_asked_anew_when_the_class_gets_another(parent, now):
    session = SessionFactory(first_on=timezone.localdate(now) + 3 * DAY)
    child = ChildFactory(guardian=parent, age=10)
    informed = GuardianshipFactory(child=child, rights="informed").guardian
    join(session, child, at=now, by=parent)
    meeting = session.meetings.order_by("number").first()
    from enrollments.classes import pickup_passes

    register.announce(child, meeting, what="absent", by=parent, at=now)
    given, _token = pickup_passes.give(child, name="Tante Exemple", on=meeting.on, by=parent, at=now)
    moved = scheduling.move(meeting, on=meeting.on + DAY, starts=meeting.starts, ends=meeting.ends, at=now)
    for guardian in (parent, informed):
        body = Letter.objects.get(kind="classes_changed", recipient=guardian).body
        assert "absence" in body and "Tante Exemple" in body
    assert child in [
        row.child for row in missing_children.looked_for(moved.starts_at + timedelta(minutes=11))
    ]
    given.refresh_from_db()
    assert given.revoked_at == now


def test_another_hour_of_the_same_day_keeps_what_was_said(parent, now):
    session = SessionFactory(first_on=timezone.localdate(now) + 3 * DAY)
    child = ChildFactory(guardian=parent, age=10)
    join(session, child, at=now, by=parent)
    meeting = session.meetings.order_by("number").first()
    register.announce(child, meeting, what="late", by=parent, at=now)
    scheduling.move(meeting, on=meeting.on, starts=meeting.ends, ends=_later(meeting.ends), at=now)
    assert Presence.objects.get(meeting=meeting, child=child).announced == "late"
    assert "en retard" not in Letter.objects.get(kind="classes_changed").body


def _later(hour):
    return hour.replace(hour=hour.hour + 1)


def test_who_is_being_offered_a_place_is_told_of_a_moved_class(parent, now):
    session = soon(capacity=1)
    seat, _row = join(session, at=now), join(session, ten(parent), at=now, by=parent)
    withdraw(seat, at=now)
    Letter.objects.all().delete()
    meeting = session.meetings.order_by("number").first()
    scheduling.move(meeting, on=meeting.on + DAY, starts=meeting.starts, ends=meeting.ends, at=now)
    assert Letter.objects.filter(kind="classes_changed", recipient=parent).exists()


# ---- nobody walks around it

# Where seats or guests are asked for otherwise, and why that is not "who is in this class".
OTHERWISE = {
    "enrollments/models/attendance.py": "the question itself",
    "enrollments/models/places.py": "the model",
    "enrollments/classes/makeups.py": "the writer of guests; counts seats under the session's lock",
    "enrollments/classes/roster.py": "`seated`: who has a place in the session",
    "enrollments/classes/change_notices.py": "holders of an offer are told too",
    "enrollments/classes/rescheduling.py": "classes of sessions in which a place is offered",
    "enrollments/classes/progress.py": "who waits",
    "enrollments/views/makeup_pages.py": "the bookings of one child",
    "enrollments/views/desk/messages.py": "no seat is asked for",
}


ELSEWHERE = {
    "places",
    "money",
    "letters",
    "privacy",
    "migrations",
    "family",
    "families",
    "office",
    "links",
    "forms",
}


def test_nobody_else_asks_who_is_in_a_class():
    """Outside the rooms that decide about seats, or show the places of one family or session, the children of
    a class are asked for in one module.
    """
    strangers = []
    for path in sorted(Path("enrollments").rglob("*.py")):
        if path.as_posix() in OTHERWISE or ELSEWHERE & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(value=ast.Name(id="Enrollment" | "MakeUp" as model), attr="objects"):
                    strangers.append(f"{path}:{node.lineno} {model}")
    assert strangers == []
