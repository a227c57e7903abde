"""Waiting list: offers, their deadlines, and known faults of similar systems, each by name."""

import re
from datetime import date, time, timedelta

import pytest

from courses.models import OpeningHours
from enrollments.classes import progress
from enrollments.families.children import correct_birth_date
from enrollments.models import Enrollment, Letter, PlaceEvent, SessionEvent
from enrollments.places import offer_links, offers, overrides, waiting_list, withdrawal
from tests.factories import ChildFactory, CourseFactory, UserFactory, ask_for
from tests.queues import AT, DAY, HOUR, join, local, queue, session_of, state, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("true_at_the_end")]
State = Enrollment.State


# ---- a seat passes on


def test_a_freed_seat_is_offered_to_the_first_who_waits_in_the_same_transaction():
    session = session_of()
    seated, second, third = queue(session, 2)
    withdraw(seated)
    assert [state(row) for row in (seated, second, third)] == ["withdrawn", "offered", "waiting"]
    assert second.offer_until == AT + 2 * DAY and second.offer_kind == "letter"
    offer = Letter.objects.get(kind="offer")
    link = offer_links.find(re.search(r"/([\w-]+:[\w-]+:[\w-]+)/", offer.body)[1])
    assert link.is_open() and link.row == second
    assert link.reader == offer.recipient == second.child.guardians.get()
    session.refresh_from_db()
    assert (session.seats_taken, session.waiting_count) == (1, 1)


@pytest.mark.parametrize(
    "how", ["withdraw", "remove", "decline", "lapse", "move", "raise", "held", "no_answer"]
)
def test_whatever_frees_a_seat_passes_it_on(how, manager):
    session, other = (
        session_of(capacity=2, held_back=1 if how == "held" else 0),
        session_of(starts=time(9), ends=time(10)),
    )
    rows = queue(session, 1 if how == "held" else 2)
    first, last = rows[0], rows[-1]
    if how in {"decline", "lapse", "no_answer"}:
        withdraw(first)
        offered = rows[2]
        assert state(offered) == "offered"
        last = join(session)
        if how == "decline":
            offers.decline(offered, by=None, at=AT)
        elif how == "no_answer":
            offers.no_answer(offered, by=manager, at=AT)
        else:
            offers.mark_opened(offered, AT)
            assert waiting_list.settle_due(AT + 3 * DAY) == 1
        assert state(offered) in {"declined", "lapsed"}
    elif how == "withdraw":
        withdraw(first)
    elif how == "remove":
        withdrawal.remove(first, by=manager, reason="conduct", at=AT)
    elif how == "move":
        assert withdrawal.move(first, other, by=manager, at=AT).state == "seated"
    elif how == "raise":
        overrides.set_seats(session, 3, session.held_back, reason="room", by=manager, at=AT)
    else:
        overrides.set_seats(session, session.capacity, 0, reason="freed", by=manager, at=AT)
    assert state(last) == "offered"


def test_a_cancelled_offer_is_passed_on_at_once():
    session = session_of()
    seated, second, third = queue(session, 2)
    withdraw(seated)
    withdraw(second)
    assert [state(row) for row in (second, third)] == ["withdrawn", "offered"]


def test_two_offers_never_compete_for_one_seat():
    session = session_of()
    seated, *rest = queue(session, 3)
    withdraw(seated)
    for _again in range(3):
        waiting_list.settle_due(AT + HOUR)
        withdrawal.withdraw(seated, by=seated.child.guardians.first(), at=AT)
    assert [state(row) for row in rest] == ["offered", "waiting", "waiting"]


def test_accepting_seats_the_child_and_saying_it_twice_is_once():
    session = session_of()
    seated, second, _third = queue(session, 2)
    withdraw(seated)
    for _press in range(2):
        assert offers.accept(second, by=second.child.guardians.first(), at=AT + HOUR)[0].state == "seated"
    assert PlaceEvent.objects.filter(enrollment_ref=second.pk, reason="accepted").count() == 1
    assert Letter.objects.filter(kind="accepted").count() == 1


def test_nothing_is_offered_after_the_last_day_to_join_and_who_waited_is_told():
    session = session_of(count=6)
    seated, second = queue(session, 1)
    late = session.joinable_until
    waiting_list.settle_due(late)
    assert state(second) == "lapsed" and Letter.objects.filter(kind="waiting_over").count() == 1
    withdraw(seated, at=late + HOUR)
    assert state(second) == "lapsed" and not Enrollment.objects.filter(state="offered").exists()


def test_an_offer_ends_with_joining():
    session = session_of()
    seated, second, _third = queue(session, 2)
    withdraw(seated, at=session.joinable_until - 30 * HOUR)
    assert state(second) == "offered" and second.offer_until <= session.joinable_until
    waiting_list.settle_due(session.joinable_until)
    assert (
        state(second) == "lapsed" and not Enrollment.objects.filter(state__in=["offered", "waiting"]).exists()
    )


