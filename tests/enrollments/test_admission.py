"""Enrolling: one transaction, one event per change, and nothing written when refused."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError

from courses.models import Session
from enrollments.classes import progress
from enrollments.models import Enrollment, PlaceEvent
from enrollments.places import admission, seat_log
from enrollments.places.positions import positions
from tests.factories import (
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    SessionFactory,
    UserFactory,
    ask_for,
)

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 5)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def session_of(**facts):
    return SessionFactory(**({"first_on": FIRST} | facts))


def ten(**facts):
    return ChildFactory(**({"birth_date": date(2016, 6, 1)} | facts))


def seat(child, session, by=None):
    return admission.enroll(child=child, session=session, by=by, at=AT)


def counters(session):
    return Session.objects.values_list("seats_taken", "waiting_count", "next_ticket").get(pk=session.pk)


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Enrollment, PlaceEvent, Session)]


def test_a_child_is_seated_where_a_place_is_free(parent):
    session, child = session_of(price=1600), ten(guardian=parent)
    row = seat(child, session, by=parent)
    assert (row.state, row.ticket, row.price, row.first_meeting_on, row.enrolled_by, row.created_at) == (
        "seated", 1, 1600, FIRST, parent, AT,
    )  # fmt: skip
    assert counters(session) == (1, 0, 2)
    assert row.reference.startswith("AL-") and len(row.reference) == 9


def test_a_change_writes_one_event_with_bare_references(parent):
    session, child = session_of(), ten(guardian=parent)
    row = seat(child, session, by=parent)
    assert list(
        PlaceEvent.objects.values_list(
            "enrollment_ref", "session_ref", "child_ref", "from_state", "to_state", "reason", "by_ref", "at"
        )
    ) == [(row.pk, session.pk, child.pk, "", "seated", "enrolled", parent.pk, AT)]


def test_whoever_comes_after_the_last_place_waits_in_the_order_of_arrival():
    session = session_of(capacity=2)
    rows = [seat(ten(), session) for _child in range(5)]
    assert [(row.state, row.ticket) for row in rows] == [
        ("seated", 1),
        ("seated", 2),
        ("waiting", 3),
        ("waiting", 4),
        ("waiting", 5),
    ]
    assert [positions([session.pk]).get(row.pk, 0) for row in rows] == [0, 0, 1, 2, 3]
    assert counters(session) == (2, 3, 6)
    assert list(PlaceEvent.objects.values_list("to_state", flat=True)) == [
        "seated",
        "seated",
        "waiting",
        "waiting",
        "waiting",
    ]


def test_places_held_back_are_not_given():
    session = session_of(capacity=3, held_back=2)
    assert [seat(ten(), session).state for _child in range(2)] == ["seated", "waiting"]


@pytest.mark.parametrize(("capacity", "state"), [(3, "waiting"), (4, "seated")])
def test_a_newcomer_never_passes_the_queue(capacity, state):
    """Seats were freed without notice: waiting children get offers first, and only then is the newcomer
    served.
    """
    session = session_of(capacity=2)
    waited = [seat(ten(), session) for _child in range(3)][2]
    Session.objects.filter(pk=session.pk).update(capacity=capacity)
    assert seat(ten(), session).state == state
    waited.refresh_from_db()
    assert waited.state == "offered"
    assert counters(session) == (capacity, 1 if state == "waiting" else 0, 5)


def test_priority_comes_before_the_ticket():
    session = session_of(capacity=1)
    _seated, second, third = (seat(ten(), session) for _child in range(3))
    Enrollment.objects.filter(pk=third.pk).update(priority=1)
    third.refresh_from_db()
    assert [positions([session.pk])[row.pk] for row in (third, second)] == [1, 2]


def test_two_children_of_a_family_are_seated_together_under_one_reference(parent):
    session = session_of()
    two = [ten(guardian=parent), ten(guardian=parent)]
    rows = admission.enroll_together(children=two[::-1], session=session, by=parent, at=AT)
    assert [row.child for row in rows] == two[::-1]
    assert len({row.reference for row in rows}) == 1
    assert [(row.state, row.ticket) for row in rows] == [("seated", 1), ("seated", 2)]
    assert PlaceEvent.objects.count() == 2


def test_two_children_and_one_place_one_is_seated_one_waits():
    session = session_of(capacity=1)
    rows = admission.enroll_together(children=[ten(), ten()], session=session, by=None, at=AT)
    assert [row.state for row in rows] == ["seated", "waiting"]


def test_together_is_all_of_them_or_none():
    session = session_of()
    fits, too_young = ten(), ChildFactory(birth_date=date(2020, 6, 1))
    before = everything()
    with pytest.raises(admission.NotAdmissible) as refusal:
        admission.enroll_together(children=[fits, too_young], session=session, by=None, at=AT)
    assert everything() == before
    assert {child.pk: [o.code for o in found] for child, found in refusal.value.refused.items()} == {
        too_young.pk: ["too_young"]
    }


def in_it(session, child):
    seat(child, session)


def closed(session, child):
    Session.objects.filter(pk=session.pk).update(closes_at=AT)


def cancelled(session, child):
    Session.objects.filter(pk=session.pk).update(cancelled_at=AT)


def unpublished(session, child):
    Session.objects.filter(pk=session.pk).update(published_at=None)


def later(session, child):
    Session.objects.filter(pk=session.pk).update(opens_at=AT.replace(hour=13))


def asks(session, child):
    ask_for(session.course, CourseFactory())


def busy(session, child):
    seat(child, session_of())


@pytest.mark.parametrize(
    ("hinder", "code"),
    [
        (in_it, "already_in"),
        (closed, "closed"),
        (cancelled, "cancelled"),
        (unpublished, "not_published"),
        (later, "not_open_yet"),
        (asks, "prerequisite"),
        (busy, "clash"),
    ],
)
def test_a_refusal_carries_its_obstacles_and_writes_nothing(hinder, code):
    session, child = session_of(), ten()
    hinder(session, child)
    before = everything()
    with pytest.raises(admission.NotAdmissible) as refusal:
        seat(child, session)
    assert [obstacle.code for obstacle in refusal.value.obstacles] == [code]
    assert everything() == before


def test_the_verb_judges_by_the_row_in_the_database_not_by_the_one_it_is_given():
    session, child = session_of(), ten()
    Session.objects.filter(pk=session.pk).update(cancelled_at=AT)
    assert session.cancelled_at is None
    with pytest.raises(admission.NotAdmissible):
        seat(child, session)


def test_a_refusal_names_no_child():
    session, child = session_of(cancelled_at=AT), ten(first_name="Salma", last_name="Amrani")
    with pytest.raises(admission.NotAdmissible) as refusal:
        seat(child, session)
    assert "Salma" not in str(refusal.value) and "Amrani" not in str(refusal.value)


def test_a_fault_in_the_middle_leaves_nothing(monkeypatch):
    session, child = session_of(), ten()
    before = everything()

    def fault(*arguments):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(seat_log, "record", fault)
    with pytest.raises(IntegrityError):
        seat(child, session)
    assert everything() == before


def test_giving_a_place_asks_at_most_thirteen_questions(parent, queries):
    """For a child seated elsewhere too, in a course with a prerequisite, message included; ten without."""
    course = CourseFactory()
    ask_for(course, CourseFactory())
    session, child = session_of(course=course), ten(guardian=parent)
    progress.confirm_equivalent(
        progress.declare_equivalent(child=child, course=course, by=parent, at=AT), by=parent, at=AT
    )
    seat(child, session_of(first_on=date(2027, 1, 2)))
    facts = Session.objects.with_facts().get(pk=session.pk)
    type(parent).objects.update(last_login=AT)  # a parent has signed in, which proves the address
    with queries() as asked:
        admission.enroll(child=child, session=session, by=parent, at=AT, facts=facts)
    assert len(asked) <= 13, asked
    other, plain = ten(guardian=parent), session_of()
    facts = Session.objects.with_facts().get(pk=plain.pk)
    with queries() as asked:
        admission.enroll(child=other, session=plain, by=parent, at=AT, facts=facts)
    assert len(asked) <= 10, asked


def test_references_read_well_on_the_telephone():
    from enrollments.models.places import new_reference

    letters = {letter for _reference in range(200) for letter in new_reference()[3:]}
    assert not letters & set("01IOL")


def test_whether_a_child_is_in_ones_care_is_asked_under_the_lock_and_nothing_is_written():
    parent, informed, session = UserFactory(), UserFactory(), SessionFactory()
    mine, foreign = ChildFactory(guardian=parent, age=10), ten()
    GuardianshipFactory(child=mine, guardian=informed, rights="informed")
    for asks, children in (
        (parent, [mine, foreign]),
        (parent, [foreign]),
        (parent, [mine.pk, 2**40]),
        (informed, [mine]),
    ):
        with pytest.raises(admission.NotInCare):
            admission.enroll_together(children=children, session=session, by=asks, at=AT, in_care_of=asks)
    assert not Enrollment.objects.exists()
    admission.enroll_together(children=[mine.pk], session=session, by=parent, at=AT, in_care_of=parent)
    assert Enrollment.objects.get().child == mine
