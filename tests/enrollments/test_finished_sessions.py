"""A session that is over: its places stay as they are, for the family and for the team."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses.standing import standing
from courses.timetable import scheduling
from enrollments.classes import roster
from enrollments.models import Enrollment, Letter, PlaceEvent, SessionEvent
from enrollments.money import receipts
from enrollments.places import admission, overrides, session_merge, withdrawal
from enrollments.privacy import erasure, retention
from tests.factories import ChildFactory, SessionFactory, saturday_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
Reason = withdrawal.Reason


def finished(**facts):
    """Return a session of three Saturdays, the last of them three weeks ago."""
    return SessionFactory(**({"first_on": saturday_in(-6), "count": 3, "minimum": 0} | facts))


def enrolled(session, parent, child=None):
    """Return the place of a child that was enrolled a week before the first class."""
    child = child or ChildFactory(guardian=parent)
    at = session.first_at - timedelta(days=7)
    return admission.enroll(child=child, session=session, by=parent, at=at)


@pytest.fixture
def place(parent, child):
    return enrolled(finished(), parent, child)


@pytest.fixture
def next_term(place):
    """Return another session of the course with free places."""
    return SessionFactory(course=place.session.course, first_on=saturday_in(2))


def untouched(place) -> bool:
    place.refresh_from_db()
    letters = Letter.objects.filter(kind__in=["withdrawn", "leaving", "moved", "removed"])
    events = PlaceEvent.objects.filter(enrollment_ref=place.pk)
    return place.state == "seated" and events.count() == 1 and not letters.exists()


@pytest.mark.parametrize(
    "verb",
    [
        lambda place, to, by, at: withdrawal.withdraw(place, by=by, at=at),
        lambda place, to, by, at: withdrawal.withdraw(place, by=by, at=at, asked_by=by),
        lambda place, to, by, at: withdrawal.move(place, to, by=by, at=at),
        lambda place, to, by, at: withdrawal.remove(place, by=by, reason="no_show", at=at),
    ],
    ids=["withdraw", "asked", "move", "remove"],
)
def test_a_place_of_a_finished_session_is_neither_given_up_nor_moved_nor_ended(
    place, next_term, parent, verb
):
    over_at = place.session.over_at
    with pytest.raises(withdrawal.Refused) as refusal:
        verb(place, next_term, parent, over_at)
    assert refusal.value.code is Reason.FINISHED and untouched(place)
    verb(place, next_term, parent, over_at - timedelta(seconds=1))
    assert not untouched(place), "until the last class ends, as ever"


def test_the_family_is_told_so_at_the_addresses_it_may_still_have(logged_in, place, next_term, parent):
    client = logged_in(parent)
    for route, sent in (("place_leave", {"refund": "0.00"}), ("place_move", {"session": next_term.pk})):
        url = reverse(route, args=[place.pk])
        shown = client.get(url).content.decode()
        assert "La session est terminée" in shown and "data-focus-now" not in shown
        assert 'name="refund"' not in shown and 'name="session"' not in shown
        answer = client.post(url, sent)
        assert answer.status_code == 409 and "La session est terminée" in answer.content.decode()
    assert untouched(place)


@pytest.mark.parametrize("role", ["front_desk", "manager"])
def test_the_office_reads_finished_and_is_offered_no_change(
    logged_in, place, next_term, parent, role, request
):
    client = logged_in(request.getfixturevalue(role))
    for url in (
        reverse("office_place", args=[place.pk]),
        reverse("office_child", args=[place.child_id]),
        reverse("office_till", args=[place.reference]),
        reverse("office_people") + f"?q={place.reference}",
    ):
        shown = client.get(url).content.decode()
        with translation.override("fr"):
            assert standing(place.session, timezone.now()).words in shown
            assert place.get_state_display() not in shown.partition('id="story"')[0]
    shown = client.get(reverse("office_place", args=[place.pk])).content.decode()
    for route in ("office_place_leave", "office_place_move"):
        url = reverse(route, args=[place.pk])
        assert url not in shown
        tie = place.child.guardianships.get(guardian=parent)
        answer = client.post(url, {"asked_by": tie.pk, "refund": "0.00", "session": next_term.pk})
        assert answer.status_code == 409 and "La session est terminée" in answer.content.decode()
    assert untouched(place)


def test_a_manager_ends_such_a_place_only_to_correct_a_mistake(logged_in, place, manager):
    client = logged_in(manager)
    url = reverse("office_place", args=[place.pk])
    shown = client.get(url).content.decode()
    assert 'value="mistake"' in shown and 'value="no_show"' not in shown
    assert client.post(url, {"act": "remove", "reason": "no_show"}).status_code == 422 and untouched(place)
    client.post(url, {"act": "remove", "reason": "mistake"})
    place.refresh_from_db()
    assert place.state == "removed"


def test_a_family_that_asks_is_forgotten_without_giving_up_what_is_past(logged_in, place, parent, now):
    assert erasure.in_the_way([place.child], now) == [] and erasure.why_not(parent, now) is None
    assert erasure.agree(place.child, by=parent, at=now)
    place.refresh_from_db()
    assert place.state == "seated", "it stays in the accounts, without a name"
    assert roster.seated(place.session) == [] and receipts.unpaid(timezone.localdate(now)) == []


def test_a_place_that_is_not_past_still_stands_in_the_way(child, parent, now):
    row = admission.enroll(child=child, session=SessionFactory(), by=parent, at=now)
    assert erasure.in_the_way([child], now) == [row]
    with pytest.raises(erasure.Refused):
        erasure.agree(child, by=parent, at=now)


def test_a_child_is_forgotten_three_years_after_its_last_class(place, now):
    place.child.created_at = now - timedelta(days=60)
    place.child.save(update_fields=["created_at"])
    retention.retain(now + timedelta(days=3 * 365 + 40), apply=True)
    place.child.refresh_from_db()
    assert place.child.erased_at and Enrollment.objects.get(pk=place.pk).state == "seated"


@pytest.mark.parametrize(
    "sent",
    [
        {"act": "seats", "capacity": 20, "held_back": 0, "reason": "room"},
        {"act": "opening", "opens_at": "", "closes_at": "", "reason": "calendar"},
    ],
    ids=["seats", "opening"],
)
def test_seats_and_dates_of_a_finished_session_are_read_only(logged_in, manager, sent, now):
    session = finished(closes_at=now - timedelta(days=30))
    client, url = logged_in(manager), reverse("office_session_places", args=[session.pk])
    page = client.get(url).content.decode()
    assert (
        'name="capacity"' not in page and 'name="closes_at' not in page and "La session est terminée" in page
    )
    answer = client.post(url, sent)
    assert answer.status_code == 422 and "La session est terminée" in answer.content.decode()
    again = type(session).objects.get(pk=session.pk)
    assert (again.capacity, again.closes_at) == (session.capacity, session.closes_at)
    assert not SessionEvent.objects.exists()
    before = session.over_at - timedelta(seconds=1)
    overrides.set_seats(session, 20, 0, reason="room", by=manager, at=before)
    overrides.set_opening(session, None, None, reason="calendar", by=manager, at=before)


def test_a_finished_session_is_neither_cancelled_nor_merged_by_any_address(logged_in, place, manager, now):
    client, session = logged_in(manager), place.session
    url = reverse("office_session_cancel", args=[session.pk])
    for answer in (client.get(url, follow=True), client.post(url, {"reason": "few"}, follow=True)):
        assert answer.redirect_chain[-1][0] == reverse("office_session_places", args=[session.pk])
        assert "session est terminée : ses places" in re.sub(r"\s+", " ", answer.content.decode())
    with pytest.raises(withdrawal.Refused) as refusal:
        withdrawal.cancel_session(session, by=manager, at=session.over_at, reason="few")
    assert refusal.value.code is Reason.FINISHED and untouched(place)
    assert untouched(place)


def test_a_finished_session_is_not_merged_into_one_that_takes_children(logged_in, parent, manager, now):
    over = finished(first_on=saturday_in(-2), count=2)
    place = enrolled(over, parent)
    into = SessionFactory(course=over.course, first_on=saturday_in(1), term=over.term)
    early = over.over_at - timedelta(days=8)
    assert into in session_merge.targets(over, early), "while it was held"
    url = reverse("office_session_unite", args=[over.pk, into.pk])
    assert logged_in(manager).get(url).status_code == 404
    with pytest.raises(session_merge.Refused) as refusal:
        session_merge.unite(
            over, into, answer_by=session_merge.proposed(into, now), reason="few", by=manager, at=now
        )
    assert refusal.value.code is session_merge.Reason.OVER and untouched(place)


def test_a_session_whose_last_classes_were_cancelled_can_still_be_cancelled(logged_in, place, manager, now):
    """What families are refunded for those classes is decided so (domain §5)."""
    session = place.session
    last = session.meetings.order_by("number").last()
    scheduling.cancel(last, at=last.starts_at - timedelta(days=1), reason="room")
    session.refresh_from_db()
    assert session.is_over(last.starts_at)
    url = reverse("office_session_cancel", args=[session.pk])
    assert logged_in(manager).get(url).status_code == 200
    withdrawal.cancel_session(session, by=manager, at=last.starts_at, reason="few")
    place.refresh_from_db()
    assert place.state == "cancelled"


def test_a_place_ended_as_a_mistake_costs_nothing(place, manager, now):
    withdrawal.remove(place, by=manager, reason="mistake", at=now)
    account = receipts.account_of(place.reference)
    assert (account.due, account.kept) == (0, 0)


def test_a_child_erased_again_after_a_restore_keeps_what_is_paid_balanced(place, manager, now):
    receipts.receive(
        place.reference, amount=place.price, method="cash", payer=None, by=manager, at=now, form_key=uuid4()
    )
    before = receipts.account_of(place.reference)
    erasure.erase_again(place.child, at=now)
    assert receipts.account_of(place.reference) == before
    assert place.reference not in [reference for reference, _account in receipts.to_give_back()]
