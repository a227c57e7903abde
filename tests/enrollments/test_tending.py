"""Places in the office: call list, capacity, reserved places, ending a place, priority, enrolling,
waivers.
"""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from courses.models import Session
from courses.timetable import scheduling
from enrollments.models import Enrollment, Letter, PlaceCheck, PlaceNote, SessionEvent, Waiver
from enrollments.places import admission, session_merge, withdrawal
from tests.factories import ChildFactory, UserFactory
from tests.queues import soon, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def join(session, at, **facts):
    guardian = UserFactory()
    child = ChildFactory(**({"guardian": guardian, "age": 10} | facts))
    return admission.enroll(child=child, session=session, by=guardian, at=at)


@pytest.fixture
def in_line(now):
    """Return an offer made less than a day before a class, to phone about, and the next one waiting."""
    session = soon()
    rows = [join(session, now) for _child in range(3)]
    with time_machine.travel(session.first_at - timedelta(hours=5), tick=False):
        withdrawal.withdraw(rows[0], by=rows[0].enrolled_by, at=timezone.now())
        yield rows[1:]


@pytest.mark.parametrize(
    ("answer", "first", "second"),
    [("yes", "seated", "waiting"), ("no", "declined", "offered"), ("none", "lapsed", "offered")],
)
def test_the_next_in_line_is_called_and_the_answer_noted(
    logged_in, front_desk, in_line, answer, first, second
):
    client, (row, behind) = logged_in(front_desk), in_line
    page = client.get(reverse("office_calls")).content.decode()
    assert row.child.full_name in page and behind.child.full_name not in page
    assert str(row.child.guardians.get().phone) in page
    url = reverse("office_call_answer", args=[row.pk])
    client.post(url, {"answer": "call"})
    assert state(row) == "offered" and row.offer_until == timezone.now() + timedelta(minutes=20)
    client.post(url, {"answer": answer})
    assert [state(row), state(behind)] == [first, second]
    assert client.post(url, {"answer": answer}).status_code == 302, "the same button again breaks nothing"
    assert [state(row), state(behind)] == [first, second]
    assert client.post(url, {"answer": "dance"}).status_code == 404


def test_an_empty_call_list_says_what_would_stand_there(logged_in, front_desk):
    page = logged_in(front_desk).get(reverse("office_calls")).content.decode()
    assert "Aucune place à proposer par téléphone" in page


def test_raising_the_places_offers_them_at_once_and_the_decision_is_kept(logged_in, manager, now):
    session = soon()
    rows = [join(session, now) for _child in range(3)]
    client, url = logged_in(manager), reverse("office_session_places", args=[session.pk])
    assert client.post(url, {"capacity": 0, "held_back": 0, "reason": "room"}).status_code == 422
    assert client.post(url, {"capacity": 3, "held_back": 0}).status_code == 422, "a reason is asked"
    assert client.post(url, {"capacity": 3, "held_back": 1, "reason": "room"}).url == url
    assert [state(row) for row in rows] == ["seated", "offered", "waiting"]
    assert {(event.what, event.before, event.after) for event in SessionEvent.objects.all()} == {
        ("capacity", 1, 3),
        ("held_back", 0, 1),
    }
    client.post(url, {"capacity": 3, "held_back": 0, "reason": "freed"})
    assert state(rows[2]) == "offered"
    page = client.post(url, {"capacity": 2, "held_back": 0, "reason": "room"})
    assert page.status_code == 422 and "au moins 3" in page.content.decode()
    assert "1 → 3" in client.get(url).content.decode()


def test_the_cms_serves_the_queue_too_when_it_raises_the_places_and_the_decision_is_kept(
    logged_in, manager, now
):
    """An editor of the timetable raises the capacity: waiting children get offers in the same transaction."""
    session = soon()
    _seated, waits = (join(session, now) for _child in range(2))
    said = {
        "term": session.term_id,
        "language": "fr",
        "price": session.price,
        "capacity": 3,
        "held_back": 1,
        "minimum": 0,
    }
    assert logged_in(manager).post(reverse("sessions:edit", args=[session.pk]), said).status_code == 302
    assert state(waits) == "offered"
    kept = SessionEvent.objects.filter(session_ref=session.pk).values_list(
        "what", "before", "after", "reason", "by_ref"
    )
    assert set(kept) == {
        ("capacity", 1, 3, "timetable", manager.pk),
        ("held_back", 0, 1, "timetable", manager.pk),
    }
    page = logged_in(manager).get(reverse("office_session_places", args=[session.pk])).content.decode()
    assert "modifié dans le calendrier" in page


