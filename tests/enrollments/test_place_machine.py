"""State machine: after each step in any order, the six invariants hold and the events match the rows (trust
6).

Three sessions with one or two seats, two of them at the same time, and five children who all start by
enrolling: nearly every step affects somebody else. The clock only moves forward.
"""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import hypothesis
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from courses.models import Session
from enrollments.families.children import correct_birth_date
from enrollments.models import Enrollment
from enrollments.places import (
    admission,
    audit,
    offers,
    overrides,
    queue_end,
    seat_log,
    session_merge,
    waiting_list,
    withdrawal,
)
from tests import databases
from tests.depth import usually
from tests.factories import (
    ChildFactory,
    CourseFactory,
    GuardianshipFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
)

State = Enrollment.State
BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHILDREN, SESSIONS = 5, 3
# The verbs are the same on both databases; what PostgreSQL alone does, the races show.
LIVES = usually(20, thorough=100) if databases.SERVER else usually(40, thorough=500)
WORLD = SimpleNamespace()


class Places(RuleBasedStateMachine):
    child_at = st.integers(0, CHILDREN - 1)
    session_at = st.integers(0, SESSIONS - 1)
    pick = st.integers(0, 1000)

    @initialize()
    def begin(self):
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.at = BEGIN
        vars(self).update(vars(WORLD))

    def teardown(self):
        if hasattr(self, "undone"):
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def some(self, pick, *states):
        rows = list(Enrollment.objects.filter(state__in=states).order_by("pk"))
        return rows[pick % len(rows)] if rows else None

    @rule(child=child_at, session=session_at)
    def join(self, child, session):
        with contextlib.suppress(admission.NotAdmissible):
            admission.enroll(
                child=self.children[child], session=self.sessions[session], by=self.parents[0], at=self.at
            )
        self.knows_when_it_is_to_be_settled(session)

    def knows_when_it_is_to_be_settled(self, number):
        """Joining the tail does not update it; it must be correct all the same."""
        session = Session.objects.get(pk=self.sessions[number].pk)
        kept = session.due_at
        seat_log.keep_due(session)
        assert session.due_at == kept

    @rule(one=child_at, other=child_at, session=session_at)
    def join_as_one(self, one, other, session):
        if one != other:
            pair = [self.children[one], self.children[other]]
            try:
                rows = admission.enroll_together(
                    children=pair,
                    session=self.sessions[session],
                    by=self.parents[0],
                    at=self.at,
                    all_or_none=True,
                )
            except admission.NotAdmissible:
                return
            assert len({row.state for row in rows}) == 1, "seated together or waiting together"
            self.knows_when_it_is_to_be_settled(session)

    @rule(pick=pick, who=st.integers(0, 1))
    def leave(self, pick, who):
        if row := self.some(pick, *Enrollment.LIVE):
            withdrawal.withdraw(row, by=self.parents[who], at=self.at)

    @rule(pick=pick)
    def take_back(self, pick):
        rows = list(Enrollment.objects.filter(leaves_at__isnull=False).order_by("pk"))
        if rows:
            row = rows[pick % len(rows)]
            try:
                assert withdrawal.take_back(row, by=self.parents[0], at=self.at).leaves_at is None
            except withdrawal.Refused:
                row.refresh_from_db()
                assert row.state == State.WITHDRAWN

    @rule(pick=pick)
    def accept(self, pick):
        if row := self.some(pick, State.OFFERED):
            try:
                offers.accept(row, by=self.parents[0], at=self.at)
            except offers.Refused as refusal:
                assert refusal.code in {"not_offered", "inadmissible"}

    @rule(pick=pick)
    def decline(self, pick):
        if row := self.some(pick, State.OFFERED):
            with contextlib.suppress(offers.Refused):
                offers.decline(row, by=self.parents[0], at=self.at)

    @rule(pick=pick)
    def telephone(self, pick):
        if row := self.some(pick, State.OFFERED):
            with contextlib.suppress(offers.Refused):
                offers.call(row, by=self.staff, at=self.at)

    @rule(pick=pick)
    def nobody_answers(self, pick):
        if row := self.some(pick, State.OFFERED):
            with contextlib.suppress(offers.Refused):
                offers.no_answer(row, by=self.staff, at=self.at)

    @rule(hours=st.sampled_from([1, 7, 25, 49]))
    def wait(self, hours):
        self.at += timedelta(hours=hours)
        waiting_list.settle_due(self.at)

    @rule(pick=pick)
    def remove(self, pick):
        if row := self.some(pick, *Enrollment.LIVE):
            withdrawal.remove(row, by=self.staff, reason="conduct", at=self.at)

    @rule(pick=pick, session=session_at)
    def move(self, pick, session):
        row = self.some(pick, State.SEATED)
        if row and row.session_id != self.sessions[session].pk:
            before = Enrollment.objects.filter(pk=row.pk).values("state").get()
            try:
                withdrawal.move(row, self.sessions[session], by=self.staff, at=self.at)
            except withdrawal.Refused as refusal:
                after = Enrollment.objects.filter(pk=row.pk).values("state").get()
                assert after == before or refusal.code == "over"

    @rule(session=session_at, capacity=st.integers(0, 5))
    def change_capacity(self, session, capacity):
        now = Session.objects.get(pk=self.sessions[session].pk)
        waiting = set(
            Enrollment.objects.filter(session=now, state=State.OFFERED).values_list("pk", flat=True)
        )
        try:
            overrides.set_seats(now, capacity, now.held_back, reason="room", by=self.staff, at=self.at)
        except overrides.Refused:
            assert capacity < now.seats_taken + now.held_back or capacity == 0
            return
        if capacity <= now.capacity and not waiting_list.is_due(now, self.at):
            assert (
                set(Enrollment.objects.filter(session=now, state=State.OFFERED).values_list("pk", flat=True))
                == waiting
            ), "hands out nothing"

    @rule(session=session_at, seats=st.integers(0, 3))
    def hold_back(self, session, seats):
        now = Session.objects.get(pk=self.sessions[session].pk)
        with contextlib.suppress(overrides.Refused):
            overrides.set_seats(now, now.capacity, seats, reason="sponsor", by=self.staff, at=self.at)

    @rule(pick=pick, priority=st.integers(0, 2))
    def put_first(self, pick, priority):
        if row := self.some(pick, State.WAITING):
            overrides.set_priority(row, priority, reason="moved", by=self.staff, at=self.at)

    @rule(child=child_at, year=st.sampled_from([2016, 2021]))
    def correct_birth_date(self, child, year):
        seated = set(
            Enrollment.objects.filter(child=self.children[child], state=State.SEATED).values_list(
                "pk", flat=True
            )
        )
        correct_birth_date(self.children[child], birth_date=date(year, 6, 1), at=self.at)
        still = set(Enrollment.objects.filter(pk__in=seated, state=State.SEATED).values_list("pk", flat=True))
        assert still == seated, "a corrected birth date unseats nobody"

    @rule(child=child_at, session=session_at)
    def waive(self, child, session):
        overrides.waive(
            self.children[child],
            self.sessions[session],
            "too_young",
            reason="ready",
            by=self.staff,
            at=self.at,
        )

    @rule(session=session_at, hours=st.sampled_from([-1, 30, None, None]))
    def close(self, session, hours):
        """Joining ends now or later, or is open again until the last day to join."""
        until = None if hours is None else self.at + timedelta(hours=hours)
        now = Session.objects.get(pk=self.sessions[session].pk)
        try:
            overrides.set_opening(
                now, None, until, reason="calendar", by=self.staff, at=self.at, agreed=queue_end.mark(now)
            )
        except overrides.Refused as refusal:  # what was due has changed the queue meanwhile
            assert refusal.code is overrides.Reason.ENDS_QUEUE
            return
        assert hours != -1 or not queue_end.queued_in(now).exists(), "nobody waits for what is closed"

    @precondition(lambda self: self.at > BEGIN + timedelta(days=3))
    @rule(session=session_at)
    def cancel(self, session):
        withdrawal.cancel_session(self.sessions[session], by=self.staff, at=self.at, reason="too_few")
        assert not Enrollment.objects.live().filter(session=self.sessions[session]).exists()

    @precondition(lambda self: self.at > BEGIN + timedelta(days=2))
    @rule(session=session_at, into=session_at, hours=st.sampled_from([13, 60]))
    def unite(self, session, into, hours):
        here, there = self.sessions[session], self.sessions[into]
        try:
            answer_by = self.at + timedelta(hours=hours)
            made = session_merge.unite(
                here, there, answer_by=answer_by, reason="too_few", by=self.staff, at=self.at
            )
        except session_merge.Refused:
            return
        assert not Enrollment.objects.live().filter(session=here).exists()
        held = Enrollment.objects.filter(
            session=there,
            state=State.OFFERED,
            offer_kind="merge",
            child__in=[row.child_id for row in made.asked],
        )
        assert held.count() == len(made.asked), "a seat is held for each of them"

    @invariant()
    def the_places_say_the_truth(self):
        if hasattr(self, "sessions"):
            assert audit.check(self.at) == []

    @invariant()
    def no_child_sits_in_two_rooms_at_once(self):
        if hasattr(self, "sessions"):
            at_ten = [self.sessions[0].pk, self.sessions[1].pk]
            seated = Enrollment.objects.filter(session__in=at_ten, state=State.SEATED).values_list(
                "child_id", flat=True
            )
            assert len(seated) == len(set(seated))


