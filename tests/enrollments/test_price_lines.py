"""Where a price, a position or an ended place is explained: the enroll form and the confirmation."""

import io
from datetime import time, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from courses.models import Session
from enrollments.models import PlaceEvent
from enrollments.places import withdrawal
from tests.factories import saturday_in
from tests.queues import join, soon, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def main_of(answer) -> str:
    text = answer.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(text.replace("\xa0", " ").replace("’", "'").split())


def running(**facts):
    """A session of four classes whose first was last Saturday."""
    return soon(first_on=saturday_in(0) - timedelta(days=7), count=4, price=1600, **facts)


def test_the_waiting_form_explains_the_price_its_refunds_start_at(logged_in, parent, now):
    session = running(capacity=1)
    join(session, at=now)
    ten(parent)
    page = main_of(logged_in(parent).get(reverse("enroll", args=[session.pk])))
    missed = session.meetings.filter(starts_at__lte=now).count()
    assert (
        f"{missed} séance{'s' * (missed > 1)} déjà passée" in page and "Prix d'une place aujourd'hui" in page
    )
    assert "\N{MINUS SIGN}400,00 DH" in page or missed != 1
    refunds = page.split('class="more"')[1]
    assert "jusqu'au" not in refunds.split("</details>")[0]


def test_a_place_in_another_session_of_the_course_is_said(logged_in, parent, now):
    child = ten(parent, first_name="Salma")
    one = soon(capacity=3)
    two = soon(course=one.course, capacity=1, starts=time(17), ends=time(18))
    url, client = reverse("enroll", args=[two.pk]), logged_in(parent)
    sentence = "Salma a déjà une place dans une autre session de ce cours"
    assert sentence not in main_of(client.get(url))
    join(one, child, at=now, by=parent)
    assert sentence in main_of(client.get(url))


def test_the_confirmation_of_a_late_joiner_says_what_the_price_is_made_of(logged_in, parent, now):
    session = running(capacity=3)
    row = join(session, ten(parent), at=now, by=parent)
    missed = session.meetings.filter(starts_at__lte=now).count()
    left = f"{4 - missed} séances à partir de votre inscription"
    client = logged_in(parent)
    page = main_of(client.get(reverse("enrollment", args=[row.reference])))
    body = client.get(reverse("reference_paper", args=[row.reference])).content
    paper = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).replace("\xa0", " ")
    for text in (page, " ".join(paper.split())):
        assert "La session entière, 4 séances" in text and "\N{MINUS SIGN}" in text and "1 600,00 DH" in text
    assert left in page


def test_who_joins_before_the_first_class_sees_no_lines(logged_in, parent, now):
    row = join(soon(capacity=3), ten(parent), at=now, by=parent)
    page = main_of(logged_in(parent).get(reverse("enrollment", args=[row.reference])))
    assert "La session entière" not in page and "à partir de votre inscription" not in page


def test_only_who_holds_a_place_is_asked_to_give_it_up(logged_in, parent, now):
    session = soon(capacity=1)
    seat = join(session, at=now)
    row = join(session, ten(parent), at=now, by=parent)
    url, client = reverse("enrollment", args=[row.reference]), logged_in(parent)
    page = main_of(client.get(url))
    assert "Quittez la liste d'attente" in page and "Libérez la place" not in page
    withdrawal.withdraw(seat, by=seat.child.guardians.first(), at=now)
    withdrawal.withdraw(row, by=parent, at=now)
    page = main_of(client.get(url))
    assert "Un imprévu" not in page and "Voir le cours" in page


@pytest.mark.parametrize(("sessions", "freed", "is_said"), [(3, 1, True), (2, 1, False), (3, 0, False)])
def test_how_often_a_place_becomes_free_is_said_of_enough_sessions_only(
    logged_in, parent, now, sessions, freed, is_said
):
    session = soon(capacity=1)
    join(session, at=now)
    row = join(session, ten(parent), at=now, by=parent)
    over = [soon(course=session.course, first_on=saturday_in(-20 - n), count=1) for n in range(sessions)]
    assert Session.objects.filter(over_at__lte=now).count() == sessions
    for number in range(freed):
        PlaceEvent.objects.create(
            enrollment_ref=number, session_ref=over[0].pk, child_ref=1, from_state="seated",
            to_state="withdrawn", reason="withdrawn", at=now,
        )  # fmt: skip
    page = main_of(logged_in(parent).get(reverse("enrollment", args=[row.reference])))
    assert ("Dans les sessions passées" in page) == is_said
