"""What ends with a guardian's or a colleague's rights: messages, copies, invitations, answers for others."""

import zipfile
from datetime import time
from uuid import uuid4

import pytest
from django.urls import reverse

from courses.models import Meeting, Session
from courses.timetable import scheduling
from enrollments.classes import dismissal, makeups, messages, register
from enrollments.families import guardians, pickup
from enrollments.letters import delivery, outbox
from enrollments.models import Guardianship, Letter, PlaceEvent
from enrollments.places import admission, offer_links, offers
from enrollments.privacy import data_export, erasure
from enrollments.staff import team
from tests.classes import class_now, kids, put
from tests.factories import (
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    SessionFactory,
    UserFactory,
)
from tests.queues import DAY, HOUR, join, soon, state, ten, withdraw
from tests.works import copy_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def former(parent, other_parent, manager, now):
    """A guardian of two children who has been removed, with a message about both of them in the queue."""
    session = soon(capacity=5)
    children = [ten(parent, first_name="Aaa"), ten(parent, first_name="Bbb")]
    for child in children:
        GuardianshipFactory(child=child, guardian=other_parent, rights="full", relation="father")
        join(session, child, at=now, by=parent)
    messages.write(session, texts={"fr": "Bonjour"}, by=manager, at=now)
    meeting = session.meetings.order_by("number").first()
    scheduling.move(meeting, on=meeting.on + DAY, starts=time(8), ends=time(9), at=now)
    for child in children:
        tie = Guardianship.objects.get(child=child, guardian=other_parent)
        guardians.remove(tie, by=manager, at=now, paper="judgment")
    return other_parent, children


def test_messages_about_several_children_are_withheld_too(former, now):
    person, _children = former
    assert not Letter.objects.filter(recipient=person, state="queued").exists()
    delivery.send_due(now + DAY)
    assert not Letter.objects.filter(recipient=person, state="sent").exists()
    assert person.pk not in outbox.unreached(now).values_list("recipient", flat=True)


def test_a_message_that_failed_is_not_sent_again_to_a_former_guardian(parent, other_parent, manager, now):
    child = ten(parent)
    tie = GuardianshipFactory(child=child, guardian=other_parent, rights="full", relation="father")
    join(soon(), child, at=now, by=parent)
    Letter.objects.filter(recipient=other_parent).update(state="failed")
    guardians.remove(tie, by=manager, at=now, paper="judgment")
    letter = Letter.objects.get(recipient=other_parent, kind="enrolled")
    assert letter.state == "withheld" and not delivery.send_again(letter, at=now)


def test_the_copy_of_a_former_guardian_holds_nothing_withheld(former, now):
    person, _children = former
    copy = data_export.make(person, at=now + HOUR)
    with zipfile.ZipFile(copy_path(copy)) as file:
        told = b" ".join(file.read(name) for name in file.namelist())
    assert b"Aaa" not in told and b"Bbb" not in told
    assert not data_export.is_outdated(copy)


def test_a_copy_made_before_the_end_is_not_served(parent, other_parent, manager, logged_in, now):
    child = ten(parent)
    tie = GuardianshipFactory(child=child, guardian=other_parent, rights="informed", relation="father")
    copy = data_export.make(other_parent, at=now)
    guardians.remove(tie, by=manager, at=now + HOUR)
    assert data_export.is_outdated(copy)


def test_erasing_a_child_takes_it_out_of_messages_about_several(former, manager, parent, now):
    _person, children = former
    for row in children[0].enrollments.all():
        withdraw(row, at=now)
    erasure.erase_child(children[0], by=manager, at=now)
    assert not [letter.pk for letter in Letter.objects.all() if "Aaa" in letter.body + letter.subject]


def test_a_guardian_of_one_child_answers_for_no_other(parent, other_parent, logged_in, now):
    session = soon(capacity=2)
    seats = [join(session, at=now) for _seat in range(2)]
    shared, own = ten(parent, first_name="Commun"), ten(parent, first_name="Demifrere")
    GuardianshipFactory(child=shared, guardian=other_parent, rights="full", relation="father")
    rows = admission.enroll_together(
        children=[shared, own], session=session, by=parent, at=now, all_or_none=True
    )
    for seat in seats:
        withdraw(seat, at=now)
    rows[0].refresh_from_db()
    link = reverse("offer", args=[offer_links.token_for(rows[0], other_parent)])
    signed_in = reverse("place_answer", args=[rows[0].pk])
    for client, url in ((logged_in(UserFactory()), link), (logged_in(other_parent), signed_in)):
        for answer in ("yes", "no"):
            page = client.post(url, {"answer": answer})
            assert page.status_code == 409 and "Demifrere" not in page.content.decode()
    assert [state(row) for row in rows] == ["offered", "offered"]
    assert logged_in(parent).post(signed_in, {"answer": "yes"}).status_code == 302
    assert [state(row) for row in rows] == ["seated", "seated"]
    for letter in Letter.objects.filter(kind="accepted"):
        assert letter.body.count("payer") == 1, "each child once, with its own price"