def test_nothing_is_offered_once_the_session_is_cancelled(manager):
    session = session_of()
    rows = queue(session, 2)
    withdrawal.cancel_session(session, by=manager, at=AT, reason="too_few")
    assert [state(row) for row in rows] == ["cancelled"] * 3
    assert Letter.objects.filter(kind="session_cancelled").count() == 3
    withdrawal.cancel_session(session, by=manager, at=AT, reason="too_few")
    assert Letter.objects.filter(kind="session_cancelled").count() == 3, "cancelled once"


def test_lowering_the_capacity_hands_out_nothing_and_is_refused_below_the_places_taken(manager):
    session = session_of(capacity=4)
    for _child in range(2):
        join(session)
    with pytest.raises(overrides.Refused) as refusal:
        overrides.set_seats(session, 1, session.held_back, reason="room", by=manager, at=AT)
    assert refusal.value.least == 2
    overrides.set_seats(session, 2, session.held_back, reason="room", by=manager, at=AT)
    waits = join(session)
    assert waits.state == "waiting" and not Enrollment.objects.filter(state="offered").exists()
    assert [(row.what, row.before, row.after) for row in SessionEvent.objects.all()] == [("capacity", 4, 2)]


def test_a_brothers_letter_does_not_overwrite_his_sisters(parent):
    session = session_of(capacity=2)
    first, second = join(session), join(session)
    brother, sister = (join(session, ten(parent, first_name=name)) for name in ("Adam", "Salma"))
    withdraw(first), withdraw(second)
    assert [state(brother), state(sister)] == ["offered", "offered"]
    told = Letter.objects.filter(kind="offer", recipient=parent)
    assert {letter.child for letter in told} == {brother.child, sister.child}
    assert len({letter.body for letter in told}) == 2


def test_the_queue_goes_by_ticket_not_by_profile(parent):
    """A long-standing family, or one whose name sorts first, waits like any other."""
    session = session_of()
    seated, second = queue(session, 1)
    known = ten(parent)
    join(session_of(starts=time(9), ends=time(10)), known)
    third = join(session, known)
    withdraw(seated)
    assert [state(second), state(third)] == ["offered", "waiting"]


def test_age_is_that_of_the_first_meeting_not_of_today():
    course = CourseFactory(band="C")
    session = session_of(course=course, beginners_welcome=True)
    turns_twelve_in_time = ChildFactory(birth_date=date(2014, 12, 5), guardian=UserFactory())
    assert turns_twelve_in_time.age_on(AT.date()) == 11
    assert join(session, turns_twelve_in_time).state == "seated"


def test_a_corrected_birth_date_unseats_nobody_but_passes_an_offer_on():
    session = session_of()
    seated, second, third = queue(session, 2)
    correct_birth_date(seated.child, birth_date=date(2021, 1, 1), at=AT)
    assert state(seated) == "seated"
    withdraw(seated)
    correct_birth_date(second.child, birth_date=date(2021, 1, 1), at=AT)
    assert [state(second), state(third)] == ["waiting", "offered"], "it keeps its ticket and waits"
    withdraw(third)
    assert state(second) == "waiting", "nobody else: the seat stays free"
    correct_birth_date(second.child, birth_date=date(2016, 1, 1), at=AT)
    assert state(second) == "offered", "admissible again: served at once"


def test_a_waiver_serves_who_waited_for_it(manager):
    session = session_of()
    seated, small = join(session), None
    small = join(session)
    correct_birth_date(small.child, birth_date=date(2021, 1, 1), at=AT)
    withdraw(seated)
    assert state(small) == "waiting"
    for _again in range(2):
        overrides.waive(small.child, session, "too_young", reason="ready", by=manager, at=AT)
    assert state(small) == "offered"


def test_a_level_that_is_confirmed_serves_who_waited_for_it(parent, instructor):
    course = CourseFactory()
    session = session_of(course=course)
    seated, waits = join(session), join(session, ten(parent))
    ask_for(course, CourseFactory())
    withdraw(seated)
    assert state(waits) == "waiting", "the course asks for a level now"
    said = progress.declare_equivalent(child=waits.child, course=course, by=parent, at=AT)
    progress.confirm_equivalent(said, by=instructor, at=AT)
    assert state(waits) == "offered"


def test_a_child_seated_elsewhere_at_that_hour_is_passed_over_and_served_when_it_gives_that_up():
    session, same_hour = session_of(), session_of()
    seated = join(session)
    child = ten()
    waits = join(session, child)
    elsewhere = join(same_hour, child)
    assert elsewhere.state == "seated"
    withdraw(seated)
    assert state(waits) == "waiting"
    withdraw(elsewhere)
    assert state(waits) == "offered"


