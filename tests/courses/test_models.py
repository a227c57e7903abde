"""Models of course data, timetable, people and places: what rows and querysets answer."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from courses.models import (
    Session,
)
from courses.models.lessons import known_hazards
from enrollments.models import (
    Child,
    Guardianship,
)
from tests.courses.test_constraints import enrollment
from tests.factories import (
    ChildFactory,
    GuardianshipFactory,
    SessionFactory,
    SkillFactory,
)

pytestmark = pytest.mark.django_db


def test_a_circle_of_skills_is_found():
    first, second, third, apart = SkillFactory(), SkillFactory(), SkillFactory(), SkillFactory()
    second.builds_on.add(first)
    third.builds_on.add(second)
    assert first.circle_through([third]) != []
    assert first.circle_through([first]) != []
    assert third.circle_through([first, apart]) == []


def test_an_unknown_hazard_is_refused():
    from django.core.exceptions import ValidationError

    known_hazards(["heat", "flashes"])
    with pytest.raises(ValidationError, match="lava"):
        known_hazards(["heat", "lava"])


def test_facts_with_sessions_or_pages_are_protected():
    from django.db.models import ProtectedError

    session = SessionFactory()
    for fact in (session.course, session.room, session.term, session.course.track, session.course.band):
        with pytest.raises(ProtectedError):
            fact.delete()


def test_no_person_is_named_by_its_str():
    tie = GuardianshipFactory(
        guardian__name="Salwa Amrani", child__first_name="Salma", child__last_name="Amrani"
    )
    for row in (tie, tie.child, tie.guardian, enrollment(child=tie.child)):
        assert not {"Salwa", "Salma", "Amrani"} & set(str(row).split())


def test_children_are_found_from_their_guardian(parent, other_parent):
    full, informed = ChildFactory(guardian=parent), ChildFactory()
    GuardianshipFactory(child=informed, guardian=parent, rights=Guardianship.Rights.INFORMED)
    assert set(Child.objects.of(parent)) == {full, informed}
    assert set(Child.objects.in_care_of(parent)) == {full}
    assert set(Child.objects.of(other_parent)) == set()


def test_current_sessions_are_those_not_over_and_those_without_dates():
    soon, gone, undated = (
        SessionFactory(first_on=date(2026, 12, 5)),
        SessionFactory(first_on=date(2026, 1, 3)),
        SessionFactory(laid_out=False),
    )
    assert set(Session.objects.current(date(2026, 12, 19))) == {soon, undated}
    assert set(Session.objects.current(date(2026, 12, 20))) == {undated}
    assert set(Session.objects.current(date(2026, 1, 17))) == {soon, gone, undated}


def test_an_instructor_is_found_through_the_session_or_one_meeting(instructor):
    own, guest, other = SessionFactory(instructors=[instructor]), SessionFactory(), SessionFactory()
    guest.meetings.first().instructors.add(instructor)
    assert set(Session.objects.taught_by(instructor)) == {own, guest}
    assert other not in Session.objects.taught_by(instructor)


def test_free_places_never_fall_below_zero():
    assert Session(capacity=10, held_back=2, seats_taken=5).free == 3
    assert Session(capacity=10, held_back=2, seats_taken=8).free == 0
    assert Session(capacity=5, held_back=0, seats_taken=9).free == 0


def test_the_end_of_joining_is_the_earlier_of_closing_and_the_last_day():
    session = SessionFactory(first_on=date(2026, 12, 5), join_until=date(2026, 12, 12))
    day_after = datetime(2026, 12, 13, tzinfo=timezone.get_default_timezone())
    assert session.joinable_until == day_after
    session.closes_at = day_after - timedelta(days=3)
    assert session.joinable_until == session.closes_at
    session.closes_at = day_after + timedelta(days=3)
    assert session.joinable_until == day_after