def test_a_link_still_shows_an_answer_given_after_a_call_or_a_reopening(parent, client, front_desk, now):
    session = soon(capacity=1)
    seat = join(session, at=now)
    row = join(session, ten(parent), at=now, by=parent)
    withdraw(seat, at=now)
    row.refresh_from_db()
    url = reverse("offer", args=[offer_links.token_for(row, parent)])
    offers.call(row, by=front_desk, at=now)
    assert client.post(url, {"answer": "yes"}).status_code == 200
    assert PlaceEvent.objects.filter(enrollment_ref=row.pk, reason="called").exists()


def test_the_desk_answers_no_offer_that_the_family_still_has_time_for(parent, front_desk, logged_in, now):
    session = soon(capacity=1)
    seat = join(session, at=now)
    row = join(session, ten(parent), at=now, by=parent)
    withdraw(seat, at=now)
    url = reverse("office_call_answer", args=[row.pk])
    for answer in ("none", "call", "no"):
        assert logged_in(front_desk).post(url, {"answer": answer}).status_code == 404
    assert state(row) == "offered"


@pytest.mark.parametrize("hidden", ["draft", "private", "far"])
def test_a_forged_make_up_goes_to_no_class_that_the_page_does_not_show(hidden, instructor, parent, now):
    course = CourseFactory(lessons=12, meetings_count=12)
    missed = class_now(1, at=now, course=course)
    child = kids(missed)[0]
    put(missed, child, "absent", by=instructor, at=now)
    host_session = SessionFactory(course=course, first_on=missed.on - 19 * DAY, capacity=3)
    host = host_session.meetings.order_by("number")[3]
    Meeting.objects.filter(pk=missed.pk).update(lesson=host.lesson)
    missed = Meeting.objects.get(pk=missed.pk)
    changes = {"draft": {"published_at": None}, "private": {"access_code": "ABCD2345"}}
    if hidden == "far":
        moved = host.on + 200 * DAY
        scheduling.move(host, on=moved, starts=host.starts, ends=host.ends, at=now)
    else:
        Session.objects.filter(pk=host_session.pk).update(**changes[hidden])
    with pytest.raises(makeups.Refused) as refusal:
        makeups.book(child, missed, Meeting.objects.get(pk=host.pk), by=parent, at=now)
    assert refusal.value.code == makeups.Reason.OVER


def test_a_barred_guardian_comes_back_by_no_invitation(parent, other_parent, manager, now):
    child = ChildFactory(guardian=parent, age=10)
    pickup.bar(
        child,
        name=other_parent.name,
        guardian=other_parent,
        paper="judgment",
        seen_on=now.date(),
        by=manager,
        at=now,
    )
    invitation, _token = guardians.invite(
        children=[child], relation="father", rights="full", email="", by=parent, at=now
    )
    with pytest.raises(guardians.LinkRefused):
        guardians.accept(invitation, by=other_parent, at=now)
    assert not Guardianship.objects.filter(child=child, guardian=other_parent).exists()


def test_an_invitation_to_the_team_ends_with_the_manager_who_made_it(manager, now):
    other = UserFactory()
    other.groups.set(manager.groups.all())
    invitation, _token = team.invite(
        email="n@example.org", name="N", role="Instructors", language="fr", by=manager, at=now
    )
    assert team.fault_of(invitation, None, now) is None
    team.take_role(manager, "Programme managers", by=other, at=now)
    assert team.fault_of(invitation, None, now) == team.LinkReason.REVOKED


def test_who_took_a_child_home_stays_after_two_days(instructor, manager, now):
    meeting = class_now(1, at=now)
    child = kids(meeting)[0]
    put(meeting, child, "present", by=instructor, at=now)
    tie = child.guardianships.get()
    told = {"home": "guardian", "who": tie.pk, "at": now}
    dismissal.send_home(meeting, child.pk, **told, key=uuid4(), by=instructor)
    late = meeting.ends_at + register.EDITABLE_FOR + HOUR
    with pytest.raises(register.Refused) as refusal:
        dismissal.not_gone(meeting, child.pk, key=uuid4(), by=instructor, at=late)
    assert refusal.value.code == register.Reason.PAST
    dismissal.not_gone(meeting, child.pk, key=uuid4(), by=manager, at=late)
