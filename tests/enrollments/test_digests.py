"""Optional emails are sent once, only to subscribers, with one-click unsubscribe; the managers' morning
report.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from academy import clockwork
from courses.timetable import scheduling
from enrollments.classes import digests, progress, register
from enrollments.letters import delivery, preferences
from enrollments.models import Letter, LetterWish, MakeUp
from enrollments.places import admission
from tests.factories import ChildFactory, SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
SATURDAY = datetime(2026, 12, 5, tzinfo=UTC)
FRIDAY_EVENING = SATURDAY - timedelta(hours=6)
SUNDAY_EVENING = datetime(2026, 11, 29, 18, tzinfo=UTC)


@pytest.fixture
def family():
    """Return two guardians of a child with a class on Saturday and one a week later; neither has opted in."""
    mother, father = UserFactory(), UserFactory(language="ar")
    child = ChildFactory(guardian=mother, first_name="Lina", birth_date=datetime(2016, 6, 1).date())
    child.guardianships.create(guardian=father, rights="informed")
    session = SessionFactory(first_on=SATURDAY.date(), count=2, minimum=0)
    admission.enroll(child=child, session=session, by=None, at=FRIDAY_EVENING - timedelta(days=20))
    Letter.objects.all().delete()
    return mother, father, session


def test_off_until_asked_then_once_an_evening(family):
    mother, father, _session = family
    assert digests.send_tomorrow(FRIDAY_EVENING) == 0
    preferences.ask_for(father, tomorrow=True, weekly=False)
    assert [digests.send_tomorrow(FRIDAY_EVENING + timedelta(minutes=minutes)) for minutes in (0, 1, 60)] == [
        1,
        0,
        0,
    ]
    letter = Letter.objects.get()
    assert (
        (letter.recipient, letter.kind) == (father, "tomorrow")
        and "Lina" in letter.subject
        and "14:00" in letter.subject
    )
    assert digests.send_tomorrow(FRIDAY_EVENING + timedelta(days=1)) == 0, "no class on Sunday"
    preferences.ask_for(mother, tomorrow=False, weekly=True)
    assert digests.send_weekly(FRIDAY_EVENING) == 0, "on Sundays"
    assert [digests.send_weekly(SUNDAY_EVENING) for _twice in range(2)] == [1, 0]


def test_a_cancelled_class_is_not_announced(family):
    mother, _father, session = family
    preferences.ask_for(mother, tomorrow=True, weekly=True)
    scheduling.cancel(session.meetings.get(number=1), at=SUNDAY_EVENING, reason="x")
    assert digests.send_tomorrow(FRIDAY_EVENING) == 0 and digests.send_weekly(SUNDAY_EVENING) == 0


def test_one_press_in_the_mail_program_ends_them_looking_does_not(family):
    mother, _father, _session = family
    preferences.ask_for(mother, tomorrow=True, weekly=True)
    digests.send_tomorrow(FRIDAY_EVENING)
    delivery.send_due(FRIDAY_EVENING)
    head = mail.outbox[-1].extra_headers
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/" + head["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    client = Client(enforce_csrf_checks=True)
    for _look in range(10):
        assert client.get(path).status_code == 200
    assert LetterWish.objects.get().tomorrow
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    wish = LetterWish.objects.get()
    assert (wish.tomorrow, wish.weekly) == (False, True), "this kind alone"
    assert client.post(path.replace("/end/", "x/end/")).status_code == 404


def test_compulsory_letters_carry_no_such_header(family):
    mother, _father, _session = family
    from enrollments.letters import outbox

    outbox.write("merged", to=mother, at=FRIDAY_EVENING, child=ChildFactory())
    delivery.send_due(FRIDAY_EVENING)
    assert "List-Unsubscribe" not in mail.outbox[-1].extra_headers


def test_a_family_ticks_its_boxes(logged_in, parent):
    client, url = logged_in(parent), reverse("letter_wishes")
    assert "checked" not in client.get(url).content.decode()
    client.post(url, {"weekly": "on"})
    assert (preferences.wish_of(parent).tomorrow, preferences.wish_of(parent).weekly) == (False, True)
    client.post(url, {})
    assert not preferences.wish_of(parent).weekly


def test_the_managers_morning_only_when_there_is_something(manager, front_desk, family):
    _mother, _father, session = family
    morning = SATURDAY - timedelta(days=4)
    assert digests.send_team(morning) == 0
    session.__class__.objects.filter(pk=session.pk).update(minimum=6)
    Letter.objects.create(
        recipient=front_desk,
        kind="x",
        language="fr",
        subject="x",
        body="x",
        channel="email",
        state="failed",
        written_at=morning,
        next_try_at=morning,
    )
    assert [digests.send_team(morning + timedelta(minutes=minutes)) for minutes in (0, 5)] == [1, 0]
    letter = Letter.objects.get(kind="team_morning")
    assert letter.recipient == manager and "1 e-mail a échoué" in letter.body
    assert "1\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}6" in letter.body


def test_each_has_its_hour():
    """In the evening and in the morning, Moroccan time."""
    jobs = {job.name: job for job in clockwork.JOBS}
    assert jobs["tomorrow"].next_at(FRIDAY_EVENING - timedelta(hours=1)) == FRIDAY_EVENING
    assert jobs["team"].next_at(FRIDAY_EVENING) == SATURDAY + timedelta(hours=7)


def test_the_week_tells_what_was_done_and_what_was_missed(family, instructor):
    mother, _father, session = family
    preferences.ask_for(mother, tomorrow=False, weekly=True)
    (child,) = mother.children.all()
    meeting = session.meetings.get(number=1)
    begun = meeting.starts_at
    register.mark(meeting, child.pk, mark="absent", seen=0, key=uuid4(), by=instructor, at=begun)
    assert digests.send_weekly(SATURDAY.replace(hour=18) + timedelta(days=1)) == 1
    body = Letter.objects.get(kind="weekly").body
    assert "La semaine dernière" in body and "absence" in body and "12 décembre 2026" in body
    Letter.objects.all().delete()
    last = session.meetings.get(number=2)
    register.mark(last, child.pk, mark="present", seen=0, key=uuid4(), by=instructor, at=last.starts_at)
    progress.note(child, last, chips=["team"], text="Bravo Lina", by=instructor, at=last.starts_at)
    assert digests.send_weekly(SATURDAY.replace(hour=18) + timedelta(days=8)) == 1, (
        "no class to come: the last one is told all the same"
    )
    assert "Bravo Lina" in Letter.objects.get(kind="weekly").body


def test_a_make_up_class_is_announced_the_evening_before(family):
    mother, father, session = family
    (child,) = mother.children.all()
    other = SessionFactory(course=session.course, first_on=SATURDAY.date() + timedelta(days=1), count=1)
    host = other.meetings.get()
    row = MakeUp.objects.create(
        child=child, missed=session.meetings.get(number=1), host=host, booked_at=SATURDAY, booked_by_ref=1
    )
    preferences.ask_for(mother, tomorrow=True, weekly=False)
    found = digests.classes_of([mother.pk, father.pk], host.on, host.on)
    assert {user: [one.meeting for one in classes] for user, classes in found.items()} == {
        mother.pk: [host],
        father.pk: [host],
    }
    assert digests.send_tomorrow(FRIDAY_EVENING + timedelta(days=1)) == 1
    MakeUp.objects.filter(pk=row.pk).update(cancelled_at=SATURDAY)
    assert digests.classes_of([mother.pk], host.on, host.on) == {}