def test_accepting_gives_up_the_offers_and_waits_that_overlap_and_their_seats_pass_on():
    one, other = session_of(), session_of()
    child = ten()
    first, second = join(one), join(other)
    mine, mine_too = join(one, child), join(other, child)
    behind = join(other)
    withdraw(first), withdraw(second)
    assert [state(mine), state(mine_too), state(behind)] == ["offered", "offered", "waiting"]
    assert offers.overlapping_hopes([child.pk], one.pk, AT) == [mine_too], "the page says so before"
    offers.accept(mine, by=None, at=AT)
    assert [state(mine), state(mine_too), state(behind)] == ["seated", "withdrawn", "offered"]


def test_an_offer_that_no_longer_fits_cannot_be_accepted():
    session, same_hour = session_of(), session_of(capacity=2)
    child = ten()
    seated, mine = join(session), join(session, child)
    withdraw(seated)
    join(same_hour, child)
    with pytest.raises(offers.Refused) as refusal:
        offers.accept(mine, by=None, at=AT)
    assert [obstacle.code for obstacle in refusal.value.obstacles] == ["clash"]
    assert state(mine) == "offered"


# ---- the clock


def test_half_way_one_reminder_then_the_end():
    session = session_of()
    seated, second, third = queue(session, 2)
    withdraw(seated)
    offers.mark_opened(second, AT)
    for after in (23, 24, 25, 47):
        waiting_list.settle_due(AT + after * HOUR)
    assert Letter.objects.filter(kind="offer_reminder").count() == 1
    waiting_list.settle_due(AT + 48 * HOUR)
    assert [state(second), state(third)] == ["lapsed", "offered"]
    assert PlaceEvent.objects.filter(enrollment_ref=second.pk).last().reason == "ran_out"
    assert join(session, second.child, at=AT + 49 * HOUR).state == "waiting", "it may join again, at the tail"


def test_if_nobody_ticks_the_next_caller_settles():
    session = session_of()
    seated, second, third = queue(session, 2)
    withdraw(seated)
    offers.mark_opened(second, AT)
    newcomer = join(session, at=AT + 3 * DAY)
    assert [state(second), state(third), newcomer.state] == ["lapsed", "offered", "waiting"]
    with pytest.raises(offers.Refused):
        offers.accept(second, by=None, at=AT + 3 * DAY)


def test_an_offer_nobody_opened_is_on_the_call_list_and_lasts_until_the_desk_was_open_for_an_hour():
    session = session_of()
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(
        venue=session.room.venue, weekday=0, opens=time(9), closes=time(18)
    )  # Mondays
    seated, second = queue(session, 1)
    at = local(2026, 11, 19, 14)  # Thursday: the offer ends on Saturday at 14:00
    withdraw(seated, at=at)
    assert list(offers.call_list(at)) == [] and list(offers.call_list(local(2026, 11, 21, 3))) == [second]
    waiting_list.settle_due(local(2026, 11, 21, 14))
    assert state(second) == "offered", "the desk was closed: nobody could telephone"
    waiting_list.settle_due(local(2026, 11, 23, 9, 59))
    assert state(second) == "offered"
    waiting_list.settle_due(local(2026, 11, 23, 10))
    assert state(second) == "lapsed"


def test_near_a_meeting_the_family_is_called_and_has_twenty_minutes(manager):
    session = session_of()
    seated, second, third = queue(session, 2)
    at = session.first_at - 5 * HOUR
    withdraw(seated, at=at)
    assert state(second) == "offered" and second.offer_kind == "call"
    assert list(offers.call_list(at)) == [second]
    waiting_list.settle_due(at + 2 * HOUR)
    assert state(second) == "offered", "nobody has called yet"
    offers.call(second, by=manager, at=at + 2 * HOUR)
    waiting_list.settle_due(at + 2 * HOUR + timedelta(minutes=19))
    assert state(second) == "offered"
    waiting_list.settle_due(at + 2 * HOUR + timedelta(minutes=20))
    assert [state(second), state(third)] == ["lapsed", "offered"]


def test_what_is_settled_before_half_way_does_not_swallow_the_reminder(manager):
    session = session_of()
    seated, second, _third = queue(session, 2)
    withdraw(seated)
    overrides.set_opening(
        session, None, session.joinable_until - HOUR, reason="calendar", by=manager, at=AT + HOUR
    )  # settles
    waiting_list.settle_due(AT + DAY)
    assert Letter.objects.filter(kind="offer_reminder").count() == 1
    waiting_list.settle_due(AT + DAY + HOUR)
    second.refresh_from_db()
    assert Letter.objects.filter(kind="offer_reminder").count() == 1 and second.due_at == second.offer_until
