"""A process killed for real after any statement of a verb leaves nothing of it, or all of it: rows, counters, events and letters."""

import os
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection

from enrollments import admission, leaving, ledger_check, merging, offers, tending, uniting
from enrollments.models import Enrollment, Letter, PlaceEvent, SessionEvent
from tests.factories import ChildFactory, SessionFactory, StaffFactory, UserFactory
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOST = 120  # statements of the longest verb


class Scene:
    """A full session with a queue, one offered seat in another, and who may act."""

    def __init__(self):
        self.parent, self.staff = UserFactory(), StaffFactory(role="Programme managers")
        first_on = date(2026, 12, 5)
        self.here = SessionFactory(first_on=first_on, capacity=1, minimum=0)
        self.other = SessionFactory(
            course=self.here.course, first_on=first_on, capacity=3, minimum=0, starts=time(9), ends=time(10)
        )
        self.child = ChildFactory(guardian=self.parent, age=10)
        self.twin = ChildFactory(guardian=self.parent, age=10)
        self.seated = admission.enroll(child=self.child, session=self.here, by=self.parent, at=AT)
        self.waiting = admission.enroll(child=ChildFactory(guardian=UserFactory(), age=10), session=self.here, by=None, at=AT)
        self.third = admission.enroll(child=ChildFactory(guardian=UserFactory(), age=10), session=self.here, by=None, at=AT)

    def offer(self):
        leaving.withdraw(self.seated, by=self.parent, at=AT)
        self.waiting.refresh_from_db()
        offers.mark_opened(self.waiting, AT)

    def picture(self) -> tuple:
        """Everything a verb may write."""
        rows = Enrollment.objects.filter(session__in=[self.here, self.other]).order_by("pk")
        return (
            list(rows.values_list("pk", "state", "ticket", "child", "leaves_at", "offer_until", "priority")),
            PlaceEvent.objects.count(), SessionEvent.objects.count(), Letter.objects.count(),
        )  # fmt: skip


def lapse(scene):
    return offers.settle_due(AT + timedelta(days=3))


VERBS = {
    "enroll": lambda scene: admission.enroll(child=scene.twin, session=scene.other, by=scene.parent, at=AT),
    "withdraw": lambda scene: leaving.withdraw(scene.seated, by=scene.parent, at=AT),
    "move": lambda scene: leaving.move(scene.seated, scene.other, by=scene.staff, at=AT),
    "cancel": lambda scene: leaving.cancel_session(scene.here, by=scene.staff, at=AT, reason="too_few"),
    "seats": lambda scene: tending.set_seats(scene.here, 2, 0, reason="room", by=scene.staff, at=AT),
    "unite": lambda scene: uniting.unite(
        scene.here, scene.other, answer_by=AT + timedelta(days=2), reason="too_few", by=scene.staff, at=AT
    ),
    "merge": lambda scene: merging.propose(scene.twin, scene.child, by=scene.staff, at=AT),
    "accept": lambda scene: offers.accept(scene.waiting, by=None, at=AT),
    "decline": lambda scene: offers.decline(scene.waiting, by=None, at=AT),
    "lapse": lapse,
}
OFFERED = {"accept", "decline", "lapse"}


def killed_after(count: int, act):
    """The act in a process that dies after so many statements."""

    def dies():
        seen = 0

        def kill(execute, *arguments):
            nonlocal seen
            result = execute(*arguments)
            seen += 1
            if seen == count:
                os._exit(9)
            return result

        with connection.execute_wrapper(kill):
            act()

    return dies


@pytest.mark.parametrize("verb", VERBS)
def test_killed_after_any_statement_nothing_or_all_of_it(verb):
    died = 0
    scene = Scene()
    if verb in OFFERED:
        scene.offer()
    before = scene.picture()
    for fatal in range(1, MOST):
        ((kind, said),) = at_once(killed_after(fatal, lambda: VERBS[verb](scene) and None))
        assert kind in {"died", "done"}, said
        assert [str(fault) for fault in ledger_check.check(AT)] == [], (verb, fatal)
        if kind == "done":
            assert scene.picture() != before, "the verb did something"
            break
        died += 1
        assert scene.picture() == before, (verb, fatal, "every statement stands before the commit: nothing of it may be left")
    assert died >= 5, "it was killed on the way"
