"""What the confirmation and the family page ask the database: little, and no more for a longer history."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from academy.demo.foundations import lay_policies
from courses.timetable.next_classes import next_meetings
from courses.timetable.pauses import closures_during, gaps
from enrollments.families import consents
from enrollments.families.dashboard import teachers_of
from enrollments.models import Enrollment, PolicyVersion
from enrollments.money import receipts
from enrollments.places import admission, withdrawal
from tests.factories import (
    ChildFactory,
    ClosureFactory,
    GuardianshipFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
    saturday_in,
)
from tests.queues import join, soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]

SHELL = 4  # login, account, settings of the academy, menu
CONFIRMATION = SHELL + 3  # places, classes, money
FAMILY = SHELL + 7  # children, places, next classes, teachers, money, texts and answers of consents


@pytest.fixture
def count(queries):
    """Return the queries of a page, asked once before: what a process learns once."""

    def of(client, url) -> int:
        client.get(url)
        with queries() as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    return of


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, age=10)


def page_of(row) -> str:
    return reverse("enrollment", args=[row.reference])


def grow_old(parent, child, manager, now):
    """Give this child what years leave behind: ended places, answers, payments."""
    for week in (4, 6):
        row = join(soon(first_on=saturday_in(week) + timedelta(days=1), price=90), child, at=now, by=parent)
        withdrawal.withdraw(row, by=parent, at=now)
    at = timezone.now()
    for version in PolicyVersion.objects.for_children(at):
        for yes in (True, False, True):
            consents.answer(version, guardian=parent, yes=yes, language="fr", at=at, child=child)
    for row in Enrollment.objects.filter(child=child, state=Enrollment.State.SEATED):
        for _payment in range(3):
            receipts.receive(
                row.reference,
                amount=Decimal(10),
                method="cash",
                payer=parent,
                by=manager,
                at=now,
                form_key=uuid4(),
            )


def test_one_child_asks_little_and_years_add_nothing(logged_in, parent, child, manager, now, count):
    lay_policies()
    client, row = logged_in(parent), join(soon(capacity=5, price=100), child, at=now, by=parent)
    pages = {reverse("family"): FAMILY, page_of(row): CONFIRMATION}
    for url, most in pages.items():
        assert count(client, url) <= most
    grow_old(parent, child, manager, now)
    for url, most in pages.items():
        assert count(client, url) <= most


def test_a_confirmation_of_six_children_asks_what_one_asks(logged_in, parent, now, count):
    children = [ChildFactory(guardian=parent, age=10) for _child in range(6)]
    rows = admission.enroll_together(
        children=children, session=soon(capacity=9, price=100), by=parent, at=now, in_care_of=parent
    )
    assert count(logged_in(parent), page_of(rows[0])) <= CONFIRMATION


def test_a_confirmation_asks_for_a_queue_a_closure_or_the_desk_where_there_is_one(
    logged_in, parent, child, manager, now, count
):
    client = logged_in(parent)
    closure = ClosureFactory(starts_on=saturday_in(4))
    row = join(soon(capacity=5), child, at=now, by=parent)
    assert closure.name_fr in client.get(page_of(row)).content.decode()
    assert count(client, page_of(row)) <= CONFIRMATION + 1
    full = soon(capacity=1, first_on=saturday_in(9))
    join(full, at=now)
    waiting = join(full, child, at=now, by=parent)
    assert [one.place_in_queue for one in client.get(page_of(waiting)).context["rows"]] == [1]
    # its position, and the two about places freed before; no classes
    assert count(client, page_of(waiting)) <= CONFIRMATION - 1 + 3
    assert client.get(page_of(row)).context["asked"] == []
    withdrawal.withdraw(row, by=manager, at=now, asked_by=parent)
    ((asked, one),) = client.get(page_of(row)).context["asked"]
    assert asked.pk == row.pk and one.name == parent.get_full_name()


def test_a_guardian_kept_informed_sees_the_place_and_neither_money_nor_actions(
    logged_in, parent, other_parent, child, manager, now
):
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    row = join(soon(capacity=5, price=100), child, at=now, by=parent)
    withdrawal.withdraw(row, by=manager, at=now, asked_by=parent)
    for reader, may_act in ((parent, True), (other_parent, False)):
        told = logged_in(reader).get(page_of(row)).context
        assert [one.may_act for one in told["rows"]] == [may_act]
        assert bool(told["asked"]) == bool(told["share"]) == may_act


def test_who_collects_is_asked_for_each_silent_child_once_the_eldest_first(logged_in, parent, now):
    young, old, told = (
        ChildFactory(guardian=parent, birth_date=date(year, 6, 1)) for year in (2017, 2016, 2015)
    )
    type(told).objects.filter(pk=told.pk).update(collection_confirmed_at=now)
    rows = admission.enroll_together(
        children=[young, old, told], session=soon(capacity=9), by=parent, at=now, in_care_of=parent
    )
    assert logged_in(parent).get(page_of(rows[0])).context["asks_collection"] == [old, young]


# ---- what the pages read


def test_titles_and_answers_are_those_of_the_whole_texts(parent, other_parent):
    lay_policies()
    now = timezone.now()
    children = [ChildFactory(guardian=parent), ChildFactory(guardian=other_parent)]
    first, *_more = PolicyVersion.objects.for_children(now)
    consents.answer(first, guardian=parent, yes=True, language="fr", at=now, child=children[0])
    for language in ("fr", "ar", "en"):
        with translation.override(language):
            titled = consents.titled_statuses(children, now, parent)
            whole = consents.statuses(children, now, parent)
            assert [
                (pk, one.version.pk, one.version.title, one.allowed, one.mine)
                for pk, rows in titled.items()
                for one in rows
            ] == [
                (pk, one.version.pk, one.version.text().title, one.allowed, one.mine)
                for pk, rows in whole.items()
                for one in rows
            ]
    assert consents.titled_statuses([], now) == {}


def test_the_next_class_is_the_first_that_is_held_and_not_over(now):
    one, other = soon(), soon(first_on=saturday_in(5))
    first, second, third = one.meetings.order_by("starts_at")[:3]
    assert next_meetings([one.pk, other.pk], now) == {
        one.pk: first,
        other.pk: other.meetings.order_by("starts_at").first(),
    }
    type(second).objects.filter(pk=second.pk).update(cancelled_at=now)
    assert next_meetings([one.pk], first.ends_at - timedelta(seconds=1)) == {one.pk: first}
    assert next_meetings([one.pk], first.ends_at) == {one.pk: third}
    assert next_meetings([one.pk], one.over_at) == next_meetings([], now) == {}


def test_those_of_the_class_teach_it_and_else_those_of_the_session(db, queries):
    usual = [StaffFactory(role="Instructors", name=name) for name in ("Zineb Une", "Anas Deux")]
    special = [StaffFactory(role="Instructors", name=name) for name in ("Yasmine Trois", "Bilal Quatre")]
    session = SessionFactory(instructors=usual)
    first, second = session.meetings.order_by("starts_at")[:2]
    second.instructors.set(special)
    alone = SessionFactory().meetings.first()
    with queries() as seen:
        found = teachers_of([first.pk, second.pk, alone.pk])
    assert found == {first.pk: ["Anas", "Zineb"], second.pk: ["Bilal", "Yasmine"]} and len(seen) == 1


def test_closures_are_asked_for_between_classes_that_leave_a_gap_only(db, queries):
    days = [saturday_in(week) for week in (1, 2, 4)]
    closure = ClosureFactory(starts_on=saturday_in(3))
    ClosureFactory(starts_on=saturday_in(5))
    assert gaps(days) == [saturday_in(3)] and gaps(days[:2]) == gaps(days[:1]) == gaps([]) == []
    with queries() as seen:
        assert closures_during(gaps(days)) == [closure]
        assert closures_during(gaps(days[:2])) == []
    assert len(seen) == 1


def test_a_share_counts_what_others_under_the_reference_cost(parent, manager, now):
    mine, others = ChildFactory(guardian=parent, age=10), ChildFactory(guardian=UserFactory(), age=10)
    row = join(soon(capacity=5, price=100), mine, at=now, by=parent)
    second = join(soon(capacity=5, price=70, first_on=saturday_in(5)), others, at=now)
    Enrollment.objects.filter(pk=second.pk).update(reference=row.reference)
    receipts.receive(
        row.reference, amount=Decimal(90), method="cash", payer=parent, by=manager, at=now, form_key=uuid4()
    )
    for children in ([mine.pk], [others.pk], [mine.pk, others.pk], []):
        share = receipts.shares_of([row.reference], children)[row.reference]
        due = receipts.account_of(row.reference).due
        costs = 100 * (mine.pk in children) + 70 * (others.pk in children)
        assert share.due == min(due, costs)
        assert share.account == (receipts.account_of(row.reference) if len(children) == 2 else None)