def test_who_waits_is_released_when_a_moved_meeting_brings_the_last_day_to_join_before_today(now):
    """Joining ends with the third class: cancelling the future ones leaves the first, which is over."""
    session = soon(count=3, first_on=timezone.localdate(now) - timedelta(days=5))
    _seated, waits = (join(session, now) for _child in range(2))
    assert session.joinable_until > now
    for meeting in session.meetings.filter(starts_at__gt=now):
        scheduling.cancel(meeting, at=now, reason="Travaux")
    assert state(waits) == "lapsed" and Letter.objects.filter(kind="waiting_over").count() == 1


def test_a_place_is_ended_for_a_reason_and_its_story_stands_on_the_page(logged_in, manager, now):
    session = soon()
    row, behind = join(session, now), join(session, now)
    client, url = logged_in(manager), reverse("office_place", args=[row.pk])
    assert client.post(url, {"act": "remove"}).status_code == 422
    client.post(url, {"act": "remove", "reason": "no_show", "words": "Appelé trois fois."})
    assert [state(row), state(behind)] == ["removed", "offered"]
    assert PlaceNote.objects.get().words == "Appelé trois fois."
    assert Letter.objects.filter(kind="removed").count() == 1
    page = client.get(url).content.decode()
    assert "jamais vu" in page and "Appelé trois fois." in page and "inscription" in page
    client.post(url, {"act": "remove", "reason": "no_show"})
    assert Letter.objects.filter(kind="removed").count() == 1, "twice is once"


def test_the_desk_reads_a_place_and_ends_none(logged_in, front_desk, now):
    row = join(soon(), now)
    client, url = logged_in(front_desk), reverse("office_place", args=[row.pk])
    assert "remove" not in client.get(url).content.decode().split("<main")[1]
    assert client.post(url, {"act": "remove", "reason": "no_show"}).status_code == 404
    assert state(row) == "seated"


def test_who_comes_first_is_a_managers_decision(logged_in, manager, now):
    session = soon()
    seated, second, third = (join(session, now) for _child in range(3))
    client = logged_in(manager)
    client.post(
        reverse("office_place", args=[third.pk]), {"act": "priority", "priority": 1, "reason": "sibling"}
    )
    withdrawal.withdraw(seated, by=seated.enrolled_by, at=now)
    assert [state(second), state(third)] == ["waiting", "offered"]


def test_a_family_at_the_desk_is_enrolled_in_one_press(logged_in, front_desk, now):
    session, full = soon(), soon()
    join(full, now)
    child = ChildFactory(guardian=UserFactory(), age=10)
    client, url = logged_in(front_desk), reverse("office_enroll", args=[child.pk])
    page = client.get(url).content.decode()
    assert page.count('name="session"') == 2
    assert client.post(url, {"session": session.pk}).url == reverse("office_child", args=[child.pk])
    row = Enrollment.objects.get(child=child)
    assert (row.state, row.enrolled_by) == ("seated", front_desk)
    assert client.post(url, {"session": session.pk}).status_code == 409, "once is enough"
    assert client.post(url, {"session": full.pk}).status_code == 409, "and not at the same hour"
    assert client.post(url, {"session": 99_999}).status_code == 404


def test_a_manager_lets_one_child_pass_one_obstacle(logged_in, manager, front_desk, now):
    session, child = soon(), ChildFactory(guardian=UserFactory(), age=8)
    client, url = logged_in(manager), reverse("office_waive", args=[child.pk, session.pk])
    listed = client.get(reverse("office_enroll", args=[child.pk]) + "?all=1").content.decode()
    assert url in listed and 'name="session"' not in listed
    assert client.post(url, {"code": "too_young"}).status_code == 422, "a reason is asked"
    client.post(url, {"code": "too_young", "reason": "ready"})
    assert Waiver.objects.get().reason == "ready"
    assert (
        client.post(reverse("office_enroll", args=[child.pk]) + "?all=1", {"session": session.pk}).status_code
        == 302
    )
    assert Enrollment.objects.get(child=child).state == "seated"


def plain(answer) -> str:
    return answer.content.decode().replace("\xa0", " ")


def test_will_it_run_lists_the_sessions_that_lack_children(logged_in, manager, now):
    few = soon(capacity=12, minimum=6, decision_at=now - timedelta(hours=1))
    enough, twin = soon(), soon(course=few.course, capacity=5)
    join(few, now), join(enough, now)
    client, url = logged_in(manager), reverse("office_decisions")
    page = client.get(url).content.decode()
    assert reverse("office_session_cancel", args=[few.pk]) in page and "à décider" in page
    assert reverse("office_session_cancel", args=[enough.pk]) not in page
    assert reverse("office_roster", args=[twin.pk]) in page
    asked = client.post(url, {"session": few.pk})
    few.refresh_from_db()
    assert few.confirmed_at is None and "1 enfant a une place. Le minimum est 6." in plain(asked)
    join(few, now)
    stale = client.post(url, {"session": few.pk, "seen": asked.context["mark"]})
    few.refresh_from_db()
    assert few.confirmed_at is None and "2 enfants ont une place" in plain(stale), "the figures changed"
    client.post(url, {"session": few.pk, "seen": stale.context["mark"]})
    few.refresh_from_db()
    assert few.confirmed_at and SessionEvent.objects.get().what == "confirmed"
    assert Letter.objects.filter(kind="session_confirmed").count() == 2
    assert "assez d’enfants" in client.get(url).content.decode()
    assert client.post(url, {"session": "x"}).status_code == 404