class PlacesHold(Places.TestCase, TestCase):
    settings = settings(
        max_examples=LIVES,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    @classmethod
    def setUpTestData(cls):
        """Created once; each run of the machine is rolled back. Every session is full and has a queue."""
        course = CourseFactory()
        facts = {"course": course, "first_on": date(2026, 12, 5), "minimum": 0}
        WORLD.sessions = [
            SessionFactory(capacity=1, starts=time(10), ends=time(11, 30), **facts),
            SessionFactory(capacity=1, starts=time(10, 30), ends=time(12), **facts),
            SessionFactory(capacity=2, starts=time(16), ends=time(17, 30), **facts),
        ]
        WORLD.parents = [UserFactory(), UserFactory()]
        WORLD.staff = StaffFactory(role="Programme managers")
        WORLD.children = [ChildFactory(birth_date=date(2016, 6, 1)) for _child in range(CHILDREN)]
        for number, child in enumerate(WORLD.children):
            for parent in WORLD.parents if number % 2 else WORLD.parents[:1]:
                GuardianshipFactory(child=child, guardian=parent)
        for child, session in ((0, 0), (1, 1), (3, 0), (4, 1), (3, 1), (0, 2), (1, 2), (2, 2)):
            admission.enroll(
                child=WORLD.children[child], session=WORLD.sessions[session], by=WORLD.parents[0], at=BEGIN
            )
