"""Instructors are told of every change to their classes, once each, and their calendar strikes out what is
cancelled.
"""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from courses.models import Meeting
from courses.timetable import scheduling
from enrollments.calendars import feeds, ics
from enrollments.classes import rescheduling
from enrollments.models import Letter
from enrollments.places import session_merge, withdrawal
from tests.factories import RoomFactory, UserFactory
from tests.queues import DAY, HOUR, join, soon, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def colleague(instructor):
    person = UserFactory(name="Hind Exemple")
    person.groups.set(instructor.groups.all())
    return person


@pytest.fixture
def session(instructor, now):
    made = soon(instructors=[instructor])
    join(made, ten(), at=now)
    Letter.objects.all().delete()
    return made


def first(session) -> Meeting:
    return session.meetings.select_related("session__course", "room__venue").order_by("number").first()


def told(person) -> list[str]:
    return list(Letter.objects.filter(recipient=person).order_by("pk").values_list("kind", flat=True))


def test_an_instructor_hears_of_a_cancelled_session_and_the_calendar_strikes_it_out(
    session, instructor, manager, now
):
    withdrawal.cancel_session(session, by=manager, at=now, reason="few")
    assert told(instructor) == ["team_session_ended"]
    body = ics.calendar(feeds.meetings_for(instructor, None, now), name="x", at=now).decode()
    assert "STATUS:CONFIRMED" not in body and body.count("STATUS:CANCELLED") == session.meetings_count
    assert "SEQUENCE:1" in body and "SEQUENCE:0" not in body


def test_a_substitute_of_one_class_hears_of_the_cancelled_session_too(
    session, instructor, colleague, manager, now
):
    first(session).instructors.set([colleague])
    withdrawal.cancel_session(session, by=manager, at=now, reason="few")
    assert (told(instructor), told(colleague)) == (["team_session_ended"], ["team_session_ended"])


def test_merging_tells_those_who_taught_the_session_that_ends(session, instructor, manager, now):
    into = soon(course=session.course, capacity=5)
    answer_by = session_merge.proposed(into, now)
    session_merge.unite(session, into, answer_by=answer_by, reason="few", by=manager, at=now)
    assert told(instructor) == ["team_session_ended"]


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_moved_class_is_told_to_the_substitute_and_not_to_the_one_replaced(
    session, instructor, colleague, now, by_hand
):
    meeting = first(session)
    meeting.instructors.set([colleague])
    slot = scheduling.Slot(meeting.on + DAY, time(10), time(11, 30))
    if by_hand:
        scheduling.move(meeting, on=slot.on, starts=slot.starts, ends=slot.ends, at=now)
    else:
        rescheduling.reschedule(meeting, slot, reason="", at=now)
    assert (told(instructor), told(colleague)) == ([], ["team_classes_changed"])
    assert "1 enfant" in Letter.objects.get(recipient=colleague).body


def test_a_cancelled_class_is_told(session, instructor, now):
    scheduling.cancel(first(session), at=now, reason="Panne")
    letter = Letter.objects.get(recipient=instructor)
    assert (letter.kind, "annulée" in letter.body, "Panne" in letter.body) == (
        "team_classes_changed",
        True,
        True,
    )


def test_a_substitute_and_the_one_replaced_are_told(session, instructor, colleague, now):
    meeting = first(session)
    scheduling.assign(meeting, [colleague], at=now)
    given, taken = Letter.objects.get(recipient=colleague), Letter.objects.get(recipient=instructor)
    assert (given.kind, taken.kind) == ("team_assigned", "team_assigned")
    assert given.subject == "Vous animez une séance de plus"
    assert taken.subject == "Une de vos séances est confiée à quelqu’un d’autre"


def test_naming_the_same_people_again_tells_nobody(session, instructor, now):
    scheduling.assign(first(session), [instructor], at=now)
    assert told(instructor) == []


def test_another_instructor_of_the_session_is_told_once_for_all_classes(session, instructor, colleague, now):
    scheduling.assign_session(session, [colleague], at=now)
    classes = session.meetings_count
    assert Letter.objects.get(recipient=colleague).subject == f"Vous animez {classes} séances de plus"
    assert told(instructor) == ["team_assigned"]


def test_a_draft_tells_nobody(instructor, colleague, now):
    draft = soon(instructors=[instructor], published_at=None)
    scheduling.assign_session(draft, [colleague], at=now)
    scheduling.assign(first(draft), [instructor], at=now)
    assert told(instructor) + told(colleague) == []


def test_another_room_is_said_with_the_one_before(session, instructor, now):
    guardian = session.enrollments.get().child.guardians.first()
    meeting, before = first(session), session.room
    there = RoomFactory(name_fr="Salle Loin", venue=before.venue)
    scheduling.move(meeting, on=meeting.on, starts=meeting.starts, ends=meeting.ends, room=there, at=now)
    for person in (guardian, instructor):
        letter = Letter.objects.get(recipient=person)
        line = letter.body.splitlines()[0]
        assert f"{before.name_fr} → Salle Loin" in line and letter.body.count("→") == 1


def test_another_house_is_said_with_its_name_and_a_new_hour_too(session, now):
    guardian = session.enrollments.get().child.guardians.first()
    meeting, before = first(session), session.room
    there = RoomFactory(name_fr="Salle Loin", venue__code="autre", venue__name_fr="Autre maison")
    scheduling.move(meeting, on=meeting.on, starts=time(16), ends=time(17), room=there, at=now)
    body = Letter.objects.get(recipient=guardian).body
    assert f"{before} → {there}" in body and "16:00–17:00" in body


def test_the_page_of_a_session_tells_those_whom_it_names(session, instructor, colleague, logged_in, manager):
    page = logged_in(manager).get(reverse("sessions:edit", args=[session.pk])).content.decode()
    assert f'value="{colleague.pk}"' in page
    data = {"instructors": [colleague.pk]}
    for name in ("course", "term", "room", "language", "capacity", "held_back", "minimum", "price"):
        value = getattr(session, f"{name}_id", None) or getattr(session, name)
        data[name] = value
    answer = logged_in(manager).post(reverse("sessions:edit", args=[session.pk]), data)
    assert answer.status_code == 302
    assert told(colleague) == ["team_assigned"] == told(instructor)


def test_a_moment_before_the_first_class_counts_and_after_it_not(session, colleague, instructor, now):
    meeting = first(session)
    scheduling.assign_session(session, [colleague], at=meeting.starts_at + HOUR)
    assert Letter.objects.get(recipient=colleague).body.count(":30") >= 1
    assert str(session.meetings_count - 1) in Letter.objects.get(recipient=colleague).subject
    assert timedelta() < meeting.ends_at - meeting.starts_at
