"""A closure entered or moved after the sessions are laid out: found, counted, planned and told at once."""

import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Closure, Meeting
from courses.timetable import bulk_changes, scheduling
from enrollments.models import Letter
from enrollments.places import admission
from tests.factories import (
    ChildFactory,
    ClosureFactory,
    RoomFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
    VenueFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture
def first():
    return timezone.localdate() + 9 * DAY


@pytest.fixture
def feast(first):
    """Return sessions of two days in a row, with children of one guardian, before the feast is known."""
    mother = UserFactory(language="ar")
    sessions = [
        SessionFactory(first_on=first + number * DAY, count=3, minimum=0, starts=time(9), ends=time(10))
        for number in range(2)
    ]
    for session in sessions:
        child = ChildFactory(guardian=mother, age=10)
        admission.enroll(child=child, session=session, by=None, at=timezone.now())
    Letter.objects.all().delete()
    return sessions


def closure_data(day, last, **facts):
    return {
        "name_fr": "Aïd", "name_ar": "عيد", "name_en": "Eid", "starts_on": f"{day:%d/%m/%Y}",
        "ends_on": f"{last:%d/%m/%Y}", "venue": "", "is_estimate": "on",
    } | facts  # fmt: skip


def days_of(session):
    return list(session.meetings.filter(cancelled_at=None).order_by("starts_at").values_list("on", flat=True))


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]+)"', page.content.decode())[1]


def test_saving_a_closure_leads_to_its_classes_and_the_list_is_found_later(logged_in, manager, first, feast):
    client = logged_in(manager)
    said = client.post(reverse("closures:add"), closure_data(first, first + DAY), follow=True)
    closure, url = Closure.objects.get(), reverse("office_closed_days")
    assert f"{url}?closure={closure.pk}" in said.content.decode() and "2 séances" in said.content.decode()
    page = client.get(url).content.decode()
    for session in feast:
        assert reverse("desk_move", args=[session.meetings.get(number=1).pk]) in page
    for name in ("office", "office_sessions", "timetable:index"):
        assert url in client.get(reverse(name)).content.decode()
    closure_url = reverse("closures:edit", args=[closure.pk])
    client.post(closure_url, closure_data(first + DAY, first + DAY))
    assert [
        meeting.session for _row, meeting in bulk_changes.on_closures([fresh(closure)], timezone.now())
    ] == [feast[1]]
    client.post(closure_url, closure_data(first + 2 * DAY, first + 2 * DAY), follow=True)
    assert bulk_changes.count_on_closures(timezone.now()) == 0
    assert url not in client.get(reverse("office")).content.decode()


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_two_days_are_planned_seen_and_told_in_one_letter(logged_in, manager, first, feast):
    ClosureFactory(starts_on=first, ends_on=first + DAY, name_fr="Aïd", name_ar="عيد الفطر", name_en="Eid")
    client, url = logged_in(manager), reverse("office_closed_days")
    keys = [session.meetings.get(number=1).pk for session in feast]
    look = client.post(url, {"class": keys, "act": "look"})
    assert look.status_code == 200 and days_of(feast[0])[0] == first, "looking changes nothing"
    assert "عيد الفطر" in look.content.decode() and not Letter.objects.exists()
    done = {"class": keys, "act": "do", "plan": hidden(look, "plan")}
    assert client.post(url, done).url == url
    for number, session in enumerate(feast):
        assert days_of(session) == [first + number * DAY + week * WEEK for week in (1, 2, 3)]
    (letter,) = Letter.objects.all()
    assert "عيد الفطر" in letter.body and letter.child is None
    assert client.post(url, done).status_code == 422, "pressed again: there is nothing left"
    assert Letter.objects.count() == 1


def test_a_class_that_is_not_ticked_stays(logged_in, manager, first, feast):
    ClosureFactory(starts_on=first, ends_on=first + DAY)
    client, url = logged_in(manager), reverse("office_closed_days")
    assert client.post(url, {"act": "look"}).status_code == 422
    one = feast[0].meetings.get(number=1).pk
    look = client.post(url, {"class": [one, 10**9, "x"], "act": "look"})
    client.post(url, {"class": [one], "act": "do", "plan": hidden(look, "plan")})
    assert days_of(feast[0])[0] != first and days_of(feast[1])[0] == first + DAY
    assert bulk_changes.count_on_closures(timezone.now()) == 1


def test_a_plan_that_is_another_one_by_now_is_shown_again(logged_in, manager, first, feast):
    ClosureFactory(starts_on=first, ends_on=first)
    client, url = logged_in(manager), reverse("office_closed_days")
    key = feast[0].meetings.get(number=1).pk
    look = client.post(url, {"class": [key], "act": "look"})
    ClosureFactory(starts_on=first + 3 * WEEK, ends_on=first + 3 * WEEK)
    again = client.post(url, {"class": [key], "act": "do", "plan": hidden(look, "plan")})
    assert again.status_code == 422 and days_of(feast[0])[0] == first and not Letter.objects.exists()
    client.post(url, {"class": [key], "act": "do", "plan": hidden(again, "plan")})
    assert days_of(feast[0])[-1] == first + 4 * WEEK


def test_only_managers_and_only_classes_to_come_at_that_venue(logged_in, front_desk, first):
    other = RoomFactory(venue=VenueFactory(code="casa"))
    here, there = SessionFactory(first_on=first), SessionFactory(first_on=first, room=other)
    SessionFactory(first_on=first, cancelled_at=timezone.now())
    closure = ClosureFactory(starts_on=first, ends_on=first, venue=other.venue)
    now = timezone.now()
    assert [meeting.session for _row, meeting in bulk_changes.on_closures([closure], now)] == [there]
    Meeting.objects.filter(session=there).update(starts_at=now)
    assert not bulk_changes.on_closures([closure], now) and here.first_on == first
    assert reverse("office_closed_days") not in logged_in(front_desk).get(reverse("office")).content.decode()


