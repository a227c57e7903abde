"""Basket: several children and sessions, one confirmation under one reference,
all or only what is available.
"""

import re
from datetime import time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import conditional_escape

from enrollments.models import Enrollment, Guardianship, Letter
from enrollments.places import admission, basket, withdrawal
from tests.factories import ChildFactory, CourseFactory, SessionFactory, UserFactory, saturday_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def morning():
    return SessionFactory(
        first_on=saturday_in(3), starts=time(9), ends=time(10), price=600, capacity=1, minimum=0
    )


@pytest.fixture
def noon(morning):
    return SessionFactory(
        first_on=saturday_in(3),
        starts=time(12),
        ends=time(13),
        price=900,
        capacity=2,
        minimum=0,
        room=morning.room,
    )


@pytest.fixture
def two(parent):
    return [ChildFactory(guardian=parent, age=10, first_name=name) for name in ("Adam", "Salma")]


def fill(session, at):
    admission.enroll(child=ChildFactory(guardian=UserFactory(), age=10), session=session, by=None, at=at)


def put(client, session, *children):
    return client.post(
        reverse("basket_add", args=[session.pk]), {"children": [child.pk for child in children]}
    )


def test_two_children_in_two_sessions_confirmed_once(logged_in, parent, two, morning, noon):
    client, url = logged_in(parent), reverse("basket")
    assert put(client, morning, two[0]).url == url
    put(client, noon, *two)
    page = client.get(url).content.decode().replace("\u202f", "").replace("\xa0", "")
    assert "2400" in page and not Enrollment.objects.exists(), "600 + 900 + 900, and nothing is held yet"
    answer = client.post(url, {"mode": "all"})
    rows = list(Enrollment.objects.order_by("pk"))
    assert (
        len(rows) == 3
        and len({row.reference for row in rows}) == 1
        and {row.state for row in rows} == {"seated"}
    )
    assert answer.url == reverse("enrollment", args=[rows[0].reference])
    assert client.post(url, {"mode": "all"}).url == answer.url, "the same button again: the same answer"
    assert Enrollment.objects.count() == 3
    confirmation = client.get(answer.url).content.decode()
    assert all(conditional_escape(session.rhythm) in confirmation for session in (morning, noon))
    letter = Letter.objects.get(kind="enrolled", recipient=parent)
    assert letter.body.count("Cours") >= 2, "one letter for both sessions"


def test_all_or_nothing_writes_nothing_when_a_seat_is_missing(logged_in, parent, two, morning, noon, now):
    fill(morning, now)
    client, url = logged_in(parent), reverse("basket")
    put(client, morning, two[0]), put(client, noon, two[1])
    before = Enrollment.objects.count()
    answer = client.post(url, {"mode": "all"})
    assert answer.status_code == 409 and Enrollment.objects.count() == before
    client.post(url, {"mode": "fits"})
    assert sorted(Enrollment.objects.filter(child__in=two).values_list("state", flat=True)) == [
        "seated",
        "waiting",
    ]


def test_one_child_twice_at_one_hour_does_not_fit(logged_in, parent, two, noon):
    same_hour = SessionFactory(first_on=saturday_in(3), starts=time(12, 30), ends=time(14), minimum=0)
    client, url = logged_in(parent), reverse("basket")
    put(client, noon, two[0]), put(client, same_hour, two[0])
    assert "même heure" in client.get(url).content.decode()
    assert client.post(url, {"mode": "all"}).status_code == 409
    client.post(url, {"mode": "fits"})
    assert Enrollment.objects.get().session == noon


def test_two_wishes_for_the_last_seat_one_would_wait(parent, two, morning, now):
    lines = basket.lines_of([(child.pk, morning.pk) for child in two], parent, now)
    assert [line.will_wait for line in lines] == [False, True] and basket.total(lines) == 600


def test_who_is_not_admissible_is_told_why_in_the_basket(logged_in, parent, two):
    session = SessionFactory(first_on=saturday_in(3), course=CourseFactory(band="A"), minimum=0)
    client, url = logged_in(parent), reverse("basket")
    put(client, session, two[0])
    page = client.get(url).content.decode()
    assert "Adam a 10 ans" in page and "Confirmer" not in page
    assert client.post(url, {"mode": "fits"}).status_code == 409 and not Enrollment.objects.exists()


def test_a_line_is_taken_out_and_the_empty_basket_says_what_to_do(logged_in, parent, two, noon):
    client, url = logged_in(parent), reverse("basket")
    put(client, noon, two[0])
    assert client.post(reverse("basket_remove", args=[noon.pk, two[0].pk])).url == url
    page = client.get(url)
    assert "panier est vide" in page.content.decode()
    assert client.post(url, {"mode": "all"}).status_code == 200, "nothing to confirm"


def test_another_familys_child_never_gets_into_a_basket(logged_in, parent, other_parent, two, noon, now):
    client = logged_in(other_parent)
    assert put(client, noon, two[0]).url == reverse("enroll", args=[noon.pk])
    assert basket.lines_of([(two[0].pk, noon.pk)], other_parent, now) == []
    with pytest.raises(basket.NotAll):
        basket.confirm([(two[0].pk, noon.pk)], by=other_parent, at=now, keep_what_fits=True)
    assert (
        client.post(reverse("basket_add", args=[noon.pk]), {"children": ["x", "9" * 400]}).status_code == 302
    )


def basket_in(page) -> int:
    """Return the count in the header, 0 without a link."""
    found = re.search(r'class="basket__count" aria-hidden="true">(\d+)<', page.content.decode())
    return int(found.group(1)) if found else 0


def test_the_header_of_private_pages_counts_what_the_basket_shows(logged_in, parent, two, morning, noon, now):
    client, link = logged_in(parent), reverse("basket_link")
    places = [reverse("family"), reverse("account_details"), reverse("basket"), link]
    assert [basket_in(client.get(url)) for url in places] == [0] * 4
    put(client, morning, two[0])
    put(client, noon, *two)
    assert [basket_in(client.get(url)) for url in places] == [3] * 4
    withdrawal.cancel_session(morning, by=UserFactory(), at=now, reason="few")
    Guardianship.objects.filter(child=two[1]).delete()
    assert {basket_in(client.get(url)) for url in places} == {
        len(client.get(reverse("basket")).context["lines"])
    }
    client.post(reverse("basket"), {"mode": "fits"})
    assert basket_in(client.get(reverse("family"))) == 0


def test_a_public_page_is_the_same_for_a_parent_with_a_basket(logged_in, parent, two, noon, site_tree):
    mine, client = logged_in(parent), Client()
    put(mine, noon, two[0])
    for page in ("/fr/", "/fr/cours/", "/fr/nulle-part/"):
        assert (
            mine.get(page).content == client.get(page).content
            and b"basket__count" not in mine.get(page).content
        )
    assert client.get(reverse("basket_link")).content.strip() == b""
    assert mine.get(reverse("basket_link"))["Cache-Control"] == "no-store"


def test_a_full_basket_is_confirmed_first(logged_in, parent, two, noon):
    client = logged_in(parent)
    session = client.session
    session["basket"] = [(two[0].pk, number) for number in range(1000, 1000 + basket.MOST_LINES)]
    session.save()
    put(client, noon, two[0])
    assert len(client.session["basket"]) == basket.MOST_LINES
