"""Offer deadlines; leaving, moving, waiting together; and the consistency check."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from courses.models import Session
from enrollments.models import Enrollment, Letter, PlaceEvent, SessionEvent
from enrollments.places import admission, audit, offers, overrides, waiting_list, withdrawal
from enrollments.places.offer_deadlines import offer_end
from tests.factories import CourseFactory, GuardianshipFactory
from tests.queues import AT, DAY, HOUR, join, local, queue, session_of, state, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("true_at_the_end")]
State = Enrollment.State


# ---- how long an offer holds


@pytest.mark.parametrize(
    ("at", "meeting", "joinable", "kind", "until"),
    [
        (local(2026, 11, 20, 12), None, None, "letter", local(2026, 11, 22, 12)),
        (local(2026, 11, 20, 12), local(2026, 12, 5, 14), None, "letter", local(2026, 11, 22, 12)),
        (
            local(2026, 11, 20, 12),
            local(2026, 11, 22, 14),
            None,
            "letter",
            local(2026, 11, 21, 14),
        ),  # 24 h before the meeting
        (
            local(2026, 11, 20, 15),
            local(2026, 11, 21, 14),
            None,
            "call",
            local(2026, 11, 22, 15),
        ),  # nearer than a day
        (
            local(2026, 11, 20, 14),
            local(2026, 11, 21, 14),
            None,
            "call",
            local(2026, 11, 22, 14),
        ),  # to the minute: no time is left
        (
            local(2026, 11, 20, 22),
            None,
            None,
            "letter",
            local(2026, 11, 23, 11),
        ),  # at night: the morning after
        (local(2026, 11, 20, 3), None, None, "letter", local(2026, 11, 22, 11)),
        (local(2026, 11, 20, 9), None, None, "letter", local(2026, 11, 22, 9)),  # nine is day
        (local(2026, 11, 20, 21), None, None, "letter", local(2026, 11, 23, 11)),  # twenty-one is night
        (local(2026, 11, 20, 20, 59), None, None, "letter", local(2026, 11, 22, 20, 59)),
        (local(2026, 11, 20, 12), local(2026, 11, 23, 10), None, "letter", local(2026, 11, 22, 10)),
        (
            local(2026, 11, 20, 12),
            local(2026, 11, 23, 8),
            None,
            "letter",
            local(2026, 11, 21, 20, 59),
        ),  # 11:00 is too late
        (
            local(2026, 11, 20, 20, 30),
            local(2026, 11, 22, 8),
            None,
            "call",
            local(2026, 11, 22, 20, 30),
        ),  # and 20:59 too near
        (local(2026, 11, 20, 12), None, local(2026, 11, 21, 18), "letter", local(2026, 11, 21, 18)),
    ],
)
def test_until_when_an_offer_holds(at, meeting, joinable, kind, until):
    end = offer_end(at, next_meeting_at=meeting, joinable_until=joinable)
    assert (end.kind, timezone.localtime(end.until)) == (kind, until)


def test_no_offer_after_the_last_day_to_join():
    assert offer_end(AT, next_meeting_at=None, joinable_until=AT) is None


# ---- leaving


def test_who_enrolled_leaves_at_once_the_other_guardians_wish_waits_a_day(parent, other_parent):
    session = session_of()
    child = ten(parent)
    GuardianshipFactory(child=child, guardian=other_parent)
    row, waits = join(session, child, by=parent), join(session)
    withdrawal.withdraw(row, by=other_parent, at=AT)
    assert state(row) == "seated" and row.leaves_at == AT + DAY
    assert {letter.recipient for letter in Letter.objects.filter(kind="leaving")} == {parent, other_parent}
    withdrawal.take_back(row, by=parent, at=AT + 23 * HOUR)
    assert state(row) == "seated" and row.leaves_at is None
    withdrawal.withdraw(row, by=other_parent, at=AT + DAY)
    waiting_list.settle_due(AT + 2 * DAY)
    assert [state(row), state(waits)] == ["withdrawn", "offered"]
    with pytest.raises(withdrawal.Refused):
        withdrawal.take_back(row, by=parent, at=AT + 2 * DAY)


def test_a_meeting_within_the_day_makes_it_at_once(parent, other_parent):
    session = session_of()
    child = ten(parent)
    GuardianshipFactory(child=child, guardian=other_parent)
    row = join(session, child, by=parent)
    withdrawal.withdraw(row, by=other_parent, at=session.first_at - 5 * HOUR)
    assert state(row) == "withdrawn"


def test_moving_is_a_place_there_or_nothing_changes_here(manager):
    here, there, full = session_of(), session_of(), session_of()
    row, waits = queue(here, 1)
    queue(full, 1)
    with pytest.raises(withdrawal.Refused) as refusal:
        withdrawal.move(row, full, by=manager, at=AT)
    assert refusal.value.code == "full" and state(row) == "seated"
    new = withdrawal.move(row, there, by=manager, at=AT)
    assert (new.state, new.session, state(row), state(waits)) == ("seated", there, "moved", "offered")
    assert new.reference == row.reference
    too_old = session_of(course=CourseFactory(band="A"))
    with pytest.raises(withdrawal.Refused) as refusal:
        withdrawal.move(new, too_old, by=manager, at=AT)
    assert refusal.value.code == "inadmissible" and state(new) == "seated"


# ---- together


def test_two_who_want_both_or_none_wait_as_one_and_are_offered_as_one(parent):
    session = session_of(capacity=2)
    one, other = join(session), join(session)
    pair = [ten(parent), ten(parent)]
    rows = admission.enroll_together(children=pair, session=session, by=parent, at=AT, all_or_none=True)
    single = join(session)
    withdraw(one)
    assert [state(row) for row in (*rows, single)] == ["waiting", "waiting", "offered"], (
        "one seat: passed over, the position kept"
    )
    withdraw(other)
    withdraw(single)
    assert [state(row) for row in rows] == ["offered", "offered"]
    offers.accept(rows[0], by=parent, at=AT)
    assert [state(row) for row in rows] == ["seated", "seated"]


def test_when_one_of_them_leaves_the_other_keeps_the_ticket_and_is_served_alone(parent):
    session = session_of(capacity=2)
    one, _other = join(session), join(session)
    rows = admission.enroll_together(
        children=[ten(parent), ten(parent)], session=session, by=parent, at=AT, all_or_none=True
    )
    withdraw(one)
    assert [state(row) for row in rows] == ["waiting", "waiting"]
    withdrawal.withdraw(rows[0], by=parent, at=AT)
    assert [state(row) for row in rows] == ["withdrawn", "offered"]


# ---- the check itself


@pytest.mark.parametrize(
    ("invariant", "harm"),
    [
        (1, lambda row: Session.objects.filter(pk=row.session_id).update(waiting_count=5)),
        (4, lambda row: Session.objects.filter(pk=row.session_id).update(capacity=2)),
        (5, lambda row: Session.objects.filter(pk=row.session_id).update(next_ticket=1)),
        (6, lambda row: Enrollment.objects.filter(pk=row.pk).update(ticket=9)),
        (
            6,
            lambda row: PlaceEvent.objects.create(
                enrollment_ref=row.pk,
                session_ref=row.session_id,
                child_ref=row.child_id,
                from_state="offered",
                to_state="seated",
                reason="x",
                at=AT,
                ticket=row.ticket,
            ),
        ),
    ],
)
def test_the_check_finds_what_is_not_true(invariant, harm):
    session = session_of()
    _seated, waits = queue(session, 1)
    assert audit.check(AT) == []
    harm(waits)
    assert invariant in {fault.invariant for fault in audit.check(AT)}


@pytest.mark.parametrize("act", ["update", "delete"])
@pytest.mark.parametrize("model", [PlaceEvent, SessionEvent])
def test_the_database_refuses_to_change_an_event(model, act, manager):
    session = session_of(capacity=2)
    join(session)
    overrides.set_seats(session, 3, session.held_back, reason="room", by=manager, at=AT)
    with pytest.raises(DatabaseError, match="events are only added"), transaction.atomic():
        model.objects.update(reason="x") if act == "update" else model.objects.all().delete()


def test_the_command_says_what_it_found(capsys):
    queue(session_of(), 1)
    call_command("check_places")
    assert "1 sessions checked, 0 faults" in capsys.readouterr().out
