"""The top of the family page: next classes with instructors, offers, amounts due, follow-up courses."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from enrollments.money import receipts
from enrollments.places import admission, basket, withdrawal
from tests.factories import (
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
)
from tests.queues import soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, age=10, first_name="Salma")


def lead(client) -> dict[str, str]:
    """Return the sections before the children, by their anchor."""
    page = client.get(reverse("family")).content.decode()
    return {
        name: page.split(f'id="{name}"')[1].split("</section>")[0]
        for name in ("to-decide", "coming", "due", "steps")
        if f'id="{name}"' in page
    }


def test_the_next_class_says_when_where_and_with_whom(logged_in, parent, child, now):
    teacher, substitute = (StaffFactory(role="Instructors", name=name) for name in ("Hajar Une", "Anas Deux"))
    session = soon(capacity=5, instructors=[teacher])
    admission.enroll(child=child, session=session, by=parent, at=now)
    client = logged_in(parent)
    coming = lead(client)["coming"]
    assert "Salma" in coming and "Hajar" in coming and "14:00" in coming and session.room.name in coming
    session.meetings.first().instructors.set([substitute])
    coming = lead(client)["coming"]
    assert "Anas" in coming and "Hajar" not in coming, "who is named for that day"


def test_who_collects_is_asked_before_the_first_class_and_after_it_without_naming_it(
    logged_in, parent, child, now, time_machine
):
    session = soon(capacity=5)
    admission.enroll(child=child, session=session, by=parent, at=now)
    before, after = "Avant la première séance", "Dites-nous qui vient chercher Salma"

    def asked():
        page = logged_in(parent).get(reverse("family")).content.decode()
        return before in page, after in page

    assert asked() == (True, False)
    session.refresh_from_db()
    time_machine.move_to(session.first_at + timedelta(days=1))
    assert asked() == (False, True)
    type(child).objects.filter(pk=child.pk).update(collection_confirmed_at=timezone.now())
    assert asked() == (False, False)


def test_what_is_due_and_what_was_received(logged_in, parent, child, manager, now):
    row = admission.enroll(child=child, session=soon(price=Decimal(1000)), by=parent, at=now)
    client = logged_in(parent)
    assert row.reference in lead(client)["due"] and "1\u202f000" in lead(client)["due"].replace(
        "\xa0", "\u202f"
    )
    receipts.receive(
        row.reference, amount=Decimal(400), method="cash", payer=parent, by=manager, at=now, form_key=uuid4()
    )
    assert "600" in lead(client)["due"] and "400" in lead(client)["due"]
    receipts.receive(
        row.reference, amount=Decimal(600), method="cash", payer=parent, by=manager, at=now, form_key=uuid4()
    )
    assert "due" not in lead(client)


def test_of_a_reference_shared_with_another_guardian_each_is_told_what_their_own_children_cost(
    logged_in, parent, child, manager, now
):
    """One basket of the mother: her child, and one she shares with somebody who has no right on the first."""
    father = UserFactory()
    shared = ChildFactory(guardian=parent, age=10, first_name="Adam")
    GuardianshipFactory(child=shared, guardian=father)
    one, other = soon(price=Decimal(1000), capacity=5), soon(price=Decimal(300), capacity=5)
    row, second = basket.confirm(
        [(child.pk, one.pk), (shared.pk, other.pk)], by=parent, at=now, keep_what_fits=False
    )
    assert row.reference == second.reference
    receipts.receive(
        row.reference, amount=Decimal(50), method="cash", payer=parent, by=manager, at=now, form_key=uuid4()
    )
    his, hers = (lead(logged_in(person))["due"] for person in (father, parent))
    assert "300" in his and "Adam" in his
    assert not any(words in his for words in ("250", "50,00", "Salma", "reçu")), "nothing of the other place"
    assert "250" in hers and "50,00" in hers
    receipts.receive(
        row.reference, amount=Decimal(1100), method="cash", payer=parent, by=manager, at=now, form_key=uuid4()
    )
    assert "150" in lead(logged_in(father))["due"], "never more than is left of the whole"


def test_an_offer_leads_and_is_answered_from_there(logged_in, parent, child, now):
    session, other = soon(), UserFactory()
    seated = admission.enroll(child=ChildFactory(guardian=other, age=10), session=session, by=other, at=now)
    row = admission.enroll(child=child, session=session, by=parent, at=now)
    client = logged_in(parent)
    assert "to-decide" not in lead(client)
    withdrawal.withdraw(seated, by=other, at=now)
    assert reverse("place_answer", args=[row.pk]) in lead(client)["to-decide"]


def test_who_is_kept_informed_is_asked_for_no_money_and_no_answer(logged_in, parent, child, now):
    informed = UserFactory()
    GuardianshipFactory(child=child, guardian=informed, rights="informed")
    admission.enroll(child=child, session=soon(), by=parent, at=now)
    assert set(lead(logged_in(informed))) == {"coming"}


def test_a_course_that_ends_says_what_it_leads_to_and_is_folded_away_later(logged_in, parent, child, now):
    course, after = CourseFactory(), CourseFactory()
    course.leads_to.add(after)
    begun = timezone.localdate(now) - timedelta(days=14)
    session = SessionFactory(course=course, first_on=begun, count=3, minimum=0)
    admission.enroll(child=child, session=session, by=parent, at=session.first_at)
    client = logged_in(parent)
    steps = lead(client)["steps"]
    assert after.title in steps and f"child={child.pk}" in steps
    assert "Cours passés" not in client.get(reverse("family")).content.decode()
    old = SessionFactory(course=course, first_on=begun - timedelta(days=200), count=1, minimum=0)
    admission.enroll(child=child, session=old, by=None, at=old.first_at - timedelta(days=1))
    assert "Cours passés" in client.get(reverse("family")).content.decode()


def test_nothing_ahead_shows_no_empty_frames(logged_in, parent, child):
    assert lead(logged_in(parent)) == {}
