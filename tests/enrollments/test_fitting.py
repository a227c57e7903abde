"""Sessions my children can join, alone and together."""

from datetime import time

import pytest
from django.urls import reverse
from django.utils import timezone

from enrollments.models import Enrollment
from enrollments.places import admission, suggestions
from tests.factories import (
    ChildFactory,
    CourseFactory,
    RoomFactory,
    SessionFactory,
    TrackFactory,
    VenueFactory,
    saturday_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def room():
    return RoomFactory()


@pytest.fixture
def two(parent):
    """Return children of seven and ten: never in one age band."""
    return [
        ChildFactory(guardian=parent, age=age, first_name=name) for age, name in ((10, "Adam"), (7, "Salma"))
    ]


def session_of(band, room, starts, **facts):
    return SessionFactory(
        course=CourseFactory(band=band),
        room=room,
        first_on=saturday_in(3),
        starts=starts,
        ends=time(starts.hour + 1, 30),
        minimum=0,
        **facts,
    )


def test_each_child_with_what_it_may_join(parent, two, room):
    small, big = session_of("A", room, time(9)), session_of("B", room, time(14))
    session_of("B", room, time(16), cancelled_at=timezone.now())
    assert suggestions.for_children(parent, timezone.now()) == [(two[0], [big]), (two[1], [small])]


def test_together_is_the_same_venue_the_same_day_about_the_same_hour(parent, two, room):
    big = session_of("B", room, time(14))
    near = session_of("A", RoomFactory(venue=room.venue), time(14, 30))
    session_of("A", room, time(9))
    session_of("A", RoomFactory(venue=VenueFactory(code="rabat")), time(14))
    found = suggestions.together(suggestions.for_children(parent, timezone.now()))
    assert [one.pairs for one in found] == [[(two[0], big), (two[1], near)]]


def test_one_child_alone_has_nobody_to_come_with(parent, room):
    ChildFactory(guardian=parent, age=10)
    session_of("B", room, time(14))
    assert suggestions.together(suggestions.for_children(parent, timezone.now())) == []


def test_both_go_into_the_basket_and_are_enrolled_at_once(logged_in, parent, two, room):
    big, near = session_of("B", room, time(14)), session_of("A", RoomFactory(venue=room.venue), time(14, 30))
    client = logged_in(parent)
    page = client.get(reverse("fitting")).content.decode()
    pairs = [f"{two[0].pk}:{big.pk}", f"{two[1].pk}:{near.pk}"]
    assert all(f'value="{pair}"' in page for pair in pairs)
    assert client.post(reverse("basket_add_pairs"), {"pair": pairs}).url == reverse("basket")
    client.post(reverse("basket"), {"mode": "all"})
    assert Enrollment.objects.filter(state="seated").count() == 2


def test_foreign_or_hostile_pairs_put_nothing_aside(logged_in, other_parent, two, room):
    big, client = session_of("B", room, time(14)), logged_in(other_parent)
    client.post(
        reverse("basket_add_pairs"), {"pair": [f"{two[0].pk}:{big.pk}", "x", "1:2:3", "9" * 400 + ":1", ":"]}
    )
    assert client.session["basket"] == []


def test_the_same_number_of_questions_for_one_session_and_for_many(logged_in, parent, two, room, queries):
    counts, client = [], logged_in(parent)
    for _round in range(2):
        (
            session_of("B", RoomFactory(venue=room.venue), time(14)),
            session_of("A", RoomFactory(venue=room.venue), time(14)),
        )
        client.get(reverse("fitting"))
        with queries() as asked:
            client.get(reverse("fitting"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16


def test_no_child_yet_leads_to_the_first_one(logged_in, parent):
    assert reverse("child_add") in logged_in(parent).get(reverse("fitting")).content.decode()


def test_the_list_of_tracks_has_those_with_courses(logged_in, parent, two, room):
    taught = session_of("B", room, time(14)).course.track
    TrackFactory(code="COMMON", name_fr="Savoirs communs")  # of skills alone, which no course is in
    field = logged_in(parent).get(reverse("fitting")).context["form"].fields["track"]
    assert [(key, str(label)) for key, label in field.choices] == [("", "Toutes"), (taught.code, taught.name)]


def test_filters_leave_what_is_asked_for_and_say_what_they_do_not_know(logged_in, parent, two, room):
    code, robot = (
        session_of("B", room, time(14)),
        session_of("B", RoomFactory(venue=VenueFactory(code="rabat")), time(9)),
    )
    client, url = logged_in(parent), reverse("fitting")

    def shown(**asked):
        page = client.get(url, asked).content.decode()
        return [session for session in (code, robot) if reverse("enroll", args=[session.pk]) in page], page

    assert shown()[0] == [code, robot] and shown(venue="rabat")[0] == [robot]
    assert shown(weekday=5)[0] == [code, robot] and shown(weekday=1)[0] == []
    assert "filtres" in shown(weekday=1)[1]
    found, page = shown(venue="atlantis", child="1 or 1=1", weekday="9" * 400)
    assert found == [code, robot] and "pas compris" in page


def test_five_hundred_sessions_are_twelve_and_a_link_then_pages(logged_in, parent, room):
    child = ChildFactory(guardian=parent, age=10)
    course, first_on = CourseFactory(band="B"), saturday_in(3)
    for _number in range(64):
        SessionFactory(course=course, room=RoomFactory(venue=room.venue), first_on=first_on, minimum=0)
    client, url = logged_in(parent), reverse("fitting")
    page = client.get(url).content.decode()
    assert page.count("/family/enroll/") == 12 and "64" in page and f"child={child.pk}" in page
    pages = [client.get(url, {"child": child.pk, "page": number}) for number in (1, 2, 3)]
    assert [page.content.decode().count("/family/enroll/") for page in pages[:2]] == [50, 14] and pages[
        2
    ].status_code == 404


def test_a_course_the_child_is_in_is_not_proposed_again(parent, two, room):
    here, twin = session_of("B", room, time(14)), session_of("B", RoomFactory(venue=room.venue), time(9))
    twin.course = here.course
    twin.save()
    admission.enroll(child=two[0], session=here, by=parent, at=timezone.now())
    assert suggestions.for_children(parent, timezone.now()) == [(two[0], []), (two[1], [])]
