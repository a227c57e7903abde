"""Merging sessions: seats are held in the target first, families answer, silent ones are phoned, nobody pays
more.
"""

import re
from datetime import time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from enrollments.models import Enrollment, Letter, PlaceEvent, SessionEvent
from enrollments.money import receipts
from enrollments.places import (
    admission,
    offer_links,
    offers,
    overrides,
    session_merge,
    waiting_list,
    withdrawal,
)
from tests.factories import ChildFactory, CourseFactory, TermFactory, UserFactory, saturday_in
from tests.queues import AT, DAY, FIRST, HOUR, join, local, queue, session_of, soon, state, ten, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("true_at_the_end")]
BY = AT + 2 * DAY


@pytest.fixture
def two():
    """Return two sessions of one course at the same time, the first with two children and one waiting, the
    second with free places.
    """
    course = CourseFactory()
    here = session_of(course=course, capacity=2, price=Decimal(1200))
    there = session_of(course=course, capacity=6, price=Decimal(1500))
    return here, there, queue(here, 2)


def unite(two, manager, **facts):
    here, there, _rows = two
    return session_merge.unite(
        here, there, **({"answer_by": BY, "reason": "too_few", "by": manager, "at": AT} | facts)
    )


def there_of(row) -> Enrollment:
    return Enrollment.objects.exclude(pk=row.pk).get(child=row.child)


def test_a_seat_is_held_for_each_child_although_both_meet_at_the_same_hour(two, manager):
    here, there, (one, other, waits) = two
    unite(two, manager)
    assert [state(row) for row in (one, other, waits)] == ["moved", "moved", "cancelled"]
    held = [there_of(row) for row in (one, other)]
    assert [(row.state, row.offer_kind, row.offer_until, row.reference) for row in held] == [
        ("offered", "merge", BY, one.reference),
        ("offered", "merge", BY, other.reference),
    ]
    assert {row.price for row in held} == {Decimal(1200)}, "nobody pays more"
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.cancelled_at, here.seats_taken, here.waiting_count, there.seats_taken) == (AT, 0, 0, 2)
    assert sorted(
        Letter.objects.filter(kind__in=["sessions_united", "session_cancelled"]).values_list(
            "kind", flat=True
        )
    ) == [
        "session_cancelled",
        "sessions_united",
        "sessions_united",
    ]
    for letter in Letter.objects.filter(kind="sessions_united"):
        link = offer_links.find(re.search(r"/offers/([^/]+)/", letter.body)[1])
        row, reader = link.row, link.reader
        assert reader == letter.recipient and row in held and row.child == letter.child
    assert SessionEvent.objects.get(what="merged").after == 2


def test_yes_seats_no_frees_and_gives_everything_back(two, manager):
    _here, there, (one, other, _waits) = two
    for row in (one, other):
        receipts.receive(
            row.reference,
            amount=Decimal(1200),
            method="cash",
            payer=None,
            by=manager,
            at=AT,
            form_key=uuid4(),
        )
    unite(two, manager)
    assert receipts.account_of(one.reference).due == 0 and receipts.to_give_back() == [], (
        "nothing to do before they answer"
    )
    offers.accept(there_of(one), by=None, at=AT + HOUR)
    offers.decline(there_of(other), by=None, at=AT + HOUR)
    assert [there_of(row).state for row in (one, other)] == ["seated", "declined"]
    assert receipts.account_of(one.reference).due == receipts.account_of(one.reference).too_much == 0
    assert [reference for reference, _account in receipts.to_give_back()] == [other.reference]
    assert receipts.account_of(other.reference).too_much == 1200
    there.refresh_from_db()
    assert there.seats_taken == 1


