"""Closing a day and shifting hours: atomic, one email per guardian, rooms and closures respected, at most
eight taps.
"""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import Closure, Meeting
from courses.timetable import bulk_changes, scheduling
from enrollments.classes import change_notices
from enrollments.models import Letter
from enrollments.places import admission
from tests.factories import (
    ChildFactory,
    ClosureFactory,
    GuardianshipFactory,
    RoomFactory,
    SessionFactory,
    UserFactory,
    VenueFactory,
)
from tests.queues import AT, FIRST, ten, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def room():
    return RoomFactory()


def session_in(room, starts, **facts):
    ends = time(starts.hour + 1, starts.minute)
    return SessionFactory(
        **(
            {"room": room, "first_on": FIRST, "count": 3, "starts": starts, "ends": ends, "minimum": 0}
            | facts
        )
    )


def days_of(session) -> list[date]:
    return list(session.meetings.filter(cancelled_at=None).order_by("starts_at").values_list("on", flat=True))


def close(first, venue_id, *, name, at, last=None):
    """Close days as somebody does who has just read the plan."""
    seen = bulk_changes.mark_of_plan(bulk_changes.plan_closing(first, venue_id, at, last=last), at)
    return bulk_changes.close(first, venue_id, name=name, at=at, last=last, plan=seen)


def shift(first, last, venue_id, minutes, *, reason, at):
    """Shift hours as somebody does who has just read the plan."""
    seen = bulk_changes.mark_of_plan(bulk_changes.plan_shift(first, last, venue_id, minutes, at), at)
    return bulk_changes.shift(first, last, venue_id, minutes, reason=reason, at=at, plan=seen)


def test_each_class_of_a_closed_day_moves_behind_the_last_of_its_session(room):
    morning, evening = session_in(room, time(9)), session_in(room, time(16))
    behind = FIRST + timedelta(weeks=3)
    ClosureFactory(starts_on=behind, ends_on=behind)
    SessionFactory(
        room=room,
        first_on=behind + timedelta(weeks=1),
        count=1,
        starts=time(16, 30),
        ends=time(17),
        minimum=0,
    )
    done = close(FIRST + timedelta(weeks=1), None, name="Panne", at=AT)
    assert days_of(morning) == [FIRST, FIRST + timedelta(weeks=2), behind + timedelta(weeks=1)], (
        "not on a closure"
    )
    assert days_of(evening) == [FIRST, FIRST + timedelta(weeks=2), behind + timedelta(weeks=2)], (
        "not where another class is"
    )
    assert (
        len(done) == 2 and Closure.objects.filter(name="Panne", starts_on=FIRST + timedelta(weeks=1)).exists()
    )
    moved = Meeting.objects.get(session=morning, number=2)
    assert (moved.moved_from, moved.revision, moved.reason) == (FIRST + timedelta(weeks=1), 1, "Panne")


def test_a_class_without_any_other_day_is_cancelled_and_said(room):
    session = session_in(room, time(9))
    ClosureFactory(starts_on=FIRST + timedelta(weeks=3), ends_on=FIRST + timedelta(weeks=20))
    (change,) = close(FIRST + timedelta(weeks=1), None, name="Panne", at=AT)
    assert change.after is None and len(days_of(session)) == 2


def test_two_classes_of_one_day_in_one_room_do_not_take_the_same_other_day(room):
    session = session_in(room, time(9))
    other = session_in(room, time(11), count=4)
    scheduling.move(
        other.meetings.get(number=4), on=FIRST + timedelta(weeks=1), starts=time(14), ends=time(15), at=AT
    )
    close(FIRST + timedelta(weeks=1), None, name="Panne", at=AT)
    assert days_of(session)[-1] == FIRST + timedelta(weeks=3)
    assert sorted(days_of(other)) == [FIRST, *(FIRST + timedelta(weeks=week) for week in (2, 3, 4))]


def test_only_at_one_venue(room):
    here, there = session_in(room, time(9)), session_in(RoomFactory(), time(9))
    close(FIRST, room.venue_id, name="Grève", at=AT)
    assert days_of(here)[0] != FIRST and (days_of(there)[0] == FIRST or there.room.venue_id == room.venue_id)


