"""The instructors' desk and the office: who can read which roster, and its content."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from courses.models import Session
from enrollments.places import admission
from tests.factories import ChildFactory, LessonFactory, SessionFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def soon(days=3, **fields):
    """Return a session whose first class is in some days."""
    return SessionFactory(first_on=timezone.localdate() + timedelta(days=days), **fields)


def seat(session, **fields):
    guardian = UserFactory(name="Karima Idrissi")
    return admission.enroll(
        child=ChildFactory(guardian=guardian, **fields), session=session, by=guardian, at=timezone.now()
    )


def test_an_instructor_reads_the_roster_of_an_own_session_names_and_ages_only(logged_in, instructor):
    session = soon(instructors=[instructor])
    place = seat(session, first_name="Salma", last_name="Bennis")
    client = logged_in(instructor)
    assert reverse("desk_roster", args=[session.pk]) in client.get(reverse("desk")).content.decode()
    text = client.get(reverse("desk_roster", args=[session.pk])).content.decode()
    assert "Salma" in text and "Bennis" in text and str(place.child.age_on(timezone.localdate())) in text
    assert "Karima" not in text and "@" not in text.split("<main")[1].split("</main")[0]


def test_a_roster_of_somebody_else_is_not_found(logged_in, instructor):
    other = soon(instructors=[StaffFactory(role="Instructors")])
    assert logged_in(instructor).get(reverse("desk_roster", args=[other.pk])).status_code == 404


@pytest.mark.parametrize(("days", "readable"), [(8, False), (6, True)])
def test_a_roster_opens_seven_days_before_the_meeting(logged_in, instructor, days, readable):
    session = soon(days, instructors=[instructor])
    assert logged_in(instructor).get(reverse("desk_roster", args=[session.pk])).status_code == (
        200 if readable else 404
    )


@pytest.mark.parametrize(("days", "readable"), [(-13, True), (-15, False)])
def test_a_roster_closes_fourteen_days_after_the_last_meeting(logged_in, instructor, days, readable):
    session = soon(days, count=1, instructors=[instructor])
    assert logged_in(instructor).get(reverse("desk_roster", args=[session.pk])).status_code == (
        200 if readable else 404
    )


def test_a_reassigned_session_closes_at_once(logged_in, instructor):
    session = soon(instructors=[instructor])
    client = logged_in(instructor)
    assert client.get(reverse("desk_roster", args=[session.pk])).status_code == 200
    session.instructors.set([StaffFactory(role="Instructors")])
    assert client.get(reverse("desk_roster", args=[session.pk])).status_code == 404


def test_the_substitute_of_one_meeting_reads_the_roster_too(logged_in, instructor):
    session = soon(instructors=[StaffFactory(role="Instructors")])
    session.meetings.first().instructors.set([instructor])
    assert logged_in(instructor).get(reverse("desk_roster", args=[session.pk])).status_code == 200


@pytest.mark.parametrize("room", ["desk", "office", "office_sessions"])
def test_a_parent_finds_no_staff_room(logged_in, parent, room):
    assert logged_in(parent).get(reverse(room)).status_code == 404


@pytest.mark.parametrize("room", ["desk", "office"])
def test_a_visitor_logs_in_first(client, room):
    assert client.get(reverse(room)).url.startswith(reverse("account_login"))


def test_an_editor_reads_no_roster(logged_in, editor):
    session = soon()
    client = logged_in(editor)
    for url in (reverse("office"), reverse("desk"), reverse("office_roster", args=[session.pk])):
        assert client.get(url).status_code == 404


def test_the_office_sees_the_day_with_counts_and_whom_to_call(logged_in, front_desk):
    morning = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    with time_machine.travel(morning):  # a child seated after the class began is not in it
        session = soon(0)
        place = seat(session, first_name="Salma")
        client = logged_in(front_desk)
        day = client.get(reverse("office"))
        text = client.get(reverse("office_roster", args=[session.pk])).content.decode()
    assert [(m.session_id, m.children_count) for m in day.context["meetings"]] == [(session.pk, 1)]
    assert "Karima" in text and "tel:+212" in text and place.reference in text


def test_the_front_desk_reads_this_weeks_rosters_and_a_manager_all(logged_in, front_desk, manager):
    session = soon(30)
    url = reverse("office_roster", args=[session.pk])
    assert logged_in(front_desk).get(url).status_code == 404
    assert logged_in(manager).get(url).status_code == 200


def test_the_office_reads_the_seats_of_a_session_once(logged_in, manager, queries):
    session = soon()
    seat(session, first_name="Salma")
    client = logged_in(manager)
    with queries() as seen:
        client.get(reverse("office_roster", args=[session.pk]))
    rows = [sql for sql in seen if sql.startswith('SELECT "enrollments_enrollment"."id", ')]
    assert sum("seated" in sql or '"enrollments_enrollment"."id" IN' in sql for sql in rows) == 1, rows


@pytest.mark.parametrize(
    "asked", ["?day=", "?day=31-31-31", "?day=%00", "?day=9999-12-31", "?day=0001-01-01", "?day[]=1"]
)
def test_a_strange_day_is_answered_with_a_page(logged_in, front_desk, asked):
    assert logged_in(front_desk).get(reverse("office") + asked).status_code == 200


def test_the_list_of_sessions_has_pages_and_an_end(logged_in, manager):
    first = soon()
    for _more in range(60):
        SessionFactory(course=first.course, laid_out=False)
    client = logged_in(manager)
    assert len(client.get(reverse("office_sessions")).context["page_obj"].object_list) == 50
    assert len(client.get(reverse("office_sessions") + "?page=2").context["page_obj"].object_list) == 11
    for page in ("3", "0", "x", "9999", "%00"):
        assert client.get(reverse("office_sessions") + f"?page={page}").status_code == 404


def test_empty_lists_say_so(logged_in, manager, instructor):
    assert logged_in(manager).get(reverse("office")).status_code == 200
    assert logged_in(instructor).get(reverse("desk")).status_code == 200


def test_lists_ask_the_same_for_one_row_and_three(logged_in, manager, instructor, queries):
    rooms = {reverse("desk"): instructor, reverse("office"): manager, reverse("office_sessions"): manager}
    counts = {url: [] for url in rooms}
    logged_in(manager).get(reverse("office"))  # what a process learns once
    for more in (1, 2):
        for _row in range(more):
            seat(soon(0, instructors=[instructor]))
        for url, person in rooms.items():
            client = logged_in(person)
            with queries() as seen:
                client.get(url)
            counts[url].append(len(seen))
    assert all(one == three for one, three in counts.values()), counts
    session, asked = Session.objects.first(), []
    for more in (1, 2):
        for row in range(more):
            seat(session, first_name=f"Enfant {row}")
        for person, url in ((manager, "office_roster"), (instructor, "desk_roster")):
            client = logged_in(person)
            client.get(reverse("welcome"))  # the login and the first note of presence are over
            client.get(reverse("office"))
            with queries() as seen:
                client.get(reverse(url, args=[session.pk]))
            asked.append(len(seen))
    assert asked[:2] == asked[2:], asked


def test_an_instructor_reads_the_lessons_of_the_courses_taught_and_no_others(logged_in, instructor):
    session = soon(instructors=[instructor])
    mine, foreign = LessonFactory(course=session.course), LessonFactory()
    client = logged_in(instructor)
    assert client.get(reverse("desk_lesson", args=[mine.pk])).status_code == 200
    assert client.get(reverse("desk_lesson", args=[foreign.pk])).status_code == 404