def test_silence_puts_the_family_on_the_call_list_and_the_seat_stays_kept(two, manager):
    _here, there, (one, other, _waits) = two
    unite(two, manager)
    held = there_of(one)
    waiting_list.settle_due(AT + DAY)
    assert Letter.objects.filter(kind="offer_reminder").count() == 2
    waiting_list.settle_due(BY + timedelta(minutes=1))
    held.refresh_from_db()
    assert (held.state, held.offer_kind, held.offer_until) == ("offered", "recall", there.joinable_until)
    assert set(offers.call_list(BY + HOUR)) == {held, there_of(other)}
    offers.call(held, by=manager, at=BY + HOUR)
    waiting_list.settle_due(BY + 3 * HOUR)
    assert state(held) == "offered", "twenty minutes are over, nobody competes for this seat"
    offers.no_answer(held, by=manager, at=BY + 3 * HOUR)
    held.refresh_from_db()
    assert (held.state, held.called_at) == ("offered", None) and held in offers.call_list(BY + 4 * HOUR)
    offers.accept(held, by=manager, at=BY + 5 * HOUR)
    assert state(held) == "seated"


def test_who_cannot_come_along_is_named_released_and_waivable(manager):
    course = CourseFactory()
    here, there = (
        session_of(course=course),
        session_of(course=course, first_on=FIRST + timedelta(days=21), capacity=4),
    )
    oldest = FIRST.replace(year=FIRST.year - course.band.max_age - 1)
    row = join(here, ten(birth_date=oldest + timedelta(days=10)))  # a year older before the other begins
    made = session_merge.plan(here, there, AT)
    assert [(refused, why[0].code) for refused, why in made.refused] == [(row, "too_old")]
    overrides.waive(row.child, there, "too_old", reason="birthday", by=manager, at=AT)
    assert session_merge.plan(here, there, AT).asked == [row]


def test_a_child_that_sits_in_the_other_already_is_asked_nothing(two, manager):
    here, _there, (one, _other, _waits) = two
    later = session_of(
        course=here.course, first_on=FIRST + timedelta(days=4), capacity=4
    )  # four days later: no clash
    sits = join(later, one.child)
    made = session_merge.unite(here, later, answer_by=BY, reason="too_few", by=manager, at=AT)
    assert one in made.released and state(one) == "cancelled" and state(sits) == "seated"


@pytest.mark.parametrize("why", ["full", "soon", "late", "other_course", "cancelled"])
def test_what_cannot_be_is_refused_and_nothing_is_written(two, manager, why):
    here, there, rows = two
    facts = {}
    if why == "full":
        overrides.set_seats(there, 1, 0, reason="room", by=manager, at=AT)
    elif why in {"soon", "late"}:
        facts["answer_by"] = AT + HOUR if why == "soon" else there.first_at + HOUR
    elif why == "other_course":
        two = here, session_of(capacity=5), rows
    else:
        withdrawal.cancel_session(there, by=manager, at=AT, reason="no_room")
    before = (
        list(Enrollment.objects.order_by("pk").values_list("pk", "state")),
        PlaceEvent.objects.count(),
        Letter.objects.count(),
    )
    with pytest.raises(session_merge.Refused) as refusal:
        unite(two, manager, **facts)
    assert refusal.value.code == {"soon": "time", "late": "time", "cancelled": "over"}.get(why, why)
    after = (
        list(Enrollment.objects.order_by("pk").values_list("pk", "state")),
        PlaceEvent.objects.count(),
        Letter.objects.count(),
    )
    assert before == after


def test_families_of_a_session_not_held_come_first_elsewhere(two, manager):
    here, _there, (one, _other, waits) = two
    elsewhere = session_of(term=here.term, starts=time(9), ends=time(10))
    _sits, first, second = queue(elsewhere, 2)
    already = join(elsewhere, waits.child)
    withdrawal.cancel_session(here, by=manager, at=AT, reason="too_few")
    newcomer = join(elsewhere, one.child)
    assert [row.priority for row in (already, newcomer) if row.refresh_from_db() is None] == [1, 1]
    assert [row.child_id for row in waiting_list.queue_of(elsewhere)] == [
        row.child_id for row in (already, newcomer, first, second)
    ]
    kept = SessionEvent.objects.filter(session_ref=elsewhere.pk, what="priority").values_list(
        "enrollment_ref", "reason"
    )
    assert set(kept) == {(already.pk, "cancelled_elsewhere"), (newcomer.pk, "cancelled_elsewhere")}
    other_term = session_of(
        term=TermFactory(starts_on=FIRST, ends_on=FIRST + 90 * DAY), starts=time(11), ends=time(12)
    )
    join(other_term)
    assert join(other_term, one.child).priority == 0