@pytest.mark.parametrize("minutes", [60, -60])
def test_hours_shift_although_each_class_steps_into_the_hour_of_another(room, minutes):
    first, second = session_in(room, time(9)), session_in(room, time(10))
    done = shift(FIRST, FIRST + timedelta(days=7), None, minutes, reason="Ramadan", at=AT)
    assert len(done) == 4
    hours = [
        list(session.meetings.order_by("number").values_list("starts", flat=True))
        for session in (first, second)
    ]
    to = minutes // 60
    assert hours == [[time(9 + to), time(9 + to), time(9)], [time(10 + to), time(10 + to), time(10)]]


def test_all_or_nothing(room):
    late, early = session_in(room, time(22)), session_in(room, time(9))
    with pytest.raises(scheduling.Refused):
        shift(FIRST, FIRST, None, 120, reason="x", at=AT)
    other = RoomFactory(venue=room.venue)
    scheduling.move(early.meetings.get(number=1), on=FIRST, starts=time(9), ends=time(10), room=other, at=AT)
    SessionFactory(room=other, first_on=FIRST, count=1, starts=time(10, 30), ends=time(11), minimum=0)
    for wrong in ((0, FIRST), (60, FIRST - timedelta(days=1)), (60, FIRST + timedelta(days=200))):
        with pytest.raises(scheduling.Refused):
            bulk_changes.plan_shift(FIRST, wrong[1], None, wrong[0], AT)
    assert set(Meeting.objects.filter(session=late).values_list("starts", flat=True)) == {time(22)}


def test_what_has_begun_stays(room):
    session = session_in(room, time(9))
    during = timezone.make_aware(datetime.combine(FIRST, time(9, 30)))
    assert bulk_changes.plan_closing(FIRST, None, during) == []
    assert days_of(session)[0] == FIRST


def test_one_letter_to_each_guardian_with_all_of_it(room):
    """Two children of one mother in two sessions, and an informed father of one of them."""
    mother, father = UserFactory(), UserFactory(language="ar")
    brother, sister = ten(parent=mother, first_name="Adam"), ten(parent=mother, first_name="Lina")
    GuardianshipFactory(child=sister, guardian=father, rights="informed")
    one, two = session_in(room, time(9)), session_in(room, time(16))
    admission.enroll(child=brother, session=one, by=None, at=AT)
    admission.enroll(child=sister, session=two, by=None, at=AT)
    waiting = session_in(room, time(18), capacity=1)
    admission.enroll(child=ten(), session=waiting, by=None, at=AT)
    Letter.objects.all().delete()
    done = close(FIRST, None, name="Panne", at=AT)
    assert change_notices.tell(done, reason="Panne", at=AT) == 3
    hers, his = Letter.objects.get(recipient=mother), Letter.objects.get(recipient=father)
    assert "Adam" in hers.body and "Lina" in hers.body and hers.child is None and "2 séances" in hers.subject
    assert "Adam" not in his.body and his.child == sister and "Lina" in his.subject
    assert hers.body.index("09:00") < hers.body.index("16:00")
    assert "Raison\xa0: Panne" in hers.body and "السبب: «\u2068Panne\u2069» (بالفرنسية)" in his.body
    with translation.override("ar"):
        assert f"{two.room.venue.name}، {two.room.name}" in his.body


def test_a_class_moved_or_cancelled_on_its_own_screen_is_told_too(room):
    session = session_in(room, time(9))
    admission.enroll(child=ten(), session=session, by=None, at=AT)
    scheduling.move(
        session.meetings.get(number=2),
        on=FIRST + timedelta(days=8),
        starts=time(10),
        ends=time(11),
        at=AT,
        reason="Salle",
    )
    scheduling.cancel(session.meetings.get(number=3), at=AT, reason="Férié")
    moved, off = Letter.objects.filter(kind="classes_changed").order_by("pk")
    assert "10:00" in moved.body and "Salle" in moved.body and "annulée" in off.body


# ---- at the office


def test_a_day_is_closed_in_a_few_taps_what_changes_is_read_first(logged_in, manager, academy_settings, room):
    day = timezone.localdate() + timedelta(days=9)
    session = SessionFactory(room=room, first_on=day, count=2, minimum=0)
    guardian = UserFactory()
    admission.enroll(
        child=ChildFactory(guardian=guardian, age=10), session=session, by=None, at=timezone.now()
    )
    client, url = logged_in(manager), reverse("office_close_day")
    typed = {"day": f"{day:%Y-%m-%d}", "name": "Panne de courant", "venue": ""}
    look = client.get(url, typed)
    page = look.content.decode()
    assert "1 séance va changer" in page and "1 responsable" in page and days_of(session)[0] == day, (
        "looking changes nothing"
    )
    assert client.get(url, typed | {"day": "2020-01-01"}).status_code == 422
    assert client.get(url, typed | {"day": "demain"}).status_code == 422
    assert client.post(url, typed).status_code == 422, "no plan was read"
    typed["plan"] = look.context["plan"]
    assert client.post(url, typed).status_code == 302
    assert days_of(session) == [day + timedelta(days=7), day + timedelta(days=14)]
    assert Letter.objects.filter(kind="classes_changed", recipient=guardian).count() == 1
    client.post(url, typed)
    assert Letter.objects.filter(kind="classes_changed").count() == 1, "pressed again: nothing more changes"


