"""Who is in a class: seated children as it was or will be held, and make-up guests; every place that asks."""

import ast
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.models import Meeting
from courses.timetable import scheduling
from enrollments.calendars import feeds
from enrollments.classes import (
    change_notices,
    digests,
    messages,
    missing_children,
    register,
    schedule,
)
from enrollments.models import Enrollment, Letter, PlaceEvent, Presence
from enrollments.models.attendance import attendees, attendees_of, children_in, classes_of
from enrollments.places import offers, session_merge
from enrollments.printing import sheets
from tests.classes import begin, class_now, kids, put
from tests.enrollments.test_makeups import guest
from tests.factories import (
    ChildFactory,
    GuardianshipFactory,
    RoomFactory,
    SessionFactory,
    UserFactory,
)
from tests.queues import DAY, HOUR, join, soon, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


guest = guest  # the fixture: a booked make-up class


# ---- guests


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
    assert (child in looked_for) is is_in, "a guardian may enroll from anywhere"


@pytest.mark.parametrize(("minutes", "is_missing"), [(-1, True), (1, False)])
def test_a_child_seated_at_the_desk_during_the_class_stands_before_it(front_desk, now, minutes, is_missing):
    meeting = class_now(0, at=now, began=timedelta(hours=1))
    child = ChildFactory(guardian=UserFactory(), age=10)
    join(meeting.session, child, at=meeting.starts_at + timedelta(minutes=minutes), by=front_desk)
    assert ([row.child for row in missing_children.looked_for(now)] == [child]) is is_missing


def test_a_child_seated_again_during_the_class_was_expected_from_its_start(front_desk, now):
    meeting = class_now(1, at=now, began=timedelta(hours=1))
    row = Enrollment.objects.get(session=meeting.session)
    withdraw(row, at=meeting.starts_at + timedelta(minutes=5))
    join(meeting.session, row.child, at=meeting.starts_at + timedelta(minutes=9), by=front_desk)
    assert [one.child for one in missing_children.looked_for(now)] == [row.child]


def test_a_child_whose_place_we_keep_is_in_the_class(manager, now):
    from enrollments.places import waiting_list

    here = class_now(1, at=now, began=-4 * DAY)
    child = kids(here)[0]
    beside = RoomFactory(venue=here.session.room.venue)
    into = SessionFactory(course=here.session.course, room=beside, first_on=now.date() + 3 * DAY)
    session_merge.unite(here.session, into, answer_by=now + DAY, reason="few", by=manager, at=now)
    first = into.meetings.order_by("number").first()
    assert kids(first) == [child], "before the answer"
    waiting_list.settle_due(now + 2 * DAY)
    row = Enrollment.objects.get(session=into)
    assert (row.state, row.offer_kind) == ("offered", "recall") and kids(first) == [child]
    assert Meeting.objects.filter(classes_of([child]), pk=first.pk).exists() and children_in(first).exists()
    offers.accept(row, by=child.guardians.first(), at=first.ends_at + HOUR)
    assert kids(first) == [child], "the class it had while we kept the place"


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


def test_early_marks_and_calls_do_not_outlive_the_day(instructor, front_desk, now):
    meeting = class_now(3, at=now, began=-HOUR)
    one, two, three = kids(meeting)
    for child, mark in ((one, "present"), (two, "excused")):
        put(meeting, child, mark, by=instructor, at=now)
    moved = scheduling.move(
        meeting, on=meeting.on + 3 * DAY, starts=meeting.starts, ends=meeting.ends, at=now
    )
    missing = [row.child for row in missing_children.looked_for(moved.starts_at + timedelta(minutes=11))]
    assert set(missing) == {one, two, three}
    with pytest.raises(register.Refused, match="not_open"):
        register.spoken(moved, one.pk, by=front_desk, at=moved.starts_at - HOUR)


def test_another_hour_of_the_same_day_keeps_what_was_said(parent, now):
    session = SessionFactory(first_on=timezone.localdate(now) + 3 * DAY)
    child = ChildFactory(guardian=parent, age=10)
    join(session, child, at=now, by=parent)
    meeting = session.meetings.order_by("number").first()
    register.announce(child, meeting, what="late", by=parent, at=now)
    scheduling.move(meeting, on=meeting.on, starts=meeting.ends, ends=_later(meeting.ends), at=now)
    assert Presence.objects.get(meeting=meeting, child=child).announced == "late"
    assert "retard" not in Letter.objects.get(kind="classes_changed").body


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
    "enrollments/classes/missing_children.py": "which of some seats the office gave",
    "enrollments/staff/worklist.py": "offers to phone about; the places of a reference that is due",
    "enrollments/calendars/attachments.py": "the places of the reference that an email confirms",
    "enrollments/views/makeup_pages.py": "the bookings of one child",
    "enrollments/views/desk/messages.py": "no seat is asked for",
    "enrollments/classes/surveys.py": "who still has a seat of a session that is over",
    "enrollments/learning/attended.py": "the make-up classes of seats that are known",
    "enrollments/learning/certificates.py": "every seat of a session that is over",
    "enrollments/learning/term_report.py": "the seats and make-up classes of one child in a term",
    "enrollments/portfolio/showcase.py": "whether a child has a place in a course",
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
