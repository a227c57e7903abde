"""A session with a queue, a similar session, seated and waiting children: input for every function that
changes places.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

from enrollments.models import Enrollment, Letter, PlaceEvent, Receipt, SessionEvent
from enrollments.money import receipts
from enrollments.places import (
    admission,
    basket,
    offers,
    overrides,
    queue_end,
    session_merge,
    waiting_list,
    withdrawal,
)
from enrollments.privacy import child_merge
from tests.factories import ChildFactory, SessionFactory, StaffFactory, UserFactory

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Scene:
    """A full session with a queue, an offered seat in another one, and the users."""

    def __init__(self):
        self.parent, self.staff = UserFactory(), StaffFactory(role="Programme managers")
        self.form_key = uuid4()
        first_on = date(2026, 12, 5)
        self.here = SessionFactory(first_on=first_on, capacity=1, minimum=0)
        self.other = SessionFactory(
            course=self.here.course, first_on=first_on, capacity=3, minimum=0, starts=time(9), ends=time(10)
        )
        self.child = ChildFactory(guardian=self.parent, age=10)
        self.twin = ChildFactory(guardian=self.parent, age=10)
        self.seated = admission.enroll(child=self.child, session=self.here, by=self.parent, at=AT)
        self.waiting = admission.enroll(
            child=ChildFactory(guardian=UserFactory(), age=10), session=self.here, by=None, at=AT
        )
        self.third = admission.enroll(
            child=ChildFactory(guardian=UserFactory(), age=10), session=self.here, by=None, at=AT
        )

    def offer(self):
        withdrawal.withdraw(self.seated, by=self.parent, at=AT)
        self.waiting.refresh_from_db()
        offers.mark_opened(self.waiting, AT)

    def picture(self) -> tuple:
        """Return everything those functions can write."""
        rows = Enrollment.objects.filter(session__in=[self.here, self.other]).order_by("pk")
        return (
            list(rows.values_list("pk", "state", "ticket", "child", "leaves_at", "offer_until", "priority")),
            PlaceEvent.objects.count(),
            SessionEvent.objects.count(),
            Letter.objects.count(),
            Receipt.objects.count(),
        )


def lapse(scene):
    return waiting_list.settle_due(AT + timedelta(days=3))


VERBS = {
    "enroll": lambda scene: admission.enroll(child=scene.twin, session=scene.other, by=scene.parent, at=AT),
    "withdraw": lambda scene: withdrawal.withdraw(scene.seated, by=scene.parent, at=AT),
    "move": lambda scene: withdrawal.move(scene.seated, scene.other, by=scene.staff, at=AT),
    "cancel": lambda scene: withdrawal.cancel_session(scene.here, by=scene.staff, at=AT, reason="too_few"),
    "seats": lambda scene: overrides.set_seats(scene.here, 2, 0, reason="room", by=scene.staff, at=AT),
    "unite": lambda scene: session_merge.unite(
        scene.here, scene.other, answer_by=AT + timedelta(days=2), reason="too_few", by=scene.staff, at=AT
    ),
    "basket": lambda scene: basket.confirm(
        [(scene.twin.pk, scene.other.pk), (scene.child.pk, scene.other.pk)],
        by=scene.parent,
        at=AT,
        keep_what_fits=False,
    ),
    "remove": lambda scene: withdrawal.remove(scene.seated, by=scene.staff, reason="conduct", at=AT),
    "opening": lambda scene: overrides.set_opening(
        scene.here, None, AT + timedelta(days=3), reason="calendar", by=scene.staff, at=AT
    ),
    "closing": lambda scene: overrides.set_opening(
        scene.here,
        None,
        AT - timedelta(days=1),
        reason="calendar",
        by=scene.staff,
        at=AT,
        agreed=queue_end.mark(scene.here),
    ),
    "receipt": lambda scene: receipts.receive(
        scene.seated.reference,
        amount=Decimal(100),
        method="cash",
        payer=scene.parent,
        by=scene.staff,
        at=AT,
        form_key=scene.form_key,
    ),
    "merge": lambda scene: child_merge.propose(scene.twin, scene.child, by=scene.staff, at=AT),
    "accept": lambda scene: offers.accept(scene.waiting, by=None, at=AT),
    "call": lambda scene: offers.call(scene.waiting, by=scene.staff, at=AT),
    "decline": lambda scene: offers.decline(scene.waiting, by=None, at=AT),
    "lapse": lapse,
}
OFFERED = {"accept", "call", "decline", "lapse"}