def test_hours_are_shifted_at_the_office(logged_in, manager, academy_settings, room):
    day = timezone.localdate() + timedelta(days=9)
    session = SessionFactory(room=room, first_on=day, count=2, minimum=0)
    client, url = logged_in(manager), reverse("office_shift_hours")
    typed = {"first": f"{day}", "last": f"{day}", "minutes": "-60", "venue": room.venue_id, "name": "Ramadan"}
    look = client.get(url, typed)
    assert "1 séance va changer" in look.content.decode()
    assert client.get(url, typed | {"minutes": "7"}).status_code == 422
    client.post(url, typed | {"plan": look.context["plan"]})
    assert session.meetings.order_by("number").first().starts == time(13)


def test_a_plan_asks_the_same_for_one_class_of_a_busy_instructor_and_for_three(room, instructor, queries):
    """Every week in which a class could be made up is looked at; none of them costs a query."""
    elsewhere = RoomFactory(venue=VenueFactory(code="busy"))
    SessionFactory(room=elsewhere, first_on=FIRST + timedelta(weeks=3), count=8, instructors=[instructor])
    counts = []
    for hour in (14, 15, 16):
        session_in(room, time(hour), instructors=[instructor])
        with queries() as asked:
            changes = bulk_changes.plan_closing(FIRST, None, AT)
        counts.append((len(changes), len(asked)))
    assert [planned for planned, _asked in counts] == [1, 2, 3]
    assert counts[0][1] == counts[1][1] == counts[2][1]
    assert changes[0].after is None, "the instructor teaches elsewhere in each of those weeks"


@pytest.mark.parametrize("what", ["close_day", "shift_hours"])
def test_a_plan_that_has_changed_since_it_was_read_is_shown_again_with_what_was_typed(
    logged_in, manager, academy_settings, room, what
):
    day = timezone.localdate() + timedelta(days=9)
    session = SessionFactory(room=room, first_on=day, count=2, minimum=0)
    client, url = logged_in(manager), reverse(f"office_{what}")
    typed = {"day": f"{day}", "first": f"{day}", "last": f"{day}", "minutes": "-60", "venue": ""}
    typed["name"] = "Panne de courant"
    seen = client.get(url, typed).context["plan"]
    added = SessionFactory(first_on=day, count=2, minimum=0)  # a colleague, meanwhile
    again = client.post(url, typed | {"plan": seen})
    page = again.content.decode()
    assert again.status_code == 422 and "Le planning a changé entre-temps" in page
    assert "2 séances vont changer" in page and 'value="Panne de courant"' in page
    for one in (session, added):
        first = one.meetings.order_by("number").first()
        assert (first.on, first.starts) == (day, time(14)), "nothing was done"
    assert client.post(url, typed | {"plan": again.context["plan"]}).status_code == 302
    assert all(one.meetings.filter(revision=1).count() == 1 for one in (session, added))


def test_another_child_on_the_list_that_ends_with_the_last_class_is_another_plan(manager):
    """As many children wait as were shown, but not the same ones."""
    session = SessionFactory(first_on=FIRST, count=1, capacity=1, minimum=0)
    ClosureFactory(starts_on=FIRST + timedelta(days=1), ends_on=FIRST + timedelta(weeks=20))
    admission.enroll(child=ten(), session=session, by=None, at=AT)
    gone = admission.enroll(child=ten(), session=session, by=None, at=AT)
    seen = bulk_changes.mark_of_plan(bulk_changes.plan_closing(FIRST, None, AT), AT)
    withdraw(gone)
    admission.enroll(child=ten(), session=session, by=None, at=AT)
    with pytest.raises(scheduling.Refused) as refusal:
        bulk_changes.close(FIRST, None, name="Panne", at=AT, plan=seen)
    assert refusal.value.code is scheduling.Reason.CHANGED and days_of(session) == [FIRST]
