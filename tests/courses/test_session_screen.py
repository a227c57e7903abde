"""A session in the CMS: create, confirm warnings, move class by class, publish; no family data."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting, OpeningHours, Session
from courses.timetable import publishing, scheduling
from courses.timetable.cautions import cautions, usual_price
from courses.timetable.scheduling import Slot
from tests.factories import (
    ChildFactory,
    ClosureFactory,
    CourseFactory,
    RoomFactory,
    SessionFactory,
    TermFactory,
    UserFactory,
    saturday_in,
)


def said(response) -> str:
    """Return the page as text, apostrophes and quotes unescaped."""
    return response.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def session_data(course, room, **changes) -> dict:
    """Return the form data of a new session: a Saturday in five weeks, 14:00, otherwise defaults."""
    term = TermFactory()
    return {
        "course": course.pk, "term": term.pk, "room": room.pk, "language": "fr", "minimum": 6,
        "begins_on": f"{saturday_in(5):%d/%m/%Y}", "on_weekday": "", "starts": "14:00", "ends": "",
    } | changes  # fmt: skip


# ---- a new session


def test_a_session_is_asked_once_and_laid_out(logged_in, manager, instructor):
    course, room = CourseFactory(lessons=3), RoomFactory()
    response = logged_in(manager).post(
        reverse("sessions:add"), session_data(course, room, instructors=[instructor.pk])
    )
    session = Session.objects.get()
    assert response.url == reverse("sessions:meetings", args=[session.pk])
    assert (session.price, session.capacity, session.published_at) == (
        course.price,
        course.band.capacity,
        None,
    )
    meetings = session.meetings.order_by("number")
    assert [meeting.on for meeting in meetings] == [saturday_in(5 + week) for week in range(3)]
    assert {(meeting.starts, meeting.ends) for meeting in meetings} == {(time(14), time(15, 30))}
    assert [meeting.lesson.number for meeting in meetings] == [1, 2, 3]
    assert list(session.instructors.all()) == [instructor]


def test_a_session_may_wait_for_its_dates(logged_in, manager):
    logged_in(manager).post(
        reverse("sessions:add"), session_data(CourseFactory(), RoomFactory(), begins_on="", starts="")
    )
    assert Session.objects.get().first_on is None


def test_a_room_that_is_taken_is_an_error_of_the_form_and_nothing_typed_is_lost(logged_in, manager):
    there = SessionFactory(first_on=saturday_in(5))
    response = logged_in(manager).post(
        reverse("sessions:add"), session_data(CourseFactory(), there.room, starts="15:00", price="1550")
    )
    assert response.status_code == 200
    assert there.course.code in str(response.context["form"].non_field_errors())
    assert 'value="1550"' in said(response)
    assert Session.objects.count() == 1


def test_what_is_unusual_is_asked_twice_and_then_done(logged_in, manager):
    room = RoomFactory(seats=8)
    OpeningHours.objects.create(venue=room.venue, weekday=5, opens=time(9), closes=time(15))
    data = session_data(CourseFactory(), room, price="2500")
    client = logged_in(manager)
    form = client.post(reverse("sessions:add"), data).context["form"]
    assert len(form.cautions) == 3  # hours, price, room
    assert not Session.objects.exists()
    changed = client.post(
        reverse("sessions:add"), data | {"seen": form.cautions_mark, "price": "9000"}
    ).context["form"]
    assert changed.errors  # another caution than the one that was seen
    assert client.post(reverse("sessions:add"), data | {"seen": form.cautions_mark}).status_code == 302
    assert Session.objects.get().meetings.count() == 3


@pytest.mark.parametrize(
    ("price", "asked"), [("1121", False), ("1120", True), ("2079", False), ("2080", True), ("1600", False)]
)
def test_a_price_is_unusual_from_thirty_percent_on(db, price, asked):
    session = SessionFactory(price=Decimal(price), course__price=Decimal("1600"))
    assert bool(cautions(session)) is asked


def test_the_usual_price_is_the_courses_else_the_median_of_its_band(db):
    course = CourseFactory(price=Decimal(0))
    assert usual_price(course) is None
    for price in (1000, 1200, 5000):
        SessionFactory(course=CourseFactory(), price=Decimal(price))
    assert usual_price(course) == 1200


def test_meetings_outside_the_term_or_in_the_past_are_told(db):
    term = TermFactory(starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 12))
    session = SessionFactory(term=term, laid_out=False)
    slots = [Slot(date(2026, 12, day), time(14), time(15)) for day in (5, 12, 19)]
    assert len(cautions(session, slots)) == 1
    assert len(cautions(session, slots[:2])) == 0
    assert len(cautions(session, slots[:2], today=date(2026, 12, 6))) == 1


# ---- later


def edit_data(session, **changes) -> dict:
    return {
        "term": session.term_id,
        "language": "fr",
        "price": session.price,
        "capacity": session.capacity,
        "held_back": 0,
        "minimum": 0,
    } | changes


def test_a_session_that_has_ended_keeps_its_places_and_dates(logged_in, manager):
    session = SessionFactory(first_on=saturday_in(-6), count=3)
    url = reverse("sessions:edit", args=[session.pk])
    data = edit_data(session)
    answer = logged_in(manager).post(url, data | {"capacity": session.capacity + 2})
    assert "capacity" in answer.context["form"].errors
    assert logged_in(manager).post(url, data).status_code == 302, "the rest of its form is saved"
    session.refresh_from_db()
    assert session.capacity == data["capacity"]


def test_fewer_places_than_taken_and_held_back_are_refused_with_that_figure(logged_in, manager):
    session = SessionFactory()
    Session.objects.filter(pk=session.pk).update(seats_taken=8)
    url = reverse("sessions:edit", args=[session.pk])
    response = logged_in(manager).post(url, edit_data(session, capacity=8, held_back=1))
    assert "9" in response.context["form"].errors["capacity"][0]
    assert logged_in(manager).post(url, edit_data(session, capacity=9, held_back=1)).status_code == 302
    assert Session.objects.get(pk=session.pk).capacity == 9


def test_places_taken_while_the_form_was_open_are_never_written_over(logged_in, manager, monkeypatch):
    from courses.admin.session_forms import EditSessionForm

    session, clean = SessionFactory(capacity=5), EditSessionForm._post_clean

    def meanwhile(form):
        clean(form)
        Session.objects.filter(pk=session.pk).update(seats_taken=4, next_ticket=5)

    monkeypatch.setattr(EditSessionForm, "_post_clean", meanwhile)
    url = reverse("sessions:edit", args=[session.pk])
    assert logged_in(manager).post(url, edit_data(session, capacity=4, price="1500")).status_code == 302
    now = Session.objects.get(pk=session.pk)
    assert (now.seats_taken, now.next_ticket, now.capacity, now.price) == (4, 5, 4, Decimal("1500.00"))
    Session.objects.filter(pk=session.pk).update(seats_taken=0)
    refused = logged_in(manager).post(url, edit_data(session, capacity=3, price="1500"))
    assert "4" in str(refused.context["form"].non_field_errors())


def test_dates_and_room_do_not_move_through_the_form(logged_in, manager):
    session, other = SessionFactory(), RoomFactory()
    data = edit_data(
        session, room=other.pk, starts="08:00", ends="09:00", seats_taken=12, first_on="01/01/2030"
    )
    assert logged_in(manager).post(reverse("sessions:edit", args=[session.pk]), data).status_code == 302
    now = Session.objects.get(pk=session.pk)
    assert (now.room, now.starts, now.first_on, now.seats_taken) == (
        session.room,
        session.starts,
        session.first_on,
        0,
    )


def test_the_meetings_screen_lists_all_and_moves_one(logged_in, manager):
    session = SessionFactory(count=3, first_on=saturday_in(-1))
    client, url = logged_in(manager), reverse("sessions:meetings", args=[session.pk])
    meetings = list(session.meetings.order_by("number"))
    page = said(client.get(url))
    assert page.count('<tr class="cms-past">') in {1, 2} and page.count("/meetings/") >= 2
    other, day = RoomFactory(), meetings[2].on + timedelta(days=1)
    where = reverse("sessions:meeting", args=[session.pk, meetings[2].pk])
    move = {
        "verb": "move",
        "move-on": f"{day:%d/%m/%Y}",
        "move-starts": "10:00",
        "move-ends": "11:30",
        "move-room": other.pk,
        "move-reason": "Fête",
    }
    assert client.post(where, move).status_code == 302
    moved = Meeting.objects.get(pk=meetings[2].pk)
    assert (moved.on, moved.starts, moved.room, moved.reason, moved.moved_from) == (
        day,
        time(10),
        other,
        "Fête",
        meetings[2].on,
    )
    assert Session.objects.get(pk=session.pk).last_on == day
    past = reverse("sessions:meeting", args=[session.pk, meetings[0].pk])
    assert "<button" not in said(client.get(past)).split("cms-facts")[1].split("</main")[0]
    assert (
        client.post(past, {"verb": "cancel", "cancel-reason": "x"})
        .context["forms"]["cancel"]
        .non_field_errors()
    )
    assert Meeting.objects.get(pk=meetings[0].pk).cancelled_at is None


def test_a_meeting_is_cancelled_with_a_reason_and_refused_into_a_closure(logged_in, manager, instructor):
    session = SessionFactory(count=3)
    first, second, _third = session.meetings.order_by("number")
    closure = ClosureFactory(starts_on=saturday_in(20))
    client = logged_in(manager)
    where = reverse("sessions:meeting", args=[session.pk, first.pk])
    move = {
        "verb": "move",
        "move-on": f"{closure.starts_on:%d/%m/%Y}",
        "move-starts": "10:00",
        "move-ends": "11:30",
        "move-room": session.room_id,
    }
    assert "Fête" in str(client.post(where, move).context["forms"]["move"].non_field_errors())
    assert client.post(where, {"verb": "cancel", "cancel-reason": ""}).status_code == 200
    assert client.post(where, {"verb": "cancel", "cancel-reason": "Salle inondée"}).status_code == 302
    assert Meeting.objects.get(pk=first.pk).reason == "Salle inondée"
    where = reverse("sessions:meeting", args=[session.pk, second.pk])
    assert client.post(where, {"verb": "assign", "assign-instructors": [instructor.pk]}).status_code == 302
    assert list(second.instructors.all()) == [instructor]


def test_a_meeting_of_another_session_is_not_found(logged_in, manager):
    one, other = SessionFactory(), SessionFactory()
    assert (
        logged_in(manager)
        .get(reverse("sessions:meeting", args=[one.pk, other.meetings.first().pk]))
        .status_code
        == 404
    )


def test_dates_are_set_again_while_nobody_is_enrolled(logged_in, manager):
    session, other = SessionFactory(), RoomFactory()
    client, url = logged_in(manager), reverse("sessions:meetings", args=[session.pk])
    data = {
        "verb": "lay_out",
        "room": other.pk,
        "begins_on": f"{saturday_in(6):%d/%m/%Y}",
        "on_weekday": 2,
        "starts": "16:00",
    }
    assert client.post(url, data).status_code == 302
    now = Session.objects.get(pk=session.pk)
    assert (now.room, now.weekday, now.starts, now.ends) == (other, 2, time(16), time(17, 30))
    Session.objects.filter(pk=session.pk).update(seats_taken=1)
    assert client.post(url, data | {"room": session.room_id}).status_code == 200
    assert Session.objects.get(pk=session.pk).room == other


def test_publish_and_back_again_but_not_with_children_in_it(logged_in, manager):
    session = SessionFactory(published_at=None)
    client, url = logged_in(manager), reverse("sessions:meetings", args=[session.pk])
    client.post(url, {"verb": "publish"})
    assert Session.objects.get(pk=session.pk).published_at
    Session.objects.filter(pk=session.pk).update(waiting_count=1)
    with pytest.raises(scheduling.Refused, match="1"):
        publishing.unpublish(session)
    assert client.post(url, {"verb": "unpublish"}).status_code == 200
    assert Session.objects.get(pk=session.pk).published_at
    Session.objects.filter(pk=session.pk).update(waiting_count=0)
    assert client.post(url, {"verb": "unpublish"}).status_code == 302
    assert Session.objects.get(pk=session.pk).published_at is None
    assert client.post(url, {"verb": "format the disk"}).status_code == 404


def test_a_session_that_was_held_or_has_children_is_not_deleted(logged_in, manager, parent):
    from enrollments.places import admission

    held, joined, free = SessionFactory(first_on=saturday_in(-2)), SessionFactory(), SessionFactory()
    admission.enroll(
        child=ChildFactory(guardian=parent, age=10), session=joined, by=parent, at=timezone.now()
    )
    client = logged_in(manager)
    for session in (held, joined, free):
        page = client.get(reverse("sessions:delete", args=[session.pk]))
        assert "Salma" not in said(page)
        client.post(reverse("sessions:delete", args=[session.pk]))
    assert set(Session.objects.all()) == {held, joined}


# ---- people


def test_the_choosers_name_instructors_and_no_family_person(
    logged_in, manager, editor, instructor, parent, site_tree
):
    session = SessionFactory(instructors=[instructor])
    UserFactory(name="Parent Invisible")
    client = logged_in(manager)
    urls = [
        reverse("sessions:add"),
        reverse("sessions:edit", args=[session.pk]),
        reverse("sessions:meetings", args=[session.pk]),
        reverse("sessions:meeting", args=[session.pk, session.meetings.last().pk]),
        reverse("timetable:index"),
        reverse("sessions:index"),
    ]
    for url in urls:
        page = said(client.get(url))
        assert "Parent Invisible" not in page and parent.name not in page and parent.email not in page, url
    form = said(client.get(urls[1]))
    assert instructor.name in form and editor.name not in form and f"U-{instructor.pk}" not in form


def test_a_family_account_cannot_be_named_by_hand(logged_in, manager, parent):
    data = session_data(CourseFactory(), RoomFactory(), instructors=[parent.pk])
    assert logged_in(manager).post(reverse("sessions:add"), data).context["form"].errors["instructors"]


# ---- the clock changed


def test_instants_are_derived_again_and_the_past_stays(db, capsys):
    session = SessionFactory(first_on=saturday_in(-1), count=3)
    past, _now, last = session.meetings.order_by("number")
    for meeting in (past, last):
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at=meeting.starts_at - timedelta(hours=1), ends_at=meeting.ends_at - timedelta(hours=1)
        )
    call_command("derive_instants", "--dry-run")
    assert "1 " in capsys.readouterr().out
    assert Meeting.objects.get(pk=last.pk).starts_at != last.starts_at
    call_command("derive_instants")
    assert Meeting.objects.get(pk=last.pk).starts_at == last.starts_at
    assert Meeting.objects.get(pk=past.pk).starts_at != past.starts_at
    with pytest.raises(CommandError):
        call_command("derive_instants", "--since", "hier")