def test_a_make_up_day_is_one_on_which_the_instructor_is_free(first, instructor):
    session = SessionFactory(first_on=first, count=2, minimum=0, instructors=[instructor])
    behind = first + 2 * WEEK
    SessionFactory(first_on=behind, count=1, instructors=[instructor])  # at the same hour, in another room
    at = timezone.now()
    seen = bulk_changes.mark_of_plan(bulk_changes.plan_closing(first, None, at), at)
    (change,) = bulk_changes.close(first, None, name="Panne", at=at, plan=seen)
    assert change.after.on == behind + WEEK and days_of(session) == [first + WEEK, behind + WEEK]


def test_a_shift_says_who_would_be_in_two_places(logged_in, manager, first, instructor):
    one = SessionFactory(first_on=first, count=1, instructors=[instructor])  # 14:00
    SessionFactory(
        first_on=first, count=1, starts=time(12), ends=time(13, 30), instructors=[instructor],
        room=RoomFactory(venue=VenueFactory(code="autre")),
    )  # fmt: skip
    client, url = logged_in(manager), reverse("office_shift_hours")
    asked = {
        "first": f"{first}",
        "last": f"{first}",
        "minutes": "-30",
        "venue": one.room.venue_id,
        "name": "R",
    }
    refused = client.post(url, asked | {"minutes": "-60"})
    assert refused.status_code == 422 and refused.context["form"].errors
    page = client.post(url, asked)
    assert page.status_code == 422 and len(page.context["cautions"]) == 1
    agreed = {"plan": page.context["plan"], "seen": page.context["cautions_mark"]}
    assert client.post(url, asked | agreed).status_code == 302
    assert one.meetings.get().starts == time(13, 30)


def test_several_days_are_closed_at_once(logged_in, manager, first, feast):
    client, url = logged_in(manager), reverse("office_close_day")
    typed = {"day": f"{first}", "last": f"{first + DAY}", "name": "Aïd", "venue": ""}
    look = client.get(url, typed)
    assert "2 séances" in look.content.decode()
    assert client.get(url, typed | {"last": f"{first - DAY}"}).status_code == 422
    assert client.post(url, typed | {"plan": look.context["plan"]}).status_code == 302
    assert Closure.objects.get().ends_on == first + DAY and Letter.objects.count() == 1
    assert bulk_changes.count_on_closures(timezone.now()) == 0


def test_a_class_that_clashes_for_a_child_says_so_before_and_in_the_letter(logged_in, manager, first):
    mother = UserFactory()
    child = ChildFactory(guardian=mother, age=10, first_name="Salma")
    session = SessionFactory(first_on=first, count=2, minimum=0)
    other = SessionFactory(first_on=first + 2 * WEEK, count=1, minimum=0)
    for there in (session, other):
        admission.enroll(child=child, session=there, by=None, at=timezone.now())
    Letter.objects.all().delete()
    ClosureFactory(starts_on=first, ends_on=first)
    client, url = logged_in(manager), reverse("office_closed_days")
    key = session.meetings.get(number=1).pk
    look = client.post(url, {"class": [key], "act": "look"})
    assert "Salma" in look.context["cautions"][0] and "laquelle" in look.content.decode()
    done = {"class": [key], "act": "do", "plan": hidden(look, "plan")}
    assert client.post(url, done).status_code == 422
    assert client.post(url, done | {"seen": look.context["cautions_mark"]}).status_code == 302
    assert other.course.title in Letter.objects.get().body


def test_the_list_asks_the_same_for_one_class_and_for_three(logged_in, manager, first, queries):
    client, url, counts = logged_in(manager), reverse("office_closed_days"), []
    ClosureFactory(starts_on=first, ends_on=first)
    SessionFactory(first_on=first)
    client.get(url)
    for more in (2, 0):
        with queries() as seen:
            client.get(url)
        counts.append(len(seen))
        for _session in range(more):
            SessionFactory(first_on=first)
    assert counts[0] == counts[1]


def test_a_substitute_is_warned_about_and_one_in_another_city_refused(logged_in, manager, first, instructor):
    meeting = SessionFactory(first_on=timezone.localdate() + 2 * DAY, count=1).meetings.get()
    near, far = StaffFactory(role="Instructors"), StaffFactory(role="Instructors")
    SessionFactory(first_on=meeting.on, count=1, instructors=[near])
    casa = RoomFactory(venue=VenueFactory(code="casa", city_fr="Casablanca"))
    SessionFactory(first_on=meeting.on, count=1, instructors=[far], room=casa)
    client, url = logged_in(manager), reverse("desk_teachers", args=[meeting.pk])
    page = client.post(url, {"person": [near.pk]})
    assert page.status_code == 422 and not meeting.instructors.exists()
    assert f'value="{near.pk}" checked' in re.sub(r"\s+", " ", page.content.decode()), "what was ticked stays"
    sent = {"person": [near.pk], "seen": page.context["cautions_mark"]}
    assert client.post(url, sent).status_code == 302 and list(meeting.instructors.all()) == [near]
    refused = client.post(url, {"person": [far.pk], "seen": "x"})
    assert refused.status_code == 422 and "Casablanca" in refused.context["fault"]
    scheduling.assign(meeting, [], at=timezone.now())