def test_what_the_rules_of_cancelling_keep_is_decided_by_the_press_of_the_button(manager):
    """Half is refunded in the last week; a waiting-list entry costs nothing."""
    session = session_of(price=Decimal(1000))
    seated, waits = queue(session, 1)
    receipts.receive(
        seated.reference, amount=Decimal(1000), method="cash", payer=None, by=manager, at=AT, form_key=uuid4()
    )
    withdraw(waits, at=session.first_at - DAY)
    assert receipts.account_of(waits.reference) == receipts.Account(Decimal(0), Decimal(0), Decimal(0))
    withdraw(seated, at=session.first_at - DAY)
    account = receipts.account_of(seated.reference)
    assert (account.kept, account.too_much, account.due) == (500, 500, 0)
    assert receipts.to_give_back() == [(seated.reference, account)]


def test_the_day_of_grace_costs_nothing():
    """A place another guardian took can be restored for a day;
    the refund is that of the day it was given up.
    """
    session = session_of(price=Decimal(1000), first_on=FIRST)
    child, other = ten(parent=UserFactory()), UserFactory()
    from enrollments.families import guardians

    guardians.add_guardian(child=child, guardian=other, relation="father", rights="full")
    row = join(session, child, by=child.guardians.order_by("pk").first())
    said = session.first_at - timedelta(days=7, hours=1)
    withdrawal.withdraw(row, by=other, at=said)
    waiting_list.settle_due(said + 25 * HOUR)
    assert state(row) == "withdrawn" and receipts.account_of(row.reference).kept == 0


# ---- at the office


@pytest.fixture
def shown(academy_settings, manager, logged_in):
    """Return the same two, three weeks from now, for pages that read the clock."""
    now, course = timezone.now(), CourseFactory()
    here, there = soon(course=course, minimum=3, capacity=3), soon(course=course, capacity=1)
    rows = [
        admission.enroll(child=ChildFactory(guardian=UserFactory(), age=10), session=here, by=None, at=now)
        for _child in range(2)
    ]
    return logged_in(manager), here, there, rows


def test_the_screen_says_who_comes_and_what_they_will_read_then_does_it_once(shown, manager):
    client, here, there, rows = shown
    url = reverse("office_session_unite", args=[here.pk, there.pk])
    page = client.get(url).content.decode()
    assert all(row.child.full_name in page for row in rows) and "Il y manque 1 place" in page
    assert "لن تُقام" in page and "will not run" in page, "the letter in three languages"
    until = timezone.localtime(timezone.now() + 2 * DAY)
    typed = {"answer_by": f"{until:%Y-%m-%dT%H:%M}", "reason": "too_few"}
    refused = client.post(url, typed)
    assert refused.status_code == 422 and typed["answer_by"] in refused.content.decode(), (
        "what was typed is kept"
    )
    overrides.set_seats(there, 4, 0, reason="room", by=manager, at=timezone.now())
    late = client.post(url, typed | {"answer_by": "2199-01-01T10:00"})
    assert late.status_code == 422 and "demi-journée" in late.content.decode()
    done = reverse("office_session_answers", args=[here.pk])
    assert client.post(url, typed).url == done
    assert client.post(url, typed).status_code == 404, "pressed again: it is done"
    page = client.get(done).content.decode()
    assert "2 familles n’ont pas encore répondu" in page and "pas encore ouvert" in page
    assert str(rows[0].child.guardians.get().phone) in page
    assert here.course.title in client.get(reverse("office_decisions")).content.decode()


def test_who_was_cancelled_is_open_until_a_guardian_has_seen_it(client, shown, manager):
    office, here, _there, (one, other) = shown
    office.post(reverse("office_session_cancel", args=[here.pk]), {"reason": "too_few"})
    here.refresh_from_db()
    assert [answer.opened for answer in session_merge.answers(here)] == [False, False]
    client.force_login(one.child.guardians.get())
    client.get(reverse("enrollment", args=[one.reference]))
    found = session_merge.answers(here)
    assert [(answer.row, answer.is_open) for answer in found] == [(other, True), (one, False)], (
        "who was not reached stands first"
    )


