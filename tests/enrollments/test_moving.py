"""Moving or cancelling a class on a phone, and substitute instructors."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting, OpeningHours
from courses.timetable import scheduling
from enrollments.classes import rescheduling
from enrollments.models import Letter
from enrollments.places import admission
from tests.factories import ChildFactory, ClosureFactory, SessionFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def meeting(instructor, now):
    """Return the first class, within the instructor's window, of a session with one child."""
    session = SessionFactory(
        first_on=timezone.localdate(now) + timedelta(days=3), instructors=[instructor], count=4
    )
    guardian = UserFactory(language="ar")
    admission.enroll(child=ChildFactory(guardian=guardian), session=session, by=guardian, at=now)
    return session.meetings.order_by("number").first()


def test_what_is_proposed_is_free_for_the_room_the_instructor_the_children_and_the_house(
    meeting, instructor, now
):
    free = rescheduling.free_slots(meeting, now)
    assert 1 < len(free) <= rescheduling.MOST and all(slot.on > meeting.on for slot in free)
    first, second, third, *_more = free
    ClosureFactory(starts_on=first.on, ends_on=first.on)
    SessionFactory(first_on=second.on, count=1, room=meeting.room, starts=time(8), ends=time(20))
    other = SessionFactory(first_on=third.on, count=1, starts=time(8), ends=time(20))
    admission.enroll(child=meeting.session.enrollments.get().child, session=other, by=None, at=now)
    left = {slot.on for slot in rescheduling.free_slots(meeting, now)}
    assert not left & {first.on, second.on, third.on}
    busy = next(iter(sorted(left)))
    SessionFactory(first_on=busy, count=1, starts=time(8), ends=time(20), instructors=[instructor])
    assert busy not in {slot.on for slot in rescheduling.free_slots(meeting, now)}


def test_only_hours_of_the_house_are_proposed(meeting, now):
    OpeningHours.objects.create(venue=meeting.room.venue, weekday=2, opens=time(9), closes=time(13))
    assert {(slot.on.weekday(), slot.starts) for slot in rescheduling.free_slots(meeting, now)} == {
        (2, time(11, 30))
    }, "the free hour nearest to the usual one"


def test_moved_in_five_taps_with_letters_in_the_readers_language(logged_in, instructor, meeting, now):
    client, url = logged_in(instructor), reverse("desk_move", args=[meeting.pk])
    slot = rescheduling.free_slots(meeting, now)[0]
    sent = {"slot": f"{slot.on}.{slot.starts:%H:%M}", "reason": "power"}
    assert url in client.get(reverse("desk_register", args=[meeting.pk])).content.decode()
    look = client.post(url, sent | {"act": "look"}).content.decode()
    assert "انقطاع الكهرباء" in look and "pas d’électricité" in look and "no electricity" in look
    assert Meeting.objects.get(pk=meeting.pk).on == meeting.on, "looking changes nothing"
    assert client.post(url, sent | {"act": "do"}).url == reverse("desk_told", args=[meeting.pk])
    moved = Meeting.objects.get(pk=meeting.pk)
    assert (moved.on, moved.starts) == (slot.on, slot.starts)
    (letter,) = Letter.objects.filter(kind="classes_changed")
    assert letter.meeting == moved and "انقطاع الكهرباء" in letter.body
    assert letter.recipient.name in client.get(reverse("desk_told", args=[meeting.pk])).content.decode()
    assert client.post(url, sent | {"act": "do"}).status_code == 422, (
        "pressed again: this time is no longer free"
    )


def test_cancelled_without_another_day(logged_in, instructor, meeting):
    client = logged_in(instructor)
    client.post(
        reverse("desk_move", args=[meeting.pk]),
        {"slot": "cancel", "reason": "other", "words": "Grève", "act": "do"},
    )
    gone = Meeting.objects.get(pk=meeting.pk)
    assert gone.cancelled_at and gone.reason == "Grève"
    assert "Grève" in Letter.objects.get(kind="classes_changed").body
    assert "annulée" in client.get(reverse("desk_told", args=[meeting.pk])).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"slot": "cancel"},
        {"slot": "cancel", "reason": "other", "words": "  "},
        {"slot": "2020-01-01.10:00", "reason": "ill"},
        {"slot": "x", "reason": "ill"},
        {"reason": "ill"},
    ],
)
def test_wrong_input_says_so_and_changes_nothing(logged_in, instructor, meeting, wrong):
    answer = logged_in(instructor).post(reverse("desk_move", args=[meeting.pk]), wrong | {"act": "do"})
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert (
        not Meeting.objects.filter(pk=meeting.pk).exclude(cancelled_at=None).exists()
        and not Letter.objects.filter(kind="classes_changed").exists()
    )


def test_a_class_that_has_begun_stays_where_it_is(logged_in, instructor, meeting, now):
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=now - timedelta(minutes=1))
    assert logged_in(instructor).get(reverse("desk_move", args=[meeting.pk])).status_code == 404


def test_the_desk_names_a_substitute_for_today_and_access_follows_at_once(
    logged_in, instructor, front_desk, meeting
):
    substitute = StaffFactory(role="Instructors", name="Zineb Remplaçante")
    client, url = logged_in(front_desk), reverse("desk_teachers", args=[meeting.pk])
    Meeting.objects.filter(pk=meeting.pk).update(on=timezone.localdate())
    assert "Zineb" in client.get(url).content.decode()
    client.post(url, {"person": [substitute.pk]})
    register = reverse("desk_register", args=[meeting.pk])
    assert logged_in(substitute).get(register).status_code == 200
    assert logged_in(instructor).get(register).status_code == 404
    logged_in(front_desk).post(url, {})
    assert logged_in(instructor).get(register).status_code == 200, "nobody named: those of the session"


