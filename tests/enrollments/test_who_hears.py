"""Every event of the table is made to happen: the people it names are written to, nobody else, once each."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command

from enrollments.letters import audience, samples
from enrollments.letters.audience import EVENTS, Who
from enrollments.models import Letter
from tests import happenings
from tests.factories import (
    CourseFactory,
    GuardianshipFactory,
    UserFactory,
)
from tests.queues import DAY, join, soon, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
# Walked with the page tree: test_a_plan_that_fails_stays_is_red_and_told_once_and_the_others_are_done.
ELSEWHERE = {"plan_failed"}
BY_CODE = {event.code: event for event in EVENTS}


@pytest.fixture
def world(parent, other_parent, instructor, manager, front_desk, now, tmp_path, settings):
    """A child with a full and an informed guardian, seated in a session that somebody teaches."""
    settings.PRIVATE_ROOT = tmp_path
    session = soon(instructors=[instructor], capacity=2, price=1600, course=CourseFactory(lessons=12))
    child = ten(parent, first_name="Salma")
    informed = UserFactory(name="Oncle Exemple")
    GuardianshipFactory(child=child, guardian=informed, rights="informed", relation="other")
    row = join(session, child, at=now - 9 * DAY, by=parent)
    colleague = UserFactory(name="Hind Exemple")
    colleague.groups.set(instructor.groups.all())
    Letter.objects.all().delete()
    people = {
        parent: Who.FULL,
        informed: Who.INFORMED,
        instructor: Who.TEACHES,
        colleague: Who.TEACHES,
        manager: Who.MANAGER,
        front_desk: Who.DESK,
        other_parent: Who.FULL,
    }
    return SimpleNamespace(
        session=session, child=child, row=row, parent=parent, second=other_parent, informed=informed,
        instructor=instructor, colleague=colleague, manager=manager, desk=front_desk, now=now, people=people,
    )  # fmt: skip


# ---- the walk


@pytest.mark.parametrize(
    "event", [event for event in EVENTS if event.code not in ELSEWHERE], ids=lambda event: event.code
)
def test_exactly_the_people_of_the_table_hear_one_message_each(event, world):
    getattr(happenings, event.code)(world)
    told = {}
    for letter in Letter.objects.select_related("recipient"):
        who = world.people.get(letter.recipient) if letter.recipient else Who.INVITED
        assert who is not None, f"somebody else hears of it: {letter.kind}"
        assert (letter.recipient, letter.address) not in told, f"two messages to one person: {letter.kind}"
        told[letter.recipient, letter.address] = (who, letter.kind)
    assert dict(told.values()) == dict(event.hears)


def test_every_kind_of_message_is_in_the_table():
    kinds = {kind.code for kind in samples.KINDS} - set(samples.LOGIN) - audience.BY_CLOCK
    assert {kind for event in EVENTS for kind in event.hears.values()} == kinds
    assert len(BY_CODE) == len(EVENTS)


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_command_prints_the_table(language, capsys):
    call_command("who_hears", language=language)
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == len(EVENTS) + 2 and len({line.count("|") for line in lines}) == 1
