"""Two managers hand over the classes of an instructor who leaves, at the same time."""

from datetime import time, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from courses.models import Meeting, Session
from courses.timetable import scheduling
from enrollments.permissions import INSTRUCTOR
from enrollments.staff import handover
from enrollments.staff.handover import Handover
from tests.factories import SessionFactory, StaffFactory
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TURNS = 4


def instructor():
    return StaffFactory(role=INSTRUCTOR)


def taught_by(*people, starts, at):
    """Return a session of three classes, all to come."""
    facts = {"first_on": timezone.localdate(at) + timedelta(days=3), "count": 3, "minimum": 0}
    return SessionFactory(instructors=people, starts=starts, ends=time(starts.hour + 1), **facts)


def everything_to(successor, leaving, at):
    """Return an act: all that this instructor teaches as the page is opened goes to one successor."""
    choices = {duty.name: Handover(duty, successor) for duty in handover.duties_of(leaving, at)}
    return lambda: len(handover.hand_over(leaving, choices, at=at))


def together(*acts):
    outcomes = at_once(*acts)
    connections.close_all()
    return outcomes


def teachers(session) -> list[set[int]]:
    rows = Meeting.objects.filter(session=session).order_by("number")
    return [{person.pk for person in meeting.teachers} for meeting in rows]


def test_two_managers_with_two_successors_leave_one_of_them_in_every_class():
    at = timezone.now()
    for _turn in range(TURNS):
        leaving, one, other = instructor(), instructor(), instructor()
        first, second = (taught_by(leaving, starts=time(hour), at=at) for hour in (9, 14))
        named = taught_by(instructor(), starts=time(11), at=at).meetings.get(number=2)
        scheduling.assign(named, [leaving], at=at)
        outcomes = together(everything_to(one, leaving, at), everything_to(other, leaving, at))
        assert outcomes == [("done", 0)] * 2, "the second finds nothing left to hand over"
        assert handover.duties_of(leaving, at) == []
        found = [*teachers(first), *teachers(second), {person.pk for person in named.teachers}]
        assert found in ([{one.pk}] * 7, [{other.pk}] * 7), "all or nothing"


def test_two_who_leave_to_each_other_wait_for_each_other_and_no_class_is_lost():
    at = timezone.now()
    for _turn in range(TURNS):
        one, other = instructor(), instructor()
        sessions = [taught_by(one, starts=time(9), at=at), taught_by(other, starts=time(14), at=at)]
        outcomes = together(everything_to(other, one, at), everything_to(one, other, at))
        assert {kind for kind, _left in outcomes} == {"done"}, outcomes
        for session in sessions:
            assert all(len(people) == 1 and people <= {one.pk, other.pk} for people in teachers(session))


def test_a_class_assigned_meanwhile_is_told_or_stays_with_whom_it_was_given_to():
    at = timezone.now()
    for _turn in range(TURNS):
        leaving, successor, helper = instructor(), instructor(), instructor()
        session = taught_by(leaving, starts=time(9), at=at)
        third = session.meetings.get(number=3)
        outcomes = together(
            everything_to(successor, leaving, at),
            lambda third=third, helper=helper: scheduling.assign(third, [helper], at=at),
        )
        assert {kind for kind, _left in outcomes} == {"done"}, outcomes
        assert teachers(session) == [{successor.pk}, {successor.pk}, {helper.pk}]
        assert list(Session.objects.get(pk=session.pk).instructors.all()) == [successor]
