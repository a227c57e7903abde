"""What a child made, in the office: for every child, recorded, nothing of another one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enrollments.models import ReadRecord
from tests.factories import ChildFactory, UserFactory
from tests.works import a_project, made_by, photographed, sent, status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]


def pages_of(child, project, file):
    files = [child.pk, project.pk, file.pk]
    return [
        reverse("office_projects", args=[child.pk]),
        reverse("office_project_file", args=files),
        reverse("office_project_picture", args=files),
    ]


def test_the_page_of_a_child_leads_to_what_it_made(enter, front_desk, parent, child):
    project = made_by(child, parent, sent(), photographed(), title="Robot suiveur", story="Il suit la ligne.")
    client, at = enter(front_desk), timezone.now()
    pages = pages_of(child, project, project.picture)
    assert pages[0] in client.get(reverse("office_child", args=[child.pk])).content.decode()
    page = client.get(pages[0]).content.decode()
    assert "Robot suiveur" in page and "Il suit la ligne." in page and "robot.py" in page
    assert all(address in page for address in pages[1:])
    for address in pages[1:]:
        answer = client.get(address)
        assert status(answer) == 200 and "no-store" in answer["Cache-Control"]
        assert answer["Content-Disposition"].startswith("attachment")
    looks = ReadRecord.objects.filter(what="projects", child_ref=child.pk, by_ref=front_desk.pk, at__gte=at)
    assert looks.count() == 1, "the same look within a quarter of an hour is one"


def test_a_file_of_another_child_or_project_is_not_there(enter, manager, parent, child):
    other = ChildFactory(guardian=UserFactory())
    mine, foreign = made_by(child, parent, sent()), made_by(other, parent, sent())
    client, file = enter(manager), foreign.files.get()
    for address in (*pages_of(child, foreign, file)[1:], *pages_of(child, mine, file)[1:]):
        assert client.get(address).status_code == 404


def test_instructors_editors_and_families_do_not_open_them(enter, instructor, editor, parent, child):
    project = made_by(child, parent, sent())
    for user in (instructor, editor, parent):
        for address in pages_of(child, project, project.files.get()):
            assert enter(user).get(address).status_code == 404


def test_no_projects_are_said_and_five_hundred_are_pages(enter, front_desk, child):
    client, url = enter(front_desk), reverse("office_projects", args=[child.pk])
    assert "Pas encore de projet" in client.get(url).content.decode()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    def add(number):
        made = a_project(title=f"Projet {number}", fingerprint=str(number))
        type(made).objects.filter(pk=made.pk).update(child=child)

    add(0)
    one = queries()
    for number in range(1, 120):
        add(number)
    assert queries() <= one + 1, "the page knows that there is another one"
    assert "?page=2" in client.get(url).content.decode()
    assert client.get(url, {"page": "2"}).status_code == 200
    assert client.get(url, {"page": "99"}).status_code == 404
