"""Projects at the desk: added from the phone, in the window of the roster, each look recorded."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from enrollments.models import Project, ReadRecord
from enrollments.permissions import INSTRUCTOR
from tests.classes import begin, class_now, kids
from tests.factories import (
    ChildFactory,
    StaffFactory,
    UserFactory,
)
from tests.works import made_by, photographed, sent, status, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
WORDS = {"title": "Robot suiveur", "story": "Il suit la ligne noire.", "link": "", "made_on": "2026-11-03"}


@pytest.fixture
def meeting(instructor):
    return class_now(2, names=["Aya", "Bilal"], instructors=[instructor])


def desk_url(meeting, child, *more, name="desk_projects"):
    return reverse(name, args=[meeting.pk, child.pk, *more])


def test_an_instructor_adds_a_picture_from_the_phone_and_is_asked_to_look_into_the_gallery(
    enter, instructor, meeting
):
    client, child = enter(instructor), kids(meeting)[0]
    url = desk_url(meeting, child)
    page = client.get(url).content.decode()
    assert 'accept="image/*"' in page and 'capture="environment"' in page and "galerie" in page
    assert url in client.get(reverse("desk_child", args=[meeting.pk, child.pk])).content.decode()
    answer = client.post(
        url, {"title": "Robot", "story": "", "link": "", "picture": photographed()}, follow=True
    )
    project = Project.objects.get()
    assert (project.child, project.meeting, project.course) == (child, meeting, meeting.session.course)
    assert project.made_on == meeting.on and project.added_by_ref == instructor.pk
    said = [str(message) for message in answer.context["messages"]]
    assert len(said) == 2 and "galerie" in said[1]
    family = enter(child.guardians.first())
    assert family.get(reverse("project", args=[project.pk])).status_code == 200


def test_each_look_of_the_team_is_recorded_and_shown_to_the_family(enter, instructor, meeting):
    child = kids(meeting)[0]
    project = made_by(child, child.guardians.first(), photographed())
    client = enter(instructor)
    client.get(desk_url(meeting, child))
    assert ReadRecord.objects.filter(what="projects", child_ref=child.pk, by_ref=instructor.pk).count() == 1
    ReadRecord.objects.all().delete()
    file = client.get(desk_url(meeting, child, project.pk, project.picture.pk, name="desk_project_file"))
    assert file.status_code == 200 and file.getvalue()[:2] == b"\xff\xd8"
    assert ReadRecord.objects.get(what="projects", child_ref=child.pk).role == INSTRUCTOR
    home = enter(child.guardians.first())
    assert status(home.get(reverse("project_file", args=[project.pk, project.picture.pk]))) == 200
    assert ReadRecord.objects.filter(what="projects").count() == 1, "a guardian's own look is not recorded"


@pytest.mark.parametrize(("days", "opens"), [(-8, False), (-6, True), (13, True), (15, False)])
def test_the_window_of_the_roster_is_the_window_of_projects(enter, instructor, meeting, days, opens):
    """From seven days before the class to fourteen days after it."""
    child = kids(meeting)[0]
    project = made_by(child, child.guardians.first(), sent())
    if days < 0:
        begin(meeting, timezone.now() - timedelta(days=days))
    with time_machine.travel(timezone.now() + timedelta(days=max(days, 0))):
        client, expected = enter(instructor), 200 if opens else 404
        assert client.get(desk_url(meeting, child)).status_code == expected
        url = desk_url(meeting, child, project.pk, project.files.get().pk, name="desk_project_file")
        assert status(client.get(url)) == expected
        answer = client.post(desk_url(meeting, child), {"title": "Robot nageur"})
        assert answer.status_code == (302 if opens else 404)


def test_another_instructor_an_editor_and_a_child_of_another_class_are_not_found(
    enter, instructor, editor, meeting
):
    here, there = kids(meeting)[0], ChildFactory(guardian=UserFactory())
    project, foreign = made_by(here, instructor, sent()), made_by(there, instructor, sent())
    stranger = StaffFactory(role=INSTRUCTOR)
    routes = {
        "desk_projects": [],
        "desk_project_erase": [project.pk],
        "desk_project_file": [project.pk, project.files.get().pk],
        "desk_project_picture": [project.pk, project.files.get().pk],
    }
    for name, more in routes.items():
        for user in (stranger, editor):
            assert enter(user).get(desk_url(meeting, here, *more, name=name)).status_code == 404, name
        assert enter(instructor).get(desk_url(meeting, there, *more, name=name)).status_code == 404, name
    foreign_file = [foreign.pk, foreign.files.get().pk]
    assert (
        enter(instructor).get(desk_url(meeting, here, *foreign_file, name="desk_project_file")).status_code
        == 404
    )


def test_an_instructor_deletes_their_own_mistake_and_the_office_any(
    enter, instructor, front_desk, meeting, django_capture_on_commit_callbacks
):
    child = kids(meeting)[0]
    mine = made_by(child, instructor, sent())
    familys = made_by(child, child.guardians.first(), sent("b.py", b"x = 1\n"), title="À la maison")
    client = enter(instructor)
    page = client.get(desk_url(meeting, child)).content.decode()
    erase = [desk_url(meeting, child, one.pk, name="desk_project_erase") for one in (mine, familys)]
    assert erase[0] in page and erase[1] not in page
    assert client.post(erase[1]).status_code == 404
    Project.objects.filter(pk=mine.pk).update(added_at=timezone.now() - timedelta(hours=25))
    assert client.post(erase[0]).status_code == 404, "a day later it is the family's"
    Project.objects.filter(pk=mine.pk).update(added_at=timezone.now() - timedelta(hours=23))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(erase[0]).url == desk_url(meeting, child)
        assert enter(front_desk).post(erase[1]).url == desk_url(meeting, child)
    assert not Project.objects.exists() and stored() == []


def test_a_project_for_a_class_to_come_is_made_today(enter, instructor, meeting):
    meeting, child = begin(meeting, timezone.now() + timedelta(days=3)), kids(meeting)[0]
    enter(instructor).post(desk_url(meeting, child), {"title": "Robot"})
    assert Project.objects.get().made_on == timezone.localdate()
