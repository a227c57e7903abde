"""Make-up classes: offered, booked once, and ended when they are no longer justified."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting
from enrollments.classes import (
    digests,
    makeups,
    register,
    roster,
)
from enrollments.families.agenda import is_urgent_today
from enrollments.models import Enrollment, Letter, MakeUp
from enrollments.places import offers, session_merge, withdrawal
from enrollments.privacy import child_merge
from tests.classes import begin, class_now, kids, put
from tests.factories import (
    ChildFactory,
    CourseFactory,
    RoomFactory,
    SessionFactory,
)
from tests.queues import DAY, HOUR, join

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


def test_a_make_up_is_offered_after_the_derived_last_day_to_join(guest, now):
    _child, _missed, host = guest
    third = host.session.meetings.order_by("number")[2]
    assert makeups.room_in(host) > 0
    assert makeups.room_in(third) == 0, "until its third class a newcomer may still take the seat"


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


def announced_and_booked(parent, now) -> tuple:
    """Return a child, the class it will miss, as its family said, and the class booked instead."""
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
    return child, meeting, Meeting.objects.get(pk=host.pk)


def test_a_booking_ends_when_the_family_says_the_child_comes_after_all(parent, now):
    child, meeting, _host = announced_and_booked(parent, now)
    register.announce(child, meeting, what="late", by=parent, at=now)
    assert told(child, "make_up_ended") and not MakeUp.objects.filter(cancelled_at=None).exists()


def test_a_booking_for_an_announced_absence_ends_when_the_child_was_there(instructor, parent, now):
    child, meeting, host = announced_and_booked(parent, now)
    put(meeting, child, "present", by=instructor, at=meeting.starts_at)
    assert told(child, "make_up_ended") and kids(host) == []


def test_a_booking_outlives_the_merge_of_the_home_session(guest, manager, now):
    child, missed, host = guest
    beside = RoomFactory(venue=missed.session.room.venue)
    into = SessionFactory(course=missed.session.course, room=beside, first_on=now.date() + 9 * DAY)
    session_merge.unite(missed.session, into, answer_by=now + 3 * DAY, reason="few", by=manager, at=now)
    assert kids(host) == [child] and not told(child, "make_up_ended")
    offers.decline(Enrollment.objects.get(session=into), by=child.guardians.first(), at=now + HOUR)
    assert kids(host) == [] and told(child, "make_up_ended")


def test_one_class_makes_up_for_one_missed_class(guest, instructor, now):
    child, missed, host = guest
    second = begin(missed.session.meetings.order_by("number")[1], now - 30 * timedelta(minutes=1))
    Meeting.objects.filter(pk=second.pk).update(lesson=host.lesson)
    put(second, child, "absent", by=instructor, at=now)
    second = Meeting.objects.get(pk=second.pk)
    assert host not in makeups.hosts_for(child, second, now)
    with pytest.raises(makeups.Refused, match="clash"):
        makeups.book(child, second, host, by=instructor, at=now)


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


def test_a_guest_class_is_on_the_family_page_until_it_is_over(guest, logged_in, now):
    """With a place of its own that has no class left, the guest class is the child's next one."""
    child, missed, host = guest
    parent = child.guardians.first()
    missed.session.meetings.exclude(pk=missed.pk).update(cancelled_at=now)
    page = logged_in(parent).get(reverse("family"))
    assert [(c.child, c.meeting, c.reference) for c in page.context["ahead"].classes] == [
        (child, missed, child.enrollments.get().reference),
        (child, host, ""),
    ]
    (agenda,) = page.context["children"]
    assert [row.host for row in agenda.guest_in] == [host]
    assert page.content.decode().count(host.room.name) >= 2
    client = logged_in(parent)
    client.post(reverse("announce", args=[host.pk, child.pk]), {"what": "late"})
    classes = client.get(reverse("family")).context["ahead"].classes
    assert [c.announced for c in classes if c.meeting == host] == ["late"]
    Meeting.objects.filter(pk=host.pk).update(cancelled_at=now)
    assert host not in [c.meeting for c in client.get(reverse("family")).context["ahead"].classes]


@pytest.mark.parametrize(("days", "urgent"), [(0, True), (1, False)])
def test_a_guest_class_of_today_comes_before_new_terms(guest, now, days, urgent):
    child, missed, host = guest
    missed.session.meetings.update(cancelled_at=now)
    begin(host, now + HOUR + days * DAY)
    assert is_urgent_today(child.guardians.first(), now) is urgent
