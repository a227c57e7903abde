"""What children of the demonstration learnt and made: there is something to see behind each door."""

from collections import Counter

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.demo.classes import IN_FULL
from academy.demo.season import sessions_by_key
from courses.timetable import lesson_plan
from enrollments.classes import next_level, surveys
from enrollments.learning import certificates
from enrollments.models import (
    Certificate,
    Child,
    ClassPhoto,
    Printer,
    PrintJob,
    Project,
    ProjectFile,
    Spool,
    SurveyAnswer,
)
from enrollments.money import receipts
from enrollments.portfolio import class_photos, contents, showcase

pytestmark = pytest.mark.django_db


def adam() -> Child:
    return Child.objects.get(guardians__email="parent@example.org", first_name="Adam")


def test_each_state_of_a_print_is_there(demonstration):
    assert set(PrintJob.objects.values_list("state", flat=True)) == set(PrintJob.State.values)
    assert Printer.objects.count() == 2 and Spool.objects.count() == 3
    assert any(spool.is_low for spool in Spool.objects.all())


def test_files_were_read_and_are_stored(demonstration):
    kinds = Counter(ProjectFile.objects.values_list("kind", flat=True))
    assert set(kinds) == {"picture", "scratch3", "python", "stl"}
    for file in ProjectFile.objects.all():
        assert contents.storage().exists(file.stored_as), file.name
    solid = ProjectFile.objects.filter(kind="stl").first().facts
    assert solid["certainty"] == "exact" and solid["fits"]


def test_an_ended_course_is_paid_for(demonstration):
    places = sessions_by_key()[IN_FULL].enrollments.filter(state="seated")
    accounts = receipts.accounts_of(places.values_list("reference", flat=True))
    assert len(accounts) > 3 and {account.due for account in accounts.values()} == {0}
    assert all(account.paid for account in accounts.values())


def test_an_ended_course_has_certificates_and_shown_answers(demonstration):
    session, at = sessions_by_key()[IN_FULL], timezone.now()
    found = certificates.candidates(session, at)
    assert len(found) == Certificate.objects.count() == 8 and all(one.certificate for one in found)
    assert all(one.attended.classes == one.attended.marked for one in found)
    assert SurveyAnswer.objects.filter(is_shown=True).count() == surveys.BATCH
    assert Certificate.objects.filter(child=adam()).exists()


def test_stories_are_shown_and_one_waits(demonstration, client):
    at = timezone.now()
    assert len(showcase.shown(at)) == 2 and len(showcase.choices(at)) == 1
    text = client.get(reverse("showcase")).content.decode()
    assert all(project.title in text for project in Project.objects.exclude(showcase=None))


def test_a_picture_of_a_class_and_a_next_level(demonstration):
    at = timezone.now()
    assert class_photos.of_child(adam(), at) == [ClassPhoto.objects.get()]
    assert [row.course.code for row in next_level.told_of(adam(), at)] == ["ROBOT-B"]


def test_a_session_keeps_older_lessons_and_the_course_has_its_own(demonstration):
    session, at = sessions_by_key()["code-c-late"], timezone.now()
    assert [change.is_renumbered for change in lesson_plan.differences(session, at)] == [False, False]
    numbers = session.course.lessons.values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
