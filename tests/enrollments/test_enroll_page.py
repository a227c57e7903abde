"""The page that enrolls: places, groups, the waiting list, and what it refuses."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Session
from enrollments.models import Enrollment, PlaceEvent
from enrollments.places import admission
from tests.factories import (
    ChildFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def test_a_place_is_given_with_a_reference_and_its_papers(logged_in, parent):
    session = SessionFactory()
    child = ChildFactory(guardian=parent, first_name="Salma")
    client = logged_in(parent)
    response = client.post(reverse("enroll", args=[session.pk]), {"children": [child.pk]}, follow=True)
    place = Enrollment.objects.get()
    text = response.content.decode()
    assert response.status_code == 200 and place.state == "seated"
    assert place.reference in text and "Salma a une place" in text and "1\xa0600,00\xa0DH" in text
    session.refresh_from_db()
    assert (session.seats_taken, PlaceEvent.objects.count()) == (1, 1)


def test_two_children_are_enrolled_together_under_one_reference(logged_in, parent):
    session = SessionFactory()
    children = [ChildFactory(guardian=parent), ChildFactory(guardian=parent)]
    response = logged_in(parent).post(
        reverse("enroll", args=[session.pk]), {"children": [child.pk for child in children]}
    )
    assert response.status_code == 302
    assert Enrollment.objects.values_list("reference", flat=True).distinct().count() == 1


def test_a_full_session_leads_to_the_waiting_list_and_says_the_position(logged_in, parent):
    session = SessionFactory(capacity=1)
    admission.enroll(child=ChildFactory(guardian=UserFactory()), session=session, by=None, at=timezone.now())
    child = ChildFactory(guardian=parent, first_name="Salma")
    response = logged_in(parent).post(
        reverse("enroll", args=[session.pk]), {"children": [child.pk]}, follow=True
    )
    assert "rang 1" in response.content.decode()
    session.refresh_from_db()
    assert (session.seats_taken, session.waiting_count) == (1, 1)


def test_the_same_form_sent_five_times_gives_one_place_and_one_answer(logged_in, parent):
    session = SessionFactory()
    child = ChildFactory(guardian=parent)
    client = logged_in(parent)
    answers = {
        client.post(reverse("enroll", args=[session.pk]), {"children": [child.pk]}).url for _click in range(5)
    }
    assert len(answers) == 1
    assert (Enrollment.objects.count(), PlaceEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "posted", [{}, {"children": ["abc"]}, {"children": ["999999"]}, {"children": ["\x00"]}]
)
def test_a_form_without_a_child_of_mine_is_answered_and_writes_nothing(logged_in, parent, posted):
    session = SessionFactory()
    ChildFactory(guardian=parent)
    foreign = ChildFactory(guardian=UserFactory())
    client = logged_in(parent)
    assert client.post(reverse("enroll", args=[session.pk]), posted).status_code == 422
    assert client.post(reverse("enroll", args=[session.pk]), {"children": [foreign.pk]}).status_code == 422
    assert not Enrollment.objects.exists() and not PlaceEvent.objects.exists()


def test_an_unknown_or_unpublished_session_is_not_found(logged_in, parent):
    ChildFactory(guardian=parent)
    client = logged_in(parent)
    draft = SessionFactory(published_at=None)
    assert client.get(reverse("enroll", args=[999999])).status_code == 404
    assert client.get(reverse("enroll", args=[draft.pk])).status_code == 404


def test_a_session_that_closed_meanwhile_says_so_and_writes_nothing(logged_in, parent):
    session = SessionFactory()
    child = ChildFactory(guardian=parent)
    client = logged_in(parent)
    session.closes_at = timezone.now() - timedelta(minutes=1)
    session.save()
    response = client.post(reverse("enroll", args=[session.pk]), {"children": [child.pk]})
    assert response.status_code == 422
    assert response.context["cards"][0]["obstacles"][0].code == "closed"
    assert not Enrollment.objects.exists()


def test_the_enroll_page_asks_the_same_for_one_and_three_children(logged_in, parent, queries):
    client, session, counts = logged_in(parent), SessionFactory(), []
    client.get(reverse("family"))  # what a process learns once
    for _more in range(2):
        ChildFactory(guardian=parent)
        with queries() as seen:
            client.get(reverse("enroll", args=[session.pk]))
        counts.append(len(seen))
        ChildFactory(guardian=parent)
    assert counts[0] == counts[1], counts


def test_enrolling_asks_at_most_ten_in_the_verb_and_fourteen_in_the_request(logged_in, parent, queries):
    session, child, client = SessionFactory(), ChildFactory(guardian=parent), logged_in(parent)
    sibling, facts = ChildFactory(guardian=parent), Session.objects.with_facts().get()
    with queries() as verb:  # as the request calls it: with the session it has just read
        admission.enroll(child=sibling, session=session, by=parent, at=timezone.now(), facts=facts)
    with queries() as whole:
        client.post(reverse("enroll", args=[session.pk]), {"children": [child.pk]})
    assert len(verb) <= 10, verb
    assert len(whole) <= 14, whole


# ---- more children than places


@pytest.fixture
def siblings(parent):
    return [ChildFactory(guardian=parent, first_name=name) for name in ("Adam", "Lina")]


def test_with_several_children_nothing_is_ticked(logged_in, parent, siblings):
    client, session = logged_in(parent), SessionFactory()
    assert client.get(reverse("enroll", args=[session.pk])).context["chosen"] == set()
    only = ChildFactory(guardian=UserFactory())
    page = logged_in(only.guardians.get()).get(reverse("enroll", args=[session.pk]))
    assert page.context["chosen"] == {str(only.pk)}


@pytest.mark.parametrize(
    ("choice", "states"),
    [("some", ["seated", "waiting"]), ("all", ["waiting", "waiting"])],
)
def test_fewer_places_than_children_puts_the_choice_and_loses_no_tick(
    logged_in, parent, siblings, choice, states
):
    session, client = SessionFactory(capacity=2), logged_in(parent)
    admission.enroll(child=ChildFactory(guardian=UserFactory()), session=session, by=None, at=timezone.now())
    url, ticked = reverse("enroll", args=[session.pk]), [child.pk for child in siblings]
    asked = client.get(url).content.decode()
    assert 'name="together"' not in asked and "Il reste 1 place. Si vous cochez plus d’enfants" in asked
    answer = client.post(url, {"children": ticked})
    assert answer.status_code == 422 and not Enrollment.objects.filter(child__in=siblings).exists()
    assert answer.context["chosen"] == {str(pk) for pk in ticked}
    assert answer.content.decode().count('name="together"') == 2
    assert client.post(url, {"children": ticked, "together": choice}).status_code == 302
    rows = Enrollment.objects.filter(child__in=siblings).order_by("ticket")
    assert [row.state for row in rows] == states
    parties = set(rows.values_list("party", flat=True))
    assert (parties == {None}) is (choice == "some")


def test_who_waits_already_goes_first_so_the_choice_is_put(logged_in, parent, siblings):
    session = SessionFactory(capacity=1)
    for _child in range(2):
        admission.enroll(
            child=ChildFactory(guardian=UserFactory()), session=session, by=None, at=timezone.now()
        )
    url, ticked = reverse("enroll", args=[session.pk]), [child.pk for child in siblings]
    assert logged_in(parent).post(url, {"children": ticked}).status_code == 422
    assert logged_in(parent).post(url, {"children": ticked[:1]}).status_code == 302, "one child has no choice"


def test_all_or_none_is_not_offered_where_it_can_never_be(logged_in, parent, siblings):
    session, client = SessionFactory(capacity=1), logged_in(parent)
    url, ticked = reverse("enroll", args=[session.pk]), [child.pk for child in siblings]
    answer = client.post(url, {"children": ticked, "together": "all"})
    assert answer.status_code == 422 and not Enrollment.objects.exists()
    assert answer.content.decode().count('name="together"') == 1


def test_seats_that_nobody_who_waits_can_take_are_for_newcomers(logged_in, parent, siblings):
    session, family = SessionFactory(capacity=3), UserFactory()
    for _seat in range(1):
        admission.enroll(
            child=ChildFactory(guardian=UserFactory()), session=session, by=None, at=timezone.now()
        )
    three = [ChildFactory(guardian=family) for _child in range(3)]
    admission.enroll_together(children=three, session=session, by=family, at=timezone.now(), all_or_none=True)
    sent = {"children": [child.pk for child in siblings]}
    assert logged_in(parent).post(reverse("enroll", args=[session.pk]), sent).status_code == 302
    assert set(Enrollment.objects.filter(child__in=siblings).values_list("state", flat=True)) == {"seated"}


def test_enough_places_ask_nothing(logged_in, parent, siblings):
    session = SessionFactory(capacity=2)
    sent = {"children": [child.pk for child in siblings]}
    assert logged_in(parent).post(reverse("enroll", args=[session.pk]), sent).status_code == 302
    page = logged_in(parent).get(reverse("enroll", args=[SessionFactory().pk])).content.decode()
    assert "Si vous cochez plus d’enfants" not in page


def test_the_button_carries_the_words_that_name_the_children(logged_in, parent, siblings):
    page = logged_in(parent).get(reverse("enroll", args=[SessionFactory().pk])).content.decode()
    assert 'data-names="Inscrire %s"' in page and 'data-name="Adam"' in page
