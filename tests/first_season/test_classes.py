"""Cases of a first season, each under its number: the children of a class, and what is said for a day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from courses.timetable import scheduling
from enrollments.classes import digests, makeups, missing_children, pickup_passes, register
from enrollments.models import Letter, Presence
from enrollments.places import withdrawal
from enrollments.printing import sheets
from tests.classes import class_now, kids, put
from tests.factories import ChildFactory, CourseFactory, SessionFactory, UserFactory
from tests.queues import DAY, join

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


# ---- guests


@pytest.fixture
def guest(instructor, now):
    """Return (child, its guardian, the class of tomorrow in which it is a guest): it missed the same lesson
    yesterday. The last day to join is derived, as in production.
    """
    course, today = CourseFactory(lessons=4, meetings_count=4), timezone.localdate(now)
    home = SessionFactory(course=course, first_on=today - timedelta(days=22))
    other = SessionFactory(course=course, first_on=today - timedelta(days=20), capacity=2)
    guardian = UserFactory()
    child = ChildFactory(guardian=guardian, age=10)
    join(home, child, at=now - timedelta(days=23), by=guardian)
    missed, host = (session.meetings.get(number=4) for session in (home, other))
    put(missed, child, "absent", by=instructor, at=now)
    makeups.book(child, missed, host, by=guardian, at=now)
    return child, guardian, host


def test_case_2a_the_evacuation_list_of_the_day_holds_the_guest(guest, now):
    child, _guardian, host = guest
    pack, whose = sheets.day_pack(host.on, now)
    *about_children, _slips = pack
    named = [
        sheet.title for sheet in pack if any(child.first_name in cell for row in sheet.rows for cell in row)
    ]
    # Stricter than the case: the sign-in and the safety sheet name the guest too.
    assert named == [sheet.title for sheet in about_children] and "Liste d’évacuation" in named
    assert whose == [child.pk]


def test_case_2b_a_guest_is_told_that_the_session_is_cancelled(guest, manager, now):
    child, guardian, host = guest
    withdrawal.cancel_session(host.session, by=manager, at=now, reason="few")
    assert Letter.objects.filter(recipient=guardian, child=child, kind="make_up_ended").exists()


def test_case_2c_the_evening_letter_does_not_send_a_guest_to_a_cancelled_session(guest, manager, now):
    child, guardian, host = guest
    there = digests.classes_of([guardian.pk], host.on, host.on)
    assert there == {guardian.pk: [digests.DigestClass(child, host)]}
    withdrawal.cancel_session(host.session, by=manager, at=now, reason="few")
    assert digests.classes_of([guardian.pk], host.on, host.on) == {}


# ---- a past class


def test_case_4_a_child_seated_today_was_not_in_the_class_of_yesterday(instructor, parent, now):
    session = SessionFactory(first_on=timezone.localdate(now) - DAY)
    there = ChildFactory(guardian=UserFactory(), age=10)
    join(session, there, at=now - 2 * DAY, by=there.guardians.first())
    yesterday = session.meetings.get(number=1)
    put(yesterday, there, "present", by=instructor, at=now)
    new = ChildFactory(guardian=parent, age=10, first_name="Nouvelle")
    join(session, new, at=now, by=parent)
    seen = {
        "looked for": new in [row.child for row in missing_children.looked_for(now)],
        "in the list": new in kids(yesterday),
    }
    register.all_present(yesterday, key=uuid4(), by=instructor, at=now)
    seen["marked present"] = Presence.objects.filter(meeting=yesterday, child=new).exists()
    assert seen == {"looked for": False, "in the list": False, "marked present": False}
    assert kids(yesterday) == [there]


# ---- what was said for a day


def test_case_6_an_announced_absence_is_asked_anew_when_the_class_moves(parent, now):
    session = SessionFactory(first_on=timezone.localdate(now) + timedelta(days=3))
    child = ChildFactory(guardian=parent, age=10)
    join(session, child, at=now, by=parent)
    meeting = session.meetings.get(number=1)
    register.announce(child, meeting, what="absent", by=parent, at=now)
    pass_, _token = pickup_passes.give(child, name="Tante Exemple", on=meeting.on, by=parent, at=now)
    moved = scheduling.move(
        meeting, on=meeting.on + DAY, starts=meeting.starts, ends=meeting.ends, at=now, reason="Panne"
    )
    told = Letter.objects.get(kind="classes_changed", recipient=parent).body
    late = moved.starts_at + timedelta(minutes=11)
    looked_for = child in [row.child for row in missing_children.looked_for(late)]
    assert (looked_for, "absen" in told.lower(), "Tante" in told) == (True, True, True)
    pass_.refresh_from_db()
    assert pass_.revoked_at == now


def test_case_10_all_present_leaves_who_comes_later_without_a_mark(instructor, now):
    meeting = class_now(2, at=now)
    late, other = kids(meeting)
    register.announce(late, meeting, what="late", by=late.guardians.first(), at=now)
    register.all_present(meeting, key=uuid4(), by=instructor, at=now)
    marks = Presence.objects.filter(meeting=meeting).exclude(mark="").values_list("child", "mark")
    assert dict(marks) == {other.pk: "present"}
