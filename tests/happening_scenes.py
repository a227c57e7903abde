"""What an event of tests/happenings.py needs before it happens: guardians, guests, offers, a class."""

from datetime import timedelta

from django.utils import timezone

from courses.models import Meeting, Session
from enrollments.classes import (
    makeups,
)
from enrollments.letters.audience import Who
from enrollments.models import Letter
from enrollments.places import waiting_list, withdrawal
from tests.classes import begin, put
from tests.factories import (
    GuardianshipFactory,
    SessionFactory,
    UserFactory,
)
from tests.queues import DAY, HOUR, join, ten


def first(session: Session) -> Meeting:
    return session.meetings.select_related("session__course", "room__venue").order_by("number").first()


def second_guardian(world) -> None:
    GuardianshipFactory(child=world.child, guardian=world.second, rights="full", relation="father")


def add_guest(world) -> None:
    """A make-up guest in the first class of the session, with a guardian of its own."""
    course = world.session.course
    missed_in = SessionFactory(
        course=course, first_on=world.session.first_on - timedelta(days=21), capacity=3
    )
    guardian = UserFactory()
    guest = ten(guardian, first_name="Invité")
    join(missed_in, guest, at=world.now - 9 * DAY, by=guardian)
    missed = begin(first(missed_in), world.now - 2 * HOUR)
    Meeting.objects.filter(pk=missed.pk).update(lesson=course.lessons.first())
    put(missed, guest, "absent", by=world.instructor, at=world.now)
    Session.objects.filter(pk=world.session.pk).update(join_until=timezone.localdate(world.now))
    host = first(world.session)
    Meeting.objects.filter(pk=host.pk).update(lesson=course.lessons.first())
    host = begin(host, world.now + DAY)
    missed = Meeting.objects.select_related("session__course", "room__venue", "lesson").get(pk=missed.pk)
    world.guest, world.missed, world.host = guest, missed, host
    makeups.book(guest, missed, host, by=guardian, at=world.now)
    Session.objects.filter(pk=world.session.pk).update(join_until=None)
    world.people[guardian] = Who.GUEST
    Letter.objects.all().delete()


def add_offered(world) -> None:
    """A child that is being offered a place in the session."""
    guardian = UserFactory()
    Session.objects.filter(pk=world.session.pk).update(capacity=1)
    world.offered = join(world.session, ten(guardian), at=world.now, by=guardian)
    Session.objects.filter(pk=world.session.pk).update(capacity=2)
    waiting_list.settle_changed(None, session=world.session, at=world.now)
    world.offered.refresh_from_db()
    assert world.offered.state == "offered"
    world.people[guardian] = Who.OFFERED
    Letter.objects.all().delete()


def only_offer(world) -> None:
    """The child itself is being offered a place instead of having one."""
    withdrawal.withdraw(world.row, by=world.parent, at=world.now)
    Session.objects.filter(pk=world.session.pk).update(capacity=1)
    seat = join(world.session, at=world.now)
    world.row = join(world.session, world.child, at=world.now, by=world.parent)
    world.seat = seat
    Letter.objects.all().delete()


def offered_now(world) -> None:
    only_offer(world)
    withdrawal.withdraw(world.seat, by=world.seat.child.guardians.first(), at=world.now)
    world.row.refresh_from_db()
    Letter.objects.all().delete()


def held(world) -> Meeting:
    """The first class, begun five minutes ago."""
    return begin(first(world.session), world.now - timedelta(minutes=5))


# ---- what happens, by event
