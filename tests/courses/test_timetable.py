"""Scheduling, moving and cancelling classes: by calendar, in local time, never in the past."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from courses.models import Closure, Meeting, Session
from courses.models.timetable import instant
from courses.standing import standing
from courses.timetable import scheduling
from enrollments.places import admission
from tests.factories import (
    ChildFactory,
    ClosureFactory,
    CourseFactory,
    RoomFactory,
    SessionFactory,
    VenueFactory,
)

pytestmark = pytest.mark.django_db

CASABLANCA = ZoneInfo("Africa/Casablanca")
FIRST = date(2026, 12, 5)  # a Saturday
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)


def days_of(session) -> list[date]:
    return list(session.meetings.order_by("number").values_list("on", flat=True))


def meeting(session, number) -> Meeting:
    return session.meetings.get(number=number)


# ---- days


def test_weekly_days_follow_the_calendar():
    days, skipped = scheduling.weekly(FIRST, 3, [], venue_id=1)
    assert (days, skipped) == ([date(2026, 12, 5), date(2026, 12, 12), date(2026, 12, 19)], [])


def test_a_weekday_moves_the_beginning_to_the_first_such_day():
    days, _skipped = scheduling.weekly(date(2026, 12, 1), 2, [], venue_id=1, weekday=2)
    assert days == [date(2026, 12, 2), date(2026, 12, 9)]


def test_a_weekday_that_is_the_first_date_begins_that_day():
    days, _skipped = scheduling.weekly(FIRST, 1, [], venue_id=1, weekday=5)
    assert days == [FIRST]


def test_closures_are_skipped_and_the_end_is_pushed_back():
    closed = ClosureFactory(starts_on=date(2026, 12, 10), ends_on=date(2026, 12, 12))
    days, skipped = scheduling.weekly(FIRST, 3, [closed], venue_id=1)
    assert days == [date(2026, 12, 5), date(2026, 12, 19), date(2026, 12, 26)]
    assert skipped == [(date(2026, 12, 12), closed)]


def test_a_closure_counts_its_first_and_its_last_day():
    closed = Closure(starts_on=date(2026, 12, 5), ends_on=date(2026, 12, 12))
    covered = [closed.covers(date(2026, 12, day)) for day in (4, 5, 12, 13)]
    assert covered == [False, True, True, False]


def test_a_closure_of_one_venue_leaves_the_others_open():
    here, there = VenueFactory(), VenueFactory(code="casablanca")
    closed = ClosureFactory(starts_on=FIRST, venue=here)
    assert scheduling.weekly(FIRST, 1, [closed], here.pk)[0] == [date(2026, 12, 12)]
    assert scheduling.weekly(FIRST, 1, [closed], there.pk)[0] == [FIRST]


def test_closures_without_end_are_refused():
    ClosureFactory(starts_on=FIRST, ends_on=date(2029, 1, 1))
    with pytest.raises(scheduling.Refused):
        SessionFactory(first_on=FIRST)


# ---- wall time


def test_the_wall_time_stays_when_morocco_changes_its_clock_on_20_september_2026():
    session = SessionFactory(first_on=date(2026, 9, 12), starts=time(15), ends=time(16, 30))
    rows = list(session.meetings.order_by("number"))
    assert [row.starts_at.astimezone(CASABLANCA).time() for row in rows] == [time(15)] * 3
    # UTC+1 until the eve, UTC+0 from that Sunday on
    assert [row.starts_at.astimezone(UTC).hour for row in rows] == [14, 14, 15]
    assert days_of(session) == [date(2026, 9, 12), date(2026, 9, 19), date(2026, 9, 26)]


def test_the_wall_time_stays_through_the_old_clock_of_ramadan():
    """In 2026 Morocco still changed its clock for Ramadan, from 15 February to 22 March."""
    session = SessionFactory(first_on=date(2026, 2, 7), starts=time(10), ends=time(11), count=8)
    rows = list(session.meetings.order_by("number"))
    assert {row.starts_at.astimezone(CASABLANCA).time() for row in rows} == {time(10)}
    assert [row.starts_at.astimezone(UTC).hour for row in rows] == [9, 9, 10, 10, 10, 10, 10, 9]


def test_a_session_knows_its_days_hours_and_last_day_to_join():
    session = SessionFactory(first_on=FIRST, starts=time(14), ends=time(15, 30), count=5)
    assert (session.first_on, session.last_on, session.meetings_count) == (FIRST, date(2027, 1, 2), 5)
    assert (session.starts, session.ends, session.weekday) == (time(14), time(15, 30), 5)
    assert session.last_day_to_join == date(2026, 12, 19)


def test_a_short_session_may_be_joined_until_its_last_meeting():
    assert SessionFactory(first_on=FIRST, count=2).last_day_to_join == date(2026, 12, 12)


def test_each_meeting_has_its_lesson_in_order():
    session = SessionFactory(course=CourseFactory(lessons=2, meetings_count=3), first_on=FIRST)
    assert [row.lesson.number if row.lesson else None for row in session.meetings.order_by("number")] == [
        1,
        2,
        None,
    ]


# ---- rooms


def test_a_taken_room_is_refused_and_nothing_is_written():
    room = RoomFactory()
    SessionFactory(room=room, first_on=FIRST, starts=time(14), ends=time(15, 30), course__code="FIRST-ONE")
    other = SessionFactory(room=room, laid_out=False)
    with pytest.raises(scheduling.Refused, match="FIRST-ONE"):
        scheduling.lay_out(other, first_on=FIRST, starts=time(15), ends=time(16), at=BEFORE)
    assert not other.meetings.exists()
    other.refresh_from_db()
    assert other.first_on is None


def test_one_meeting_may_begin_when_the_other_ends():
    room = RoomFactory()
    SessionFactory(room=room, first_on=FIRST, starts=time(14), ends=time(15, 30))
    assert SessionFactory(room=room, first_on=FIRST, starts=time(15, 30), ends=time(17)).meetings_count == 3


def test_a_cancelled_meeting_or_session_frees_its_room():
    room = RoomFactory()
    gone = SessionFactory(room=room, first_on=FIRST)
    Session.objects.filter(pk=gone.pk).update(cancelled_at=BEFORE)
    assert SessionFactory(room=room, first_on=FIRST).meetings_count == 3


def test_hours_in_the_wrong_order_are_refused():
    with pytest.raises(scheduling.Refused):
        SessionFactory(first_on=FIRST, starts=time(16), ends=time(15))


# ---- laying out again


def test_laying_out_again_replaces_the_meetings():
    session = SessionFactory(first_on=FIRST)
    scheduling.lay_out(
        session, first_on=date(2026, 12, 6), starts=time(10), ends=time(11), at=BEFORE, count=2
    )
    assert days_of(session) == [date(2026, 12, 6), date(2026, 12, 13)]


def test_laying_out_is_refused_once_a_child_holds_a_place(parent):
    session = SessionFactory(first_on=FIRST, opens_at=None)
    child = ChildFactory(guardian=parent, birth_date=date(2016, 6, 1))
    admission.enroll(child=child, session=session, by=parent, at=BEFORE)
    with pytest.raises(scheduling.Refused):
        scheduling.lay_out(session, first_on=date(2026, 12, 6), starts=time(10), ends=time(11), at=BEFORE)
    assert days_of(session)[0] == FIRST


def test_laying_out_is_refused_once_a_meeting_has_begun():
    session = SessionFactory(first_on=FIRST)
    begun = meeting(session, 1).starts_at
    with pytest.raises(scheduling.Refused):
        scheduling.lay_out(session, first_on=date(2027, 1, 2), starts=time(10), ends=time(11), at=begun)
    scheduling.lay_out(
        session, first_on=date(2027, 1, 2), starts=time(10), ends=time(11), at=begun - timedelta(seconds=1)
    )
    assert days_of(session)[0] == date(2027, 1, 2)


# ---- moving and cancelling one


def test_moving_one_meeting_moves_no_other():
    session = SessionFactory(first_on=FIRST)
    moved = scheduling.move(
        meeting(session, 2),
        on=date(2026, 12, 13),
        starts=time(10),
        ends=time(11),
        at=BEFORE,
        reason="salle prise",
    )
    assert days_of(session) == [FIRST, date(2026, 12, 13), date(2026, 12, 19)]
    assert (moved.moved_from, moved.revision, moved.reason) == (date(2026, 12, 12), 1, "salle prise")
    assert moved.starts_at == instant(date(2026, 12, 13), time(10))


def test_moving_twice_keeps_the_first_plan():
    session = SessionFactory(first_on=FIRST)
    scheduling.move(meeting(session, 2), on=date(2026, 12, 13), starts=time(10), ends=time(11), at=BEFORE)
    moved = scheduling.move(
        meeting(session, 2), on=date(2026, 12, 14), starts=time(10), ends=time(11), at=BEFORE
    )
    assert (moved.moved_from, moved.revision) == (date(2026, 12, 12), 2)


def test_moving_the_last_meeting_moves_the_last_day():
    session = SessionFactory(first_on=FIRST)
    scheduling.move(meeting(session, 3), on=date(2027, 1, 3), starts=time(10), ends=time(11), at=BEFORE)
    session.refresh_from_db()
    assert (session.first_on, session.last_on) == (FIRST, date(2027, 1, 3))


def test_what_is_past_stays_as_it_was():
    session = SessionFactory(first_on=FIRST)
    first = meeting(session, 1)
    with pytest.raises(scheduling.Refused):
        scheduling.move(first, on=date(2027, 1, 3), starts=time(10), ends=time(11), at=first.starts_at)
    with pytest.raises(scheduling.Refused):
        scheduling.cancel(first, at=first.starts_at, reason="malade")
    assert days_of(session)[0] == FIRST


def test_a_meeting_is_not_moved_into_the_past():
    session = SessionFactory(first_on=FIRST)
    at = meeting(session, 1).ends_at
    with pytest.raises(scheduling.Refused):
        scheduling.move(meeting(session, 2), on=date(2026, 12, 1), starts=time(10), ends=time(11), at=at)
    assert days_of(session)[1] == date(2026, 12, 12)


def test_a_meeting_is_not_moved_onto_a_closure_or_into_a_taken_room():
    session, other = SessionFactory(first_on=FIRST), SessionFactory(first_on=FIRST)
    ClosureFactory(starts_on=date(2026, 12, 13), name_fr="Fête du trône")
    with pytest.raises(scheduling.Refused, match="Fête du trône"):
        scheduling.move(meeting(session, 2), on=date(2026, 12, 13), starts=time(10), ends=time(11), at=BEFORE)
    with pytest.raises(scheduling.Refused):
        scheduling.move(
            meeting(session, 2), on=FIRST, starts=time(15), ends=time(16), room=other.room, at=BEFORE
        )


def test_a_cancelled_meeting_stays_visible_with_its_reason_and_is_cancelled_once():
    session = SessionFactory(first_on=FIRST)
    gone = scheduling.cancel(meeting(session, 1), at=BEFORE, reason="animatrice malade")
    session.refresh_from_db()
    assert (gone.cancelled_at, gone.reason, session.meetings.count()) == (BEFORE, "animatrice malade", 3)
    assert (session.first_on, session.meetings_count) == (date(2026, 12, 12), 2)
    with pytest.raises(scheduling.Refused):
        scheduling.cancel(gone, at=BEFORE, reason="encore")


def test_the_last_meeting_moved_to_a_later_hour_runs_until_its_new_end():
    session = SessionFactory(first_on=FIRST, join_until=FIRST)
    scheduling.move(meeting(session, 3), on=date(2026, 12, 19), starts=time(18), ends=time(20), at=BEFORE)
    session.refresh_from_db()
    old_end, new_end = instant(date(2026, 12, 19), time(15, 30)), instant(date(2026, 12, 19), time(20))
    assert session.over_at == new_end
    seen = [standing(session, at) for at in (old_end, new_end - timedelta(seconds=1), new_end)]
    assert [(now.code, now.at) for now in seen] == [
        ("running", new_end),
        ("running", new_end),
        ("finished", new_end),
    ]


def test_the_first_instant_follows_the_moved_hour_of_the_first_meeting():
    session = SessionFactory(first_on=FIRST)
    for hour in (time(17), time(9)):  # later, then earlier than planned
        scheduling.move(meeting(session, 1), on=FIRST, starts=hour, ends=time(hour.hour + 1), at=BEFORE)
        session.refresh_from_db()
        assert (session.first_on, session.first_at) == (FIRST, instant(FIRST, hour))
        assert session.starts == time(14)  # the weekly hour stays what it was


def test_one_may_still_join_when_the_first_three_of_eight_are_cancelled():
    session = SessionFactory(first_on=FIRST, count=8)
    assert (session.join_until, session.last_day_to_join) == (None, date(2026, 12, 19))
    for number in (1, 2, 3):
        scheduling.cancel(meeting(session, number), at=BEFORE, reason="salle inondée")
    session.refresh_from_db()
    assert (session.first_on, session.third_on, session.meetings_count) == (
        date(2026, 12, 26),
        date(2027, 1, 9),
        5,
    )
    assert (session.join_until, session.last_day_to_join) == (None, date(2027, 1, 9))
    midnight = instant(date(2027, 1, 10), time(0))
    seen = [
        standing(session, at).code
        for at in (instant(date(2026, 12, 20), time(12)), midnight - timedelta(seconds=1), midnight)
    ]
    assert seen == ["places", "places", "running"]


def test_the_day_a_manager_typed_stays_whatever_is_cancelled():
    session = SessionFactory(first_on=FIRST, count=8, join_until=date(2026, 12, 12))
    scheduling.cancel(meeting(session, 1), at=BEFORE, reason="salle inondée")
    session.refresh_from_db()
    assert session.join_until == session.last_day_to_join == date(2026, 12, 12)


def test_a_session_without_a_meeting_that_stands_says_nothing_of_its_days():
    session = SessionFactory(first_on=FIRST, count=2)
    for number in (1, 2):
        scheduling.cancel(meeting(session, number), at=BEFORE, reason="salle inondée")
    session.refresh_from_db()
    assert {getattr(session, name) for name in scheduling.IN_STEP} == {None, 0}


@pytest.mark.parametrize(
    "act",
    [
        lambda session, first: scheduling.lay_out(
            session, first_on=FIRST, starts=time(10), ends=time(11), at=BEFORE
        ),
        lambda session, first: scheduling.move(first, on=FIRST, starts=time(10), ends=time(11), at=BEFORE),
        lambda session, first: scheduling.cancel(first, at=BEFORE, reason="encore"),
    ],
    ids=["lay_out", "move", "cancel"],
)
def test_the_dates_of_a_cancelled_session_do_not_change(act):
    session = SessionFactory(first_on=FIRST)
    first = meeting(session, 1)
    Session.objects.filter(pk=session.pk).update(
        cancelled_at=BEFORE
    )  # meanwhile: what the caller holds does not know
    before = list(Meeting.objects.order_by("pk").values())
    with pytest.raises(scheduling.Refused):
        act(session, first)
    assert list(Meeting.objects.order_by("pk").values()) == before


# ---- a government changes its clock


def test_instants_are_derived_again_from_wall_times_and_the_past_stays():
    session = SessionFactory(first_on=FIRST)
    for row in session.meetings.all():  # as an older clock derived them: an hour early
        Meeting.objects.filter(pk=row.pk).update(
            starts_at=row.starts_at - timedelta(hours=1), ends_at=row.ends_at - timedelta(hours=1)
        )
    since = instant(date(2026, 12, 10), time(12))
    assert scheduling.derive_again(since) == 2
    hours = [row.starts_at.astimezone(CASABLANCA).hour for row in session.meetings.order_by("number")]
    assert hours == [13, 14, 14]
    assert scheduling.derive_again(since) == 0


def test_the_instants_a_session_keeps_come_along_when_they_are_derived_again():
    session = SessionFactory(first_on=FIRST)
    right = session.first_at, session.over_at
    hour = timedelta(hours=1)
    for row in session.meetings.all():  # as an older clock derived them: an hour early
        Meeting.objects.filter(pk=row.pk).update(starts_at=row.starts_at - hour, ends_at=row.ends_at - hour)
    Session.objects.filter(pk=session.pk).update(first_at=right[0] - hour, over_at=right[1] - hour)
    assert scheduling.derive_again(BEFORE) == 3
    session.refresh_from_db()
    assert (
        (session.first_at, session.over_at)
        == right
        == (instant(FIRST, time(14)), instant(date(2026, 12, 19), time(15, 30)))
    )