def test_the_family_reads_why_and_answers_by_the_link(client, shown, manager):
    _office, here, there, (one, _other) = shown
    now = timezone.now()
    overrides.set_seats(there, 4, 0, reason="room", by=manager, at=now)
    session_merge.unite(here, there, answer_by=now + 2 * DAY, reason="too_few", by=manager, at=now)
    held, guardian = there_of(one), one.child.guardians.get()
    url = reverse("offer", args=[offer_links.token_for(held, guardian)])
    assert "est annulé" in client.get(url).content.decode() and state(held) == "offered"
    page = client.post(url, {"answer": "no"}).content.decode()
    assert state(held) == "declined" and "nous remboursons ce que vous avez payé" in page.casefold()


def test_money_to_give_back_is_prepared_for_the_manager(shown, manager):
    client, here, _there, (one, _other) = shown
    assert "Aucun remboursement à faire" in client.get(reverse("office_refunds")).content.decode()
    receipt = receipts.receive(
        one.reference,
        amount=one.price,
        method="cash",
        payer=None,
        by=manager,
        at=timezone.now(),
        form_key=uuid4(),
    )
    withdrawal.cancel_session(here, by=manager, at=timezone.now(), reason="too_few")
    page = client.get(reverse("office_refunds")).content.decode()
    assert one.reference in page and reverse("office_credit_note", args=[receipt.pk]) in page
    note = client.get(reverse("office_credit_note", args=[receipt.pk]))
    assert note.context["form"]["amount"].initial == one.price


def test_opening_and_closing_are_timed_at_the_office(shown, manager):
    client, here, _there, _rows = shown
    url = reverse("office_session_places", args=[here.pk])
    typed = {
        "act": "opening",
        "opens_at": "2026-12-01T18:00",
        "closes_at": "2026-12-01T17:00",
        "reason": "calendar",
    }
    refused = client.post(url, typed)
    assert refused.status_code == 422 and "2026-12-01T17:00" in refused.content.decode()
    day = saturday_in(2)
    client.post(url, typed | {"opens_at": f"{day:%Y-%m-%d}T18:00", "closes_at": ""})
    here.refresh_from_db()
    assert here.opens_at == local(day.year, day.month, day.day, 18) and here.closes_at is None
    assert "18:00" in client.get(url).content.decode()
    assert SessionEvent.objects.get(what="opens").after * 60 == here.opens_at.timestamp()


def test_closing_enrollment_ends_the_waiting_list():
    session = session_of()
    _sits, waits = queue(session, 1)
    overrides.set_opening(session, None, AT + DAY, reason="calendar", by=UserFactory(), at=AT)
    assert state(waits) == "waiting"
    waiting_list.settle_due(AT + DAY)
    assert state(waits) == "lapsed"


@pytest.mark.parametrize("why", ["asked", "refused"])
def test_what_the_child_waits_for_elsewhere_is_judged_again_when_its_old_hours_are_free(manager, why):
    """The child waits for a session at the time of its former place: that place has ended, so it gets the
    free seat.
    """
    course = CourseFactory()
    here = session_of(course=course)
    into = session_of(
        course=course, capacity=4, first_on=FIRST + timedelta(days=27 if why == "refused" else 28)
    )
    elsewhere = session_of(capacity=1)  # at the hour of `here`
    born = FIRST.replace(year=FIRST.year - course.band.max_age - 1) + timedelta(days=10)
    child = ten(birth_date=born) if why == "refused" else ten()
    sits = join(elsewhere)
    waits = join(elsewhere, child)
    row = join(here, child)
    withdraw(sits)
    assert state(waits) == "waiting", "its other class is in the way"
    made = session_merge.unite(here, into, answer_by=BY, reason="too_few", by=manager, at=AT)
    assert row in (made.asked if why == "asked" else [refused for refused, _reasons in made.refused])
    assert state(waits) == "offered"
