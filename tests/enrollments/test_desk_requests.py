"""The desk ends and moves places when a guardian asks; classes stay with the managers, whom it calls."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from enrollments.classes.change_notices import Guardianship
from enrollments.models import Enrollment, Letter, PlaceEvent, ReadRecord
from enrollments.places import admission, withdrawal
from tests.classes import class_now
from tests.factories import (
    ChildFactory,
    GuardianshipFactory,
    LessonFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
State = Enrollment.State


@pytest.fixture
def place(now):
    """Return a seat of Adam, enrolled by his mother; his father has full rights, his aunt may read."""
    mother, father, aunt = (UserFactory(name=name) for name in ("Samira Mère", "Karim Père", "Zineb Tante"))
    child = ChildFactory(first_name="Adam", guardian=mother, age=10)
    GuardianshipFactory(child=child, guardian=father)
    GuardianshipFactory(child=child, guardian=aunt, rights="informed")
    session = SessionFactory(first_on=timezone.localdate() + timedelta(days=10), minimum=0)
    return admission.enroll(child=child, session=session, by=mother, at=now)


def tie_of(place, name) -> Guardianship:
    return Guardianship.objects.get(child=place.child_id, guardian__name__startswith=name)


def leave(client, place, name="Samira", **more):
    url = reverse("office_place_leave", args=[place.pk])
    return client.post(url, {"asked_by": tie_of(place, name).pk if name else ""} | more, follow=True)


def state_of(place) -> str:
    place.refresh_from_db()
    return place.state


@pytest.mark.parametrize("role", ["Front desk", "Programme managers"])
def test_the_desk_gives_up_a_place_for_the_guardian_who_asks(logged_in, place, role):
    desk = StaffFactory(role=role)
    client = logged_in(desk)
    shown = client.get(reverse("office_place", args=[place.pk])).content.decode()
    assert reverse("office_place_leave", args=[place.pk]) in shown
    assert reverse("office_place_move", args=[place.pk]) in shown
    page = leave(client, place)
    assert state_of(place) == State.WITHDRAWN
    event = PlaceEvent.objects.get(enrollment_ref=place.pk, to_state=State.WITHDRAWN)
    assert (event.by_ref, event.asked_by_ref, event.reason) == (
        desk.pk,
        tie_of(place, "Samira").guardian_id,
        "withdrawn",
    )
    assert "Samira Mère" in page.content.decode().split(gettext("Place history"))[1]
    told = Letter.objects.filter(kind="withdrawn")
    assert {letter.recipient.name for letter in told} == {"Samira Mère", "Karim Père"}
    said = gettext("%(name)s asked the front desk for it.") % {"name": "Samira"}
    assert all(said in letter.body for letter in told)
    assert ReadRecord.objects.filter(child_ref=place.child_id, by_ref=desk.pk).exists()


def test_nobody_asks_then_nothing_changes_and_the_page_says_so(logged_in, front_desk, place):
    client = logged_in(front_desk)
    page = leave(client, place, name="")
    assert page.status_code == 409 and gettext("Choose the guardian who asks.") in page.content.decode()
    informed = leave(client, place, "Zineb")
    assert informed.status_code == 409 and "Zineb" not in informed.content.decode()
    assert state_of(place) == State.SEATED
    with pytest.raises(withdrawal.Refused, match="not_guardian"):
        withdrawal.withdraw(place, by=front_desk, at=timezone.now(), asked_by=tie_of(place, "Zineb").guardian)


def test_the_choice_is_kept_when_the_refund_has_changed(logged_in, front_desk, place):
    page = leave(logged_in(front_desk), place, "Karim", refund="999999.00")
    assert page.status_code == 409 and state_of(place) == State.SEATED
    chosen = f'name="asked_by" value="{tie_of(place, "Karim").pk}" checked'
    assert chosen in page.content.decode()


def test_the_only_guardian_with_full_rights_is_chosen_beforehand(logged_in, front_desk, place):
    url, client = reverse("office_place_leave", args=[place.pk]), logged_in(front_desk)
    assert "checked" not in client.get(url).content.decode().split('name="asked_by"')[1].split(">")[0]
    tie_of(place, "Karim").delete()
    assert f'value="{tie_of(place, "Samira").pk}" checked' in client.get(url).content.decode()


def test_another_guardian_who_asks_leaves_a_day_to_keep_the_place(logged_in, front_desk, place):
    """The guardian who asks counts, not the colleague who presses the button (domain §5)."""
    client = logged_in(front_desk)
    leave(client, place, "Karim")
    assert state_of(place) == State.SEATED and place.leaves_at
    assert place.leaving_by_ref == tie_of(place, "Karim").guardian_id
    letter = Letter.objects.filter(kind="leaving").first()
    assert "Karim" in letter.subject and front_desk.get_short_name() not in letter.subject
    url = reverse("office_place_leave", args=[place.pk])
    assert 'value="keep"' in client.get(url).content.decode()
    leave(client, place, "Samira", act="keep")
    assert state_of(place) == State.SEATED and place.leaves_at is None
    assert list(
        PlaceEvent.objects.filter(enrollment_ref=place.pk, asked_by_ref__isnull=False).values_list(
            "reason", flat=True
        )
    ) == ["leaving", "taken_back"]


@pytest.mark.parametrize("capacity", [1, 2])
def test_a_waiting_child_leaves_the_list_and_a_seat_goes_to_the_next(logged_in, front_desk, now, capacity):
    session = SessionFactory(first_on=timezone.localdate() + timedelta(days=10), capacity=capacity, minimum=0)
    rows = []
    for _child in range(3):
        guardian = UserFactory(name="Samira Mère")
        child = ChildFactory(guardian=guardian, age=10)
        rows.append(admission.enroll(child=child, session=session, by=guardian, at=now))
    client = logged_in(front_desk)
    assert (
        gettext("Leave the waiting list")
        in client.get(reverse("office_place", args=[rows[2].pk])).content.decode()
    )
    leave(client, rows[0])
    assert state_of(rows[0]) == State.WITHDRAWN
    assert state_of(rows[capacity]) == State.OFFERED
    leave(client, rows[capacity])
    assert state_of(rows[capacity]) == State.WITHDRAWN
    assert leave(client, rows[capacity]).status_code == 200, "pressed twice it is once"
    assert PlaceEvent.objects.filter(enrollment_ref=rows[capacity].pk, to_state="withdrawn").count() == 1


def test_the_desk_moves_a_place_and_the_guardians_read_who_asked(logged_in, front_desk, place):
    other = SessionFactory(
        course=place.session.course, first_on=place.session.first_on, starts=time(9), ends=time(10)
    )
    client, url = logged_in(front_desk), reverse("office_place_move", args=[place.pk])
    page = client.get(url).content.decode()
    assert f'form="asking" name="session" value="{other.pk}"' in page
    refused = client.post(url, {"session": other.pk})
    assert refused.status_code == 409 and state_of(place) == State.SEATED
    asked = {"session": other.pk, "asked_by": tie_of(place, "Karim").pk}
    page = client.post(url, asked, follow=True)
    new = Enrollment.objects.get(session=other)
    assert state_of(place) == State.MOVED and page.redirect_chain[-1][0] == reverse(
        "office_place", args=[new.pk]
    )
    said = gettext("%(name)s asked the front desk for it.") % {"name": "Karim"}
    assert all(said in letter.body for letter in Letter.objects.filter(kind="moved"))
    again = client.post(url, asked)
    assert again.status_code == 409, "pressed twice it moves once"
    assert Enrollment.objects.filter(child=place.child_id).live().count() == 1


def test_full_guardians_read_on_their_page_what_was_asked_at_the_desk(logged_in, front_desk, place):
    leave(logged_in(front_desk), place, "Samira")
    url, title = reverse("enrollment", args=[place.reference]), gettext("Done at the front desk")
    pages = {
        name: logged_in(tie_of(place, name).guardian).get(url).content.decode()
        for name in ("Samira", "Karim", "Zineb")
    }
    assert [title in pages[name] for name in pages] == [True, True, False]
    assert "Samira Mère" in pages["Karim"] and front_desk.name not in pages["Karim"]


def test_an_erased_asker_leaves_no_name(place, front_desk, now):
    withdrawal.withdraw(place, by=front_desk, at=now, asked_by=tie_of(place, "Samira").guardian)
    (one,) = withdrawal.desk_requests([place])
    assert one.name == "Samira Mère"
    PlaceEvent.objects.filter(pk=one.event_id)  # a bare number, which no erasure has to meet
    tie = tie_of(place, "Samira")
    guardian = tie.guardian
    tie.delete()
    Enrollment.objects.filter(pk=place.pk).update(enrolled_by=None)
    Letter.objects.filter(recipient=guardian).delete()
    guardian.delete()
    assert [one.name for one in withdrawal.desk_requests([place])] == [""]


# ---- what the desk may not decide


def test_the_pages_name_the_manager_to_call_or_the_academy(logged_in, front_desk, now):
    meeting = class_now(1, at=now, began=-timedelta(hours=1))
    urls = [
        reverse("desk_register", args=[meeting.pk]),
        reverse("office_roster", args=[meeting.session_id]),
    ]
    client = logged_in(front_desk)
    for url in urls:
        assert gettext("The academy") in client.get(url).content.decode()
    manager = StaffFactory(role="Programme managers", name="Rachid Responsable", phone="+212600000042")
    StaffFactory(role="Programme managers", name="Sans Numéro", phone="")
    for url in urls:
        page = client.get(url).content.decode()
        assert "Rachid Responsable" in page, url
        assert "tel:+212600000042" in page and "Sans Numéro" not in page
        assert reverse("desk_move", args=[meeting.pk]) not in page
    for url in urls:
        assert "tel:+212600000042" not in logged_in(manager).get(url).content.decode()


def test_no_link_to_a_lesson_the_reader_may_not_open(logged_in, front_desk, manager, instructor, now):
    meeting = class_now(1, at=now, began=-timedelta(hours=1), instructors=[instructor])
    lesson = LessonFactory(course=meeting.session.course, number=41, title_fr="Un chat qui bouge")
    type(meeting).objects.filter(pk=meeting.pk).update(lesson=lesson)
    link, foreign = reverse("desk_lesson", args=[lesson.pk]), LessonFactory()
    for user, opens in ((front_desk, False), (manager, True), (instructor, True)):
        client = logged_in(user)
        for url in (reverse("desk"), reverse("desk_register", args=[meeting.pk])):
            page = client.get(url).content.decode()
            assert ("Un chat qui bouge" in page, link in page) == (True, opens), (user, url)
        assert client.get(link).status_code == (200 if opens else 404)
    foreign_link = reverse("desk_lesson", args=[foreign.pk])
    assert [logged_in(user).get(foreign_link).status_code for user in (manager, instructor)] == [200, 404]
