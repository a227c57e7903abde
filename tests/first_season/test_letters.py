"""Cases of a first season, each under its number: what letters say, and who is told."""

from datetime import date, time

import pytest
from django.urls import reverse

from courses.timetable import scheduling
from enrollments.calendars import feeds, ics
from enrollments.classes import messages
from enrollments.families import children, guardian_accounts, guardians
from enrollments.letters import delivery
from enrollments.models import Guardianship, Letter
from enrollments.places import withdrawal
from tests.factories import ChildFactory, GuardianshipFactory, RoomFactory
from tests.queues import DAY, HOUR, join, soon, state, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def test_case_30_no_word_of_an_instructor_is_lost_in_the_html_part(instructor, parent, now):
    session = soon(instructors=[instructor])
    join(session, ten(parent), at=now, by=parent)
    words = {"fr": "Le jeu (https://example.org/jeu), et apportez un casque."}
    messages.write(session, texts=words, by=instructor, at=now)
    text, page = delivery.composed(Letter.objects.get(kind="message"))
    link = 'href="https://example.org/jeu"'
    assert ("casque" in text, "casque" in page, link in page) == (True, True, True)


def test_case_32a_an_instructor_s_calendar_strikes_a_cancelled_session_out_and_a_letter_says_so(
    instructor, manager, now
):
    session = soon(instructors=[instructor])
    join(session, at=now)
    withdrawal.cancel_session(session, by=manager, at=now, reason="few")
    body = ics.calendar(feeds.meetings_for(instructor, None, now), name="x", at=now).decode()
    struck_out = body.count("STATUS:CANCELLED")
    assert ("STATUS:CONFIRMED" in body, struck_out) == (False, session.meetings.count())
    assert Letter.objects.get(recipient=instructor).kind == "team_session_ended"


def test_case_32b_who_invited_reads_that_the_letter_came_back(parent, logged_in, now):
    child = ChildFactory(guardian=parent, age=10)
    guardians.invite(
        children=[child], relation="father", rights="full", email="typo@example.org", by=parent, at=now
    )
    client, url = logged_in(parent), reverse("child_guardians", args=[child.pk])
    page = client.get(url).content.decode()
    letter = Letter.objects.get(kind="invitation")
    delivery.send_due(now + HOUR)
    assert delivery.note_bounce(str(letter.message_id), at=now + HOUR)
    again = client.get(url).content.decode()
    assert ("est revenu" in page, "est revenu" in again) == (False, True)


def test_case_32c_who_is_being_offered_a_place_is_told_of_a_moved_class(parent, now):
    session = soon(capacity=1)
    seat, row = join(session, at=now), join(session, ten(parent), at=now, by=parent)
    withdraw(seat, at=now)
    assert state(row) == "offered"
    meeting = session.meetings.get(number=1)
    scheduling.move(meeting, on=meeting.on + DAY, starts=time(10), ends=time(11, 30), at=now, reason="Panne")
    assert Letter.objects.filter(recipient=parent, kind="classes_changed").exists()


def test_case_33_nothing_of_a_child_goes_to_an_address_that_was_never_proved(front_desk, now):
    person = guardian_accounts.open_account(
        name="Hind Exemple", phone="+212661000123", email="typo@example.org", language="fr", at=now
    )
    child = children.add_child(
        first_name="Salma", last_name="Exemple", birth_date=date(2016, 6, 1), by=person
    )
    join(soon(), child, at=now, by=front_desk)
    told = Letter.objects.get(recipient=person, kind="enrolled")
    # Stricter than the case: told at the desk, and only the opening letter goes there.
    assert told.channel == "desk" and "Salma" in told.body
    posted = Letter.objects.filter(recipient=person, channel="email")
    assert [letter.kind for letter in posted] == ["account_opened"]
    assert "Salma" not in posted.get().subject + posted.get().body


def test_case_34_another_room_is_said(parent, now):
    session = soon()
    join(session, ten(parent), at=now, by=parent)
    meeting, there = session.meetings.get(number=1), RoomFactory(name_fr="Salle Loin")
    scheduling.move(
        meeting, on=meeting.on, starts=meeting.starts, ends=meeting.ends, room=there, at=now, reason="Panne"
    )
    body = Letter.objects.get(kind="classes_changed").body
    before, _arrow, after = body.splitlines()[0].partition(" → ")
    assert session.room.name_fr in before and "Salle Loin" in after


def test_case_37_an_informed_guardian_invited_to_full_rights_gets_them_or_is_told(parent, other_parent, now):
    child = ChildFactory(guardian=parent, age=10)
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    invitation, _token = guardians.invite(
        children=[child], relation="father", rights="full", email="", by=parent, at=now
    )
    guardians.accept(invitation, by=other_parent, at=now)
    assert Guardianship.objects.get(child=child, guardian=other_parent).rights == "full"
