"""A waiting family reads its position in the email."""

import pytest

from enrollments.models import Enrollment, Letter
from enrollments.places import admission, waiting_list
from enrollments.places.positions import positions
from tests.factories import UserFactory
from tests.queues import AT, join, queue, session_of, ten

pytestmark = pytest.mark.django_db


def test_the_letter_says_the_position_on_the_waiting_list():
    session = session_of(capacity=1)
    queue(session, 2)
    family = UserFactory(language="en")
    row = join(session, ten(family))
    letter = Letter.objects.get(recipient=family)
    assert row.state == "waiting" and "is number 3 on the waiting list." in letter.body.splitlines()[0]
    assert positions([session.pk])[row.pk] == 3


def test_siblings_read_each_their_own_position():
    session, family = session_of(capacity=1), UserFactory(language="en")
    join(session)
    children = [ten(family, first_name=name) for name in ("Adam", "Lina")]
    admission.enroll_together(children=children, session=session, by=family, at=AT)
    body = Letter.objects.get(recipient=family).body
    assert "Adam is number 1 on the waiting list" in body and "Lina is number 2 on the waiting list" in body


def test_who_comes_first_here_reads_the_position_that_counts():
    ended, session, family = session_of(), session_of(capacity=1), UserFactory(language="en")
    child = ten(family)
    Enrollment.objects.filter(pk=join(ended, child).pk).update(state="cancelled", seat_ended_at=AT)
    queue(session, 2)
    Letter.objects.all().delete()
    row = join(session, child)
    assert (row.state, row.priority) == ("waiting", 1) and "number 1 on" in Letter.objects.get(
        recipient=family
    ).body


def test_email_page_and_office_read_one_order():
    """A priority, a family that joined before it, and siblings: the email counts as the queue is served."""
    ended, session = session_of(), session_of(capacity=1)
    queue(session, 2)
    child = ten(UserFactory(language="en"))
    Enrollment.objects.filter(pk=join(ended, child).pk).update(state="cancelled", seat_ended_at=AT)
    join(session, child)
    family = UserFactory(language="en")
    admission.enroll_together(
        children=[ten(family, first_name=name) for name in ("Adam", "Lina")],
        session=session,
        by=family,
        at=AT,
    )
    body = Letter.objects.get(recipient=family).body
    served = [row.pk for row in waiting_list.queue_of(session)]
    assert positions([session.pk]) == {pk: number for number, pk in enumerate(served, 1)}
    for row in Enrollment.objects.filter(child__guardianships__guardian=family):
        number = served.index(row.pk) + 1
        assert f"{row.child.first_name} is number {number} on the waiting list" in body
