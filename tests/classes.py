"""Helpers for register tests: a class in progress."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from courses.models import Meeting
from enrollments.classes import incidents, pickup_passes, progress, register, roster
from enrollments.learning.certificates import NAMES
from enrollments.models import Certificate, Presence
from enrollments.places import admission, withdrawal
from tests.factories import ChildFactory, SessionFactory, SkillFactory, UserFactory


def class_now(children=3, *, at=None, began=timedelta(minutes=5), names=(), **facts) -> Meeting:
    """Return a ninety-minute class that started that long ago, with children seated before it, each with a
    guardian.
    """
    at = at or timezone.now()
    facts = {"first_on": timezone.localdate(at) + timedelta(days=7), "capacity": 40} | facts
    session = SessionFactory(**facts)
    for number in range(children):
        name = {"first_name": names[number]} if names else {"first_name": f"Enfant{chr(65 + number)}"}
        guardian = UserFactory()
        child = ChildFactory(guardian=guardian, last_name=f"Nom{chr(65 + number)}", **name)
        admission.enroll(child=child, session=session, by=guardian, at=at - began - timedelta(hours=1))
    return begin(session.meetings.order_by("number").first(), at - began)


def begin(meeting: Meeting, starts_at) -> Meeting:
    """Set when the class starts, with local time and day."""
    local = timezone.localtime(starts_at)
    ends = timezone.localtime(starts_at + timedelta(minutes=90))
    facts = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=90), "on": local.date()}
    if local.time() < ends.time():
        facts |= {
            "starts": local.time().replace(second=0, microsecond=0),
            "ends": ends.time().replace(second=0, microsecond=0),
        }
    Meeting.objects.filter(pk=meeting.pk).update(**facts)
    return Meeting.objects.select_related("session__course__band", "room__venue").get(pk=meeting.pk)


def kids(meeting):
    return [line.child for line in roster.lines(meeting)]


def put(meeting, child, mark, *, by, at, seen=0, key=None, **more):
    """Send one tap."""
    return register.mark(meeting, child.pk, mark=mark, seen=seen, key=key or uuid4(), by=by, at=at, **more)


def written_about(child, by, at):
    """Return a class with every kind of record about the child."""
    session = SessionFactory(first_on=timezone.localdate(at) + timedelta(days=7))
    admission.enroll(child=child, session=session, by=by, at=at - timedelta(hours=1))
    meeting = begin(session.meetings.order_by("number").first(), at - timedelta(minutes=5))
    Presence.objects.create(
        meeting=meeting,
        child=child,
        mark="present",
        remark="zerremarque",
        went_home="other",
        went_with="Zervoisine",
        went_at=at,
    )
    progress.note(child, meeting, chips=[], text="zermot", by=by, at=at)
    progress.observe(child, SkillFactory(), meeting, level=3, by=by, at=at)
    incidents.write(
        child, meeting, happened_at=at, what="zerchute", done="zerglace", told="zermere", by=by, at=at
    )
    names = {name: getattr(child, name) for name in NAMES}
    Certificate.objects.create(
        child=child, session=session, code="ZERCODE", ground="completed", title_fr="x",
        completed_on=meeting.on, issued_at=at, issued_by_ref=by.pk, **names,
    )  # fmt: skip
    pickup_passes.give(child, name="Zerlaissez", on=timezone.localdate(at), by=by, at=at)
    withdrawal.withdraw(child.enrollments.get(session=session), by=by, at=at)