def test_a_class_that_is_on_takes_a_substitute_one_that_is_over_does_not(meeting, instructor, now):
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=5)
    )
    scheduling.assign(meeting, [instructor], at=now)
    with pytest.raises(scheduling.Refused):
        scheduling.assign(meeting, [], at=now + timedelta(minutes=6))


def test_who_has_another_class_at_that_hour_stands_last(meeting, instructor, now):
    free, held = (
        StaffFactory(role="Instructors", name="A Libre"),
        StaffFactory(role="Instructors", name="A Prise"),
    )
    SessionFactory(first_on=meeting.on, count=1, starts=meeting.starts, ends=meeting.ends, instructors=[held])
    found = {person: bool(said.cautions) for person, said in rescheduling.who_could_teach(meeting, now)}
    assert (found[free], found[held]) == (False, True) and list(found)[-1] == held


def test_the_weekdays_we_teach_are_proposed_and_not_those_of_the_desk(meeting, now):
    venue = meeting.room.venue
    for weekday in range(7):
        OpeningHours.objects.create(venue=venue, weekday=weekday, opens=time(9), closes=time(20))
    other = meeting.on + timedelta(days=2)  # a weekday on which another session has its classes
    SessionFactory(first_on=other, count=3, starts=time(9), ends=time(10))
    found = rescheduling.free_slots(meeting, now)
    assert {slot.on.weekday() for slot in found} == {other.weekday(), meeting.on.weekday()}
    assert all(slot.starts == meeting.starts for slot in found), "the usual hour where it is free"


def test_another_free_hour_is_proposed_where_the_usual_one_is_taken(meeting, now):
    day = rescheduling.free_slots(meeting, now)[0].on
    SessionFactory(first_on=day, count=1, room=meeting.room, starts=time(13), ends=time(17), weekday=None)
    slot = next(slot for slot in rescheduling.free_slots(meeting, now) if slot.on == day)
    assert (slot.starts, slot.ends) == (time(11, 30), time(13))


@pytest.fixture
def own_time(meeting):
    """Return the answer that asks for a day and hour of one's own: a Monday evening."""
    day = meeting.on + timedelta(days=(0 - meeting.on.weekday()) % 7 or 7)
    return {"slot": "other", "day": f"{day}", "time": "19:15", "reason": "ill"}


def test_any_day_and_hour_can_be_typed(logged_in, instructor, meeting, own_time):
    client, url = logged_in(instructor), reverse("desk_move", args=[meeting.pk])
    look = client.post(url, own_time | {"act": "look"})
    assert look.status_code == 200 and 'name="time" value="19:15"' in look.content.decode()
    assert client.post(url, own_time | {"act": "do"}).status_code == 302
    moved = Meeting.objects.get(pk=meeting.pk)
    assert (f"{moved.on}", moved.starts, moved.ends) == (own_time["day"], time(19, 15), time(20, 45))


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": ""},
        {"time": ""},
        {"day": "31/02/2027"},
        {"time": "25:00"},
        {"time": "23:30"},
        {"day": "2020-01-06"},
    ],
)
def test_a_time_that_cannot_be_is_refused_with_a_sentence_and_kept(
    logged_in, instructor, meeting, own_time, wrong
):
    client, url = logged_in(instructor), reverse("desk_move", args=[meeting.pk])
    for act in ("look", "do"):
        page = client.post(url, own_time | wrong | {"act": act})
        assert page.status_code == 422 and 'role="alert"' in page.content.decode()
    assert 'value="other"\n' in page.content.decode() and Meeting.objects.get(pk=meeting.pk).on == meeting.on


def test_a_closed_day_and_a_taken_room_are_said_at_the_first_look(logged_in, instructor, meeting, own_time):
    client, url = logged_in(instructor), reverse("desk_move", args=[meeting.pk])
    closure = ClosureFactory(starts_on=own_time["day"], ends_on=own_time["day"])
    assert "Fête" in client.post(url, own_time | {"act": "look"}).context["fault"]
    closure.delete()
    SessionFactory(
        first_on=meeting.on + timedelta(days=(0 - meeting.on.weekday()) % 7 or 7), count=1,
        room=meeting.room, starts=time(18), ends=time(20),
    )  # fmt: skip
    assert client.post(url, own_time | {"act": "look"}).status_code == 422


def test_what_is_unusual_is_confirmed_before_the_class_moves(logged_in, instructor, meeting, own_time, now):
    OpeningHours.objects.create(venue=meeting.room.venue, weekday=2, opens=time(9), closes=time(18))
    child = meeting.session.enrollments.get().child
    day = meeting.on + timedelta(days=(0 - meeting.on.weekday()) % 7 or 7)
    other = SessionFactory(
        first_on=day, count=1, starts=time(19), ends=time(20), instructors=[instructor], minimum=0
    )
    admission.enroll(child=child, session=other, by=None, at=now)
    Letter.objects.all().delete()
    client, url = logged_in(instructor), reverse("desk_move", args=[meeting.pk])
    look = client.post(url, own_time | {"act": "look"})
    assert len(look.context["cautions"]) == 3  # closed that day, the instructor, the child
    assert client.post(url, own_time | {"act": "do"}).status_code == 422
    assert Meeting.objects.get(pk=meeting.pk).on == meeting.on
    sent = own_time | {"act": "do", "seen": look.context["cautions_mark"]}
    assert client.post(url, sent).status_code == 302
    assert other.course.title_ar in Letter.objects.get(kind="classes_changed").body, "the family reads it too"
