"""Many phones mark one child, one phone resends a tap, several guests want the last place: in parallel."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from courses.models import Meeting, Session
from enrollments.classes import dismissal, makeups, pickup_passes, progress, register
from enrollments.models import (
    ClassDiary,
    Letter,
    MakeUp,
    PickupPass,
    Presence,
    PresenceChange,
    SkillObservation,
)
from tests.classes import begin, class_now, kids, put
from tests.factories import LessonFactory, SessionFactory, SkillFactory, StaffFactory
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
CROWD = 6


def together(*acts):
    outcomes = at_once(*acts)
    connections.close_all()
    return outcomes


def test_of_many_marks_on_one_version_one_is_written_and_the_others_are_shown_it():
    at, teacher = timezone.now(), StaffFactory(role="Instructors")
    meeting = class_now(1, at=at)
    (child,) = kids(meeting)
    marks = ["present", "absent", "late", "left", "excused", "absent"]
    outcomes = together(
        *(lambda mark=mark: put(meeting, child, mark, by=teacher, at=at).version for mark in marks)
    )
    row = Presence.objects.get()
    assert (row.version, PresenceChange.objects.count()) == (1, 1)
    assert all(kind == "done" or "Conflict" in said for kind, said in outcomes), outcomes
    same = [mark for mark in marks if mark == row.mark]
    assert sum(kind == "done" for kind, _said in outcomes) == len(same), (
        "who said the same is told that it stands"
    )


def test_one_tap_sent_by_many_at_once_is_one_tap():
    at, teacher, key = timezone.now(), StaffFactory(role="Instructors"), uuid4()
    meeting = class_now(1, at=at)
    (child,) = kids(meeting)
    outcomes = together(*[lambda: put(meeting, child, "late", key=key, by=teacher, at=at).version] * CROWD)
    assert outcomes == [("done", 1)] * CROWD and PresenceChange.objects.count() == 1
    home = uuid4()
    guardian = child.guardianships.get()
    outcomes = together(
        *[
            lambda: (
                dismissal.send_home(
                    meeting, child.pk, home="guardian", who=guardian.pk, key=home, by=teacher, at=at
                ).version
            )
        ]
        * CROWD
    )
    assert outcomes == [("done", 2)] * CROWD and PresenceChange.objects.count() == 2


def test_a_register_closed_by_many_writes_each_letter_once():
    at, teacher = timezone.now(), StaffFactory(role="Instructors")
    meeting = class_now(2, at=at)
    for child in kids(meeting):
        put(meeting, child, "absent", by=teacher, at=at)
    outcomes = together(*[lambda: register.close(meeting, by=teacher, at=at).pk] * CROWD)
    assert {kind for kind, _said in outcomes} == {"done"}
    assert ClassDiary.objects.count() == 1 and Letter.objects.filter(kind="absent").count() == 2


def test_a_pass_is_used_by_one_of_two_telephones():
    at, teacher = timezone.now(), StaffFactory(role="Instructors")
    meeting = class_now(1, at=at)
    (child,) = kids(meeting)
    given, _token = pickup_passes.give(
        child, name="Fatima", on=timezone.localdate(at), by=child.guardians.get(), at=at
    )
    put(meeting, child, "present", by=teacher, at=at)
    outcomes = together(
        *[lambda: pickup_passes.hand_over(given, meeting, key=uuid4(), by=teacher, at=at).pk] * 2
    )
    assert sum(kind == "done" for kind, _said in outcomes) == 1
    assert PickupPass.objects.get().used_at and Letter.objects.filter(kind="pass_used").count() == 1


def test_the_last_guests_place_is_given_once():
    at, teacher = timezone.now(), StaffFactory(role="Instructors")
    missed = class_now(CROWD, at=at, began=timedelta(hours=1))
    lesson = LessonFactory(course=missed.session.course, number=43)
    other = SessionFactory(
        course=missed.session.course, first_on=timezone.localdate(at) + timedelta(days=14), capacity=1
    )
    Session.objects.filter(pk=other.pk).update(join_until=timezone.localdate(at))
    host = begin(other.meetings.order_by("number").first(), at + timedelta(days=2))
    Meeting.objects.filter(pk__in=[missed.pk, host.pk]).update(lesson=lesson)
    missed, host = Meeting.objects.get(pk=missed.pk), Meeting.objects.get(pk=host.pk)
    children = kids(missed)
    for child in children:
        put(missed, child, "absent", by=teacher, at=at)
    outcomes = together(
        *(lambda child=child: makeups.book(child, missed, host, by=teacher, at=at).pk for child in children)
    )
    assert sum(kind == "done" for kind, _said in outcomes) == 1 and MakeUp.objects.count() == 1
    assert all(kind == "done" or "full" in said for kind, said in outcomes), outcomes


def test_a_level_for_all_does_not_overwrite_what_a_colleague_taps_at_the_same_time():
    at, teacher, colleague = (
        timezone.now(),
        StaffFactory(role="Instructors"),
        StaffFactory(role="Instructors"),
    )
    meeting = class_now(3, at=at)
    children = kids(meeting)
    for _turn in range(6):
        skill = SkillFactory()
        outcomes = together(
            lambda skill=skill: progress.observe_all(children, skill, meeting, level=2, by=teacher, at=at),
            lambda skill=skill: progress.observe(children[-1], skill, meeting, level=1, by=colleague, at=at),
        )
        assert {kind for kind, _said in outcomes} == {"done"}, outcomes
        rows = SkillObservation.objects.filter(skill=skill, meeting=meeting)
        levels = dict(rows.values_list("child", "level"))
        assert levels == {children[0].pk: 2, children[1].pk: 2, children[2].pk: 1}


def test_two_levels_for_all_at_once_leave_one_level_for_all():
    at, teachers = timezone.now(), [StaffFactory(role="Instructors") for _one in range(2)]
    meeting = class_now(3, at=at)
    children = kids(meeting)
    for _turn in range(6):
        skill = SkillFactory()
        outcomes = together(
            *(
                lambda skill=skill, level=level, by=by, order=order: progress.observe_all(
                    order, skill, meeting, level=level, by=by, at=at
                )
                for level, by, order in ((1, teachers[0], children), (2, teachers[1], children[::-1]))
            )
        )
        assert {kind for kind, _said in outcomes} == {"done"}, outcomes
        rows = list(
            SkillObservation.objects.filter(skill=skill, meeting=meeting).values_list("level", flat=True)
        )
        assert len(rows) == 3 and len(set(rows)) == 1
