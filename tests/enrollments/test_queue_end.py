"""Closing enrollment by a slip: asked first; reopened within the hour, all is as before (domain §5)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting
from enrollments.families import children
from enrollments.letters import delivery
from enrollments.models import Enrollment, Letter, PlaceEvent
from enrollments.places import admission, audit, offers, overrides, queue_end, session_merge, waiting_list
from enrollments.privacy import erasure
from tests.factories import CourseFactory, UserFactory
from tests.queues import AT, DAY, HOUR, join, queue, session_of, soon, state, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("true_at_the_end")]
MINUTE = timedelta(minutes=1)


def until(session, closes_at, by, at, agreed=None):
    agreed = queue_end.mark(session) if agreed is None else agreed
    return overrides.set_opening(session, None, closes_at, reason="calendar", by=by, at=at, agreed=agreed)


def facts(session) -> list[dict]:
    """Return all that the places of a session are, but for when they were changed."""
    rows = Enrollment.objects.filter(session=session).order_by("pk").values()
    return [{name: value for name, value in row.items() if name != "changed_at"} for row in rows]


def furnished():
    """Return a session with a seated child, an offer that was opened, a group that waits, and one more."""
    session = session_of(capacity=2)
    seated, leaves, offered = queue(session, 2)
    parent = UserFactory()
    admission.enroll_together(
        children=[ten(parent), ten(parent)], session=session, by=parent, at=AT, all_or_none=True
    )
    join(session)
    withdraw(leaves)
    offered.refresh_from_db()
    assert (offered.state, seated.state) == ("offered", "seated")
    offers.mark_opened(offered, AT + HOUR)
    return session


@pytest.mark.parametrize("after", [timedelta(), 59 * MINUTE])
def test_reopened_within_the_hour_states_tickets_groups_and_offers_are_as_before(manager, after):
    session, at = furnished(), AT + 2 * HOUR
    before = facts(session)
    until(session, at - DAY, manager, at)
    assert {row["state"] for row in facts(session)} == {"seated", "withdrawn", "lapsed"}
    session.refresh_from_db()
    assert (session.seats_taken, session.waiting_count) == (1, 0) and audit.check(at) == []
    until(session, None, manager, at + after)
    assert facts(session) == before
    session.refresh_from_db()
    assert (session.seats_taken, session.waiting_count) == (2, 3) and audit.check(at + after) == []
    last = PlaceEvent.objects.filter(session_ref=session.pk).order_by("-pk")[:4]
    assert {(event.reason, event.from_state, event.by_ref) for event in last} == {
        ("reopened", "lapsed", manager.pk)
    }


def test_an_hour_later_the_queue_stays_ended_and_the_families_are_told(manager):
    session, at = furnished(), AT + 2 * HOUR
    until(session, at - DAY, manager, at)
    assert delivery.send_due(at + 59 * MINUTE) == Letter.objects.exclude(kind="waiting_over").count()
    until(session, None, manager, at + HOUR)
    assert Enrollment.objects.filter(session=session, state="lapsed").count() == 4
    told = Letter.objects.filter(kind="waiting_over")
    assert {letter.state for letter in told} == {"queued"} and told.count() == 4
    delivery.send_due(at + HOUR)
    assert {letter.state for letter in told.all()} == {"sent"}


def test_a_slip_put_right_writes_to_nobody(manager):
    session, at = furnished(), AT + 2 * HOUR
    written = Letter.objects.count()
    until(session, at - DAY, manager, at)
    until(session, None, manager, at + MINUTE)
    assert set(Letter.objects.filter(kind="waiting_over").values_list("state", flat=True)) == {"withheld"}
    assert Letter.objects.exclude(kind="waiting_over").count() == written


def test_what_the_last_day_to_join_has_ended_comes_back_too_when_the_day_is_put_off(manager):
    session = furnished()
    end = session.joinable_until
    Enrollment.objects.filter(session=session, state="offered").update(
        offer_until=end + DAY, due_at=end + DAY
    )
    before = facts(session)
    session.refresh_from_db()
    waiting_list.settle_due(end)
    assert Enrollment.objects.filter(session=session, state="lapsed").count() == 4
    session.join_until = timezone.localdate(end + 3 * DAY)
    session.save(update_fields=["join_until"])
    waiting_list.settle_changed(None, session=session, at=end + 30 * MINUTE)
    assert facts(session) == before


def test_an_offer_whose_time_ran_out_meanwhile_or_whose_seat_is_gone_waits_with_its_ticket(manager):
    session = session_of(capacity=1)
    seated, offered, behind = queue(session, 2)
    withdraw(seated)
    offered.refresh_from_db()
    at = offered.offer_until - 10 * MINUTE
    until(session, at - DAY, manager, at)
    until(session, None, manager, at + 20 * MINUTE)
    # It is the head of the queue: it gets a new offer, nobody passes it.
    assert [state(offered), state(behind)] == ["offered", "waiting"]
    assert offered.offer_until > at + 20 * MINUTE
    reasons = (
        PlaceEvent.objects.filter(enrollment_ref=offered.pk).order_by("pk").values_list("reason", flat=True)
    )
    assert list(reasons)[-3:] == ["joining_closed", "reopened", "offered"]

    at = at + HOUR
    until(session, at - DAY, manager, at)
    overrides.set_seats(session, 1, 1, reason="room", by=manager, at=at)
    until(session, None, manager, at + MINUTE)
    assert [state(offered), state(behind)] == ["waiting", "waiting"] and offered.ticket < behind.ticket


def test_who_cannot_come_back_stays_ended_and_its_group_is_dissolved(manager):
    session, parent = session_of(capacity=1), UserFactory()
    join(session)
    one, other = admission.enroll_together(
        children=[ten(parent), ten(parent)], session=session, by=parent, at=AT, all_or_none=True
    )
    until(session, AT - DAY, manager, AT)
    erasure.erase_child(one.child, by=manager, at=AT + MINUTE)
    until(session, None, manager, AT + 2 * MINUTE)
    assert [state(one), state(other)] == ["lapsed", "waiting"] and other.party is None


def test_a_cancelled_session_has_no_such_hour(manager):
    session = session_of()
    _seated, waits = queue(session, 1)
    session.refresh_from_db()
    session.cancelled_at = AT
    session.save(update_fields=["cancelled_at"])
    waiting_list.settle_changed(None, session=session, at=AT)
    assert state(waits) == "lapsed" and waits.closed_with is None
    assert Letter.objects.get(kind="waiting_over").next_try_at == AT


def test_a_family_that_joined_again_after_the_hour_keeps_its_new_ticket(manager):
    session = session_of()
    _seated, waits = queue(session, 1)
    until(session, AT - DAY, manager, AT)
    until(session, None, manager, AT + 2 * HOUR)
    again = join(session, waits.child, at=AT + 2 * HOUR)
    waiting_list.settle_changed(None, session=session, at=AT + 3 * HOUR)
    assert [state(waits), state(again)] == ["lapsed", "waiting"] and again.ticket > waits.ticket


# ---- asked first


def test_closing_at_once_is_refused_until_exactly_this_queue_was_agreed_to(manager):
    session = session_of()
    _seated, waits = queue(session, 1)
    shown = queue_end.mark(session)
    with pytest.raises(overrides.Refused) as refusal:
        until(session, AT - DAY, manager, AT, agreed="")
    assert refusal.value.code is overrides.Reason.ENDS_QUEUE
    join(session)
    with pytest.raises(overrides.Refused):
        until(session, AT - DAY, manager, AT, agreed=shown)
    assert state(waits) == "waiting"
    until(session, AT + DAY, manager, AT, agreed="")  # nothing ends yet


def test_the_office_names_whom_it_ends_keeps_what_was_typed_and_says_until_when_it_can_be_undone(
    logged_in, manager
):
    session = soon()
    at = timezone.now()
    _seated, waits = (join(session, at=at) for _child in range(2))
    client, url = logged_in(manager), reverse("office_session_places", args=[session.pk])
    past = timezone.localtime(at - DAY)
    typed = {"act": "opening", "closes_at": f"{past:%d/%m/%Y %H:%M}", "reason": "calendar"}
    page = client.post(url, typed)
    assert page.status_code == 422 and waits.child.first_name in page.content.decode()
    assert page.context["agreed"] in page.content.decode() and f"{past:%d/%m/%Y}" in page.content.decode()
    assert state(waits) == "waiting"
    assert client.post(url, typed | {"agreed": page.context["agreed"]}).status_code == 302
    assert state(waits) == "lapsed"
    assert client.get(url).context["kept"]["count"] == 1
    assert client.post(url, {"act": "opening", "closes_at": "", "reason": "calendar"}).status_code == 302
    assert state(waits) == "waiting" and client.get(url).context["kept"] is None


def edit_data(session, **changes) -> dict:
    return {
        "term": session.term_id,
        "language": "fr",
        "price": session.price,
        "capacity": session.capacity,
        "held_back": session.held_back,
        "minimum": session.minimum,
    } | changes


@pytest.mark.parametrize("field", ["closes_at", "join_until"])
def test_the_cms_asks_with_counts_and_without_a_name(logged_in, manager, field):
    session = soon()
    at = timezone.now()
    _seated, waits, other = (join(session, at=at) for _child in range(3))
    client, url = logged_in(manager), reverse("sessions:edit", args=[session.pk])
    past = timezone.localtime(at - DAY)
    typed = edit_data(
        session, **{field: f"{past:%d/%m/%Y %H:%M}" if field == "closes_at" else f"{past:%d/%m/%Y}"}
    )
    page = client.post(url, typed)
    words = page.content.decode()
    form = page.context["form"]
    assert page.status_code == 200 and state(waits) == "waiting"
    assert "2 enfants" in words or "2 children" in words
    assert waits.child.first_name not in words and waits.child.last_name not in words
    assert reverse("office_roster", args=[session.pk]) in words
    join(session, at=at)  # another tab: the warning has changed
    assert client.post(url, typed | {"seen": form.cautions_mark}).status_code == 200
    assert state(waits) == "waiting"
    mark = client.post(url, typed).context["form"].cautions_mark
    withdraw(other, at=at)
    other = join(session, at=at)
    stale = client.post(url, typed | {"seen": mark})
    assert state(waits) == "waiting", "as many children, but one is another"
    assert "entre-temps" in stale.content.decode()
    mark = stale.context["form"].cautions_mark
    assert client.post(url, typed | {"seen": mark}).status_code == 302
    assert [state(waits), state(other)] == ["lapsed", "lapsed"]
    assert client.post(url, edit_data(session)).status_code == 302
    assert [state(waits), state(other)] == ["waiting", "waiting"]


def test_a_session_without_a_queue_is_closed_without_a_question(logged_in, manager):
    session = soon(capacity=3)
    at = timezone.now()
    join(session, at=at)
    past = timezone.localtime(at - DAY)
    typed = edit_data(session, join_until=f"{past:%d/%m/%Y}")
    assert logged_in(manager).post(reverse("sessions:edit", args=[session.pk]), typed).status_code == 302


def test_cancelling_the_last_class_to_join_asks_too(logged_in, manager):
    session = soon(count=1)
    at = timezone.now()
    _seated, waits = (join(session, at=at) for _child in range(2))
    meeting = Meeting.objects.get(session=session)
    client, url = logged_in(manager), reverse("sessions:meeting", args=[session.pk, meeting.pk])
    assert client.get(url).context["forms"]["cancel"].cautions
    client.post(url, {"verb": "cancel", "cancel-reason": "Travaux"})
    assert state(waits) == "waiting"
    desk = client.post(
        reverse("desk_move", args=[meeting.pk]), {"act": "look", "slot": "cancel", "reason": "ill"}
    )
    assert desk.status_code == 200 and desk.context["cautions"]
    said = desk.context["cautions_mark"]
    withdraw(waits, at=at)
    other = join(session, at=at)
    stale = client.post(url, {"verb": "cancel", "cancel-reason": "Travaux", "seen": said})
    assert state(other) == "waiting", "one child again, but another one"
    assert "Travaux" in stale.content.decode() and "entre-temps" in stale.content.decode()
    done = {"act": "do", "slot": "cancel", "reason": "ill", "seen": said}
    assert client.post(reverse("desk_move", args=[meeting.pk]), done).status_code == 422
    assert state(other) == "waiting"
    said = stale.context["forms"]["cancel"].cautions_mark
    client.post(url, {"verb": "cancel", "cancel-reason": "Travaux", "seen": said})
    assert state(other) == "lapsed"


def test_a_message_that_may_still_be_withheld_is_not_on_the_list_to_give_by_phone(
    logged_in, front_desk, manager
):
    session = soon()
    at = timezone.now()
    join(session, at=at)
    quiet = UserFactory(email=None)
    join(session, ten(quiet), at=at)
    until(session, at - DAY, manager, at)
    letter = Letter.objects.get(kind="waiting_over")
    client = logged_in(front_desk)
    people, person = reverse("office_people"), reverse("office_person", args=[quiet.pk])
    assert letter not in client.get(people).context["waiting"]
    assert reverse("office_told", args=[letter.pk]) not in client.get(person).content.decode()
    Letter.objects.filter(pk=letter.pk).update(next_try_at=at)
    assert letter in client.get(people).context["waiting"]


def test_a_merged_family_has_its_kept_seat_again(manager):
    course = CourseFactory()
    here, into = session_of(course=course), session_of(course=course, capacity=3)
    kept = join(here)
    session_merge.unite(here, into, answer_by=AT + 2 * DAY, reason="too_few", by=manager, at=AT)
    row = Enrollment.objects.get(session=into, child=kept.child)
    before = facts(into)
    until(into, AT - DAY, manager, AT + HOUR)
    assert state(row) == "lapsed"
    until(into, None, manager, AT + HOUR + MINUTE)
    assert facts(into) == before


def test_a_corrected_birth_date_in_between_is_judged_when_the_session_reopens(manager):
    session = session_of()
    seated, offered = queue(session, 1)
    withdraw(seated)
    assert state(offered) == "offered"
    until(session, AT - DAY, manager, AT + HOUR)
    born = offered.child.birth_date.replace(year=2021)
    children.correct_birth_date(offered.child, birth_date=born, at=AT + HOUR)
    until(session, None, manager, AT + HOUR + MINUTE)
    assert state(offered) == "waiting"
