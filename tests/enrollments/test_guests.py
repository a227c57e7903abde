"""Private sessions: unlisted, opened by a code, never by guessing an id."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from courses.models import Session
from enrollments.models import Enrollment, SessionEvent, SessionGuest
from enrollments.places import admission, private_sessions
from tests.factories import ChildFactory, UserFactory
from tests.queues import soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def private(manager, now):
    return private_sessions.close(soon(capacity=5), by=manager, at=now)


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, age=10)


def test_it_stands_in_no_list(private):
    assert not Session.objects.listed().exists() and Session.objects.published().exists()


def test_the_number_alone_opens_nothing(logged_in, parent, child, private):
    client = logged_in(parent)
    door = reverse("session_code")
    assert client.get(reverse("enroll", args=[private.pk])).url == door
    assert client.post(reverse("enroll", args=[private.pk]), {"children": [child.pk]}).url == door
    assert client.post(reverse("basket_add", args=[private.pk]), {"children": [child.pk]}).status_code == 404
    client.post(reverse("basket_add_pairs"), {"pair": f"{child.pk}:{private.pk}"})
    assert private.course.title not in client.get(reverse("basket")).content.decode()
    assert private.course.title not in client.get(reverse("fitting")).content.decode()
    assert not Enrollment.objects.exists()


def test_the_verb_says_it_too_and_the_desk_may(parent, child, private, front_desk, now):
    with pytest.raises(admission.NotAdmissible) as refusal:
        admission.enroll(child=child, session=private, by=parent, at=now)
    assert [found.code for found in refusal.value.obstacles] == ["private"]
    assert admission.enroll(child=child, session=private, by=front_desk, at=now).state == "seated"


@pytest.mark.parametrize("typed", ["as told", "small", "spaced"])
def test_the_code_opens_it_however_it_is_typed(logged_in, parent, child, private, typed):
    client, told = logged_in(parent), private_sessions.told(private.access_code)
    words = {"as told": told, "small": told.lower(), "spaced": f" {told.replace('-', ' ')} "}[typed]
    assert client.post(reverse("session_code"), {"code": words}).url == reverse("enroll", args=[private.pk])
    assert client.get(reverse("enroll", args=[private.pk])).status_code == 200
    client.post(reverse("enroll", args=[private.pk]), {"children": [child.pk]})
    assert Enrollment.objects.get().state == "seated"


def test_the_link_brings_the_code_and_changes_nothing_by_itself(logged_in, parent, private):
    url = reverse("session_link", args=[private_sessions.told(private.access_code)])
    client = logged_in(parent)
    assert private_sessions.told(private.access_code) in client.get(url).content.decode()
    assert not SessionGuest.objects.exists()
    client.post(url, {"code": private.access_code})
    client.post(url, {"code": private.access_code})
    assert SessionGuest.objects.get().guardian == parent


def test_a_wrong_code_is_said_and_the_twenty_first_try_waits(logged_in, parent, private):
    cache.clear()
    client, url = logged_in(parent), reverse("session_code")
    page = client.post(url, {"code": "AAAA-AAAA"})
    assert page.status_code == 422 and "AAAA-AAAA" in page.content.decode()
    assert client.post(url, {}).status_code == 422
    answers = [client.post(url, {"code": "AAAA-AAAA"}).status_code for _try in range(20)]
    assert answers[-1] == 429 and answers[0] == 422
    assert client.post(url, {"code": private.access_code}).status_code == 429, "not even the right one"


def test_a_new_code_ends_the_old_one_and_shuts_nobody_out(parent, private, manager, now):
    old = private.access_code
    private_sessions.admit(parent, private, at=now)
    private_sessions.close(private, by=manager, at=now)
    private.refresh_from_db()
    assert private_sessions.find(old) is None and private_sessions.find(private.access_code) == private
    assert private in private_sessions.visible_to(parent) and private not in private_sessions.visible_to(
        UserFactory()
    )


def test_who_sits_in_it_sees_it(private, parent, child, front_desk, now):
    """A child enrolled by the front desk: its family sees the session without a code, a sibling still needs
    one.
    """
    admission.enroll(child=child, session=private, by=front_desk, at=now)
    assert private in private_sessions.visible_to(parent)
    with pytest.raises(admission.NotAdmissible):
        admission.enroll(child=ChildFactory(guardian=parent, age=10), session=private, by=parent, at=now)


def test_a_manager_closes_and_opens_it(logged_in, manager):
    session = soon()
    client, url = logged_in(manager), reverse("office_session_places", args=[session.pk])
    assert client.post(url, {"act": "access", "access": "nobody"}).status_code == 422
    client.post(url, {"act": "access", "access": "private"})
    session.refresh_from_db()
    page = client.get(url).content.decode()
    assert (
        private_sessions.told(session.access_code) in page
        and reverse("session_link", args=[private_sessions.told(session.access_code)]) in page
    )
    client.post(url, {"act": "access", "access": "open"})
    session.refresh_from_db()
    assert session.access_code == ""
    assert list(SessionEvent.objects.values_list("what", "before", "after")) == [
        ("private", 0, 1),
        ("private", 1, 0),
    ]