def test_every_merge_that_is_proposed_can_be_opened_and_none_of_another_season(logged_in, manager, now):
    few = soon(capacity=12, minimum=6, decision_at=now - timedelta(hours=1))
    at_hand = soon(course=few.course, first_on=few.first_on + timedelta(days=28), capacity=5)
    far = soon(course=few.course, first_on=few.first_on + timedelta(days=29), capacity=5)
    closed = soon(course=few.course, capacity=5, closes_at=now - timedelta(hours=1))
    full = soon(course=few.course, capacity=1)
    join(few, now), join(full, now)
    client = logged_in(manager)
    page = client.get(reverse("office_decisions")).content.decode()
    proposed = re.findall(rf"/office/sessions/{few.pk}/into/(\d+)/", page)
    assert proposed == [str(at_hand.pk)]
    for into in (at_hand, far, closed, full):
        answer = client.get(reverse("office_session_unite", args=[few.pk, into.pk]))
        assert answer.status_code == (200 if into == at_hand else 404)
    with pytest.raises(session_merge.Refused):
        session_merge.unite(few, far, answer_by=now + timedelta(days=2), reason="too_few", by=manager, at=now)


def test_the_decisions_ask_the_same_for_one_session_and_for_three(logged_in, manager, now, queries):
    client, url, counts = logged_in(manager), reverse("office_decisions"), []
    few = soon(capacity=12, minimum=6, decision_at=now - timedelta(hours=1))
    client.get(url)
    for more in (2, 0):
        with queries() as seen:
            client.get(url)
        counts.append(len(seen))
        for _session in range(more):
            soon(course=few.course, capacity=12, minimum=6, decision_at=now - timedelta(hours=1))
    assert counts[0] == counts[1]


def test_cancelling_a_session_shows_whom_it_concerns_first(logged_in, manager, now):
    session = soon()
    row = join(session, now)
    client, url = logged_in(manager), reverse("office_session_cancel", args=[session.pk])
    assert row.child.full_name in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422 and state(row) == "seated"
    client.post(url, {"reason": "too_few"})
    assert state(row) == "cancelled"
    assert client.post(url, {"reason": "too_few"}).status_code == 302
    assert Letter.objects.filter(kind="session_cancelled").count() == 1


def test_the_nightly_check_is_read_at_the_office(logged_in, front_desk, now):
    session = soon()
    join(session, now)
    with time_machine.travel(timezone.localtime(now).replace(hour=3, minute=5), tick=False):
        call_command("tick")
        call_command("tick")
    assert PlaceCheck.objects.count() == 1, "once a night"
    Session.objects.filter(pk=session.pk).update(waiting_count=3)
    with pytest.raises(SystemExit):
        call_command("check_places")
    page = logged_in(front_desk).get(reverse("office_checks")).content.decode()
    assert "aucune erreur" in page and "invariant 1" in page


def test_five_hundred_calls_are_ten_pages(logged_in, front_desk, now):
    session = soon(capacity=60)
    rows = [
        Enrollment(
            child=ChildFactory(),
            session=session,
            state="offered",
            ticket=number,
            price=1,
            first_meeting_on=session.first_on,
            created_at=now,
            changed_at=now,
            offered_at=now,
            offer_until=now + timedelta(hours=2),
            offer_kind="call",
            due_at=now + timedelta(hours=2),
        )
        for number in range(1, 56)
    ]
    Enrollment.objects.bulk_create(rows)
    client = logged_in(front_desk)
    assert client.get(reverse("office_calls") + "?page=2").content.decode().count('id="call-') == 5
    assert client.get(reverse("office_calls") + "?page=3").status_code == 404


def test_a_reasons_code_means_one_thing_only():
    from enrollments.forms.office import reasons as forms

    lists = (forms.SEATS, forms.REMOVAL, forms.PRIORITY, forms.WAIVER, forms.CANCEL, forms.DONE)
    for one in lists:
        for other in lists:
            for code in one.keys() & other.keys():
                assert str(one[code]) == str(other[code]), code
