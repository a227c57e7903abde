"""Sending the files of a project: turns of the readers, rights, room, a full disk."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from enrollments.models import Guardianship, Project
from enrollments.portfolio import contents, isolation, projects, readings
from home.files import disk
from tests.factories import (
    SessionFactory,
)
from tests.queues import join
from tests.works import made_by, sent, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
WORDS = {"title": "Robot suiveur", "story": "Il suit la ligne noire.", "link": "", "made_on": "2026-11-03"}


def add_url(child):
    return reverse("project_add", args=[child.pk])


def words_of(**more):
    return WORDS | {"made_on": str(timezone.localdate())} | more


@pytest.fixture
def own_lanes(monkeypatch, tmp_path):
    """Lanes that no other worker of this run reads in."""
    monkeypatch.setattr(isolation.tempfile, "gettempdir", lambda: str(tmp_path))


def test_files_wait_for_their_turn_once_and_the_form_says_so(enter, parent, child, monkeypatch, own_lanes):
    monkeypatch.setattr(isolation, "TURN", 0.2)
    files = [sent(f"{number}.py") for number in range(8)]
    with isolation._turn("files", 1) as is_mine:
        assert is_mine
        asked, read = [], readings.read
        monkeypatch.setattr(readings, "read", lambda *given, **more: asked.append(1) or read(*given, **more))
        answer = enter(parent).post(add_url(child), words_of(files=files))
    assert len(asked) == 1, "the other seven would wait as long, and in vain"
    assert answer.context["form"].errors["files"][0] == readings.SENTENCES[readings.Reason.BUSY]
    assert WORDS["title"] in answer.content.decode() and stored() == []


def test_the_last_file_of_a_form_has_its_turn_in_time_or_none(enter, parent, child, monkeypatch):
    monkeypatch.setattr("enrollments.forms.portfolio.READING", -1.0)
    answer = enter(parent).post(add_url(child), words_of(files=[sent()]))
    assert answer.context["form"].errors["files"][0] == readings.SENTENCES[readings.Reason.BUSY]


def test_old_words_are_free_again_after_a_change(parent, child):
    project = made_by(child, parent, title="Mon robot")
    words = {"story": "", "link": "", "made_on": project.made_on, "course": None}
    projects.change_words(project, title="Le robot danseur", **words)
    again = made_by(child, parent, title="Mon robot")
    assert again.pk != project.pk and Project.objects.count() == 2
    projects.change_words(project, title="Mon robot", **words)
    assert Project.objects.count() == 2, "two that say the same stay two"


def test_a_project_deleted_in_another_tab_is_told(parent, child, now):
    project = made_by(child, parent)
    projects.erase(project, by=parent, at=now)
    with pytest.raises(projects.Refused) as refused:
        projects.change_words(project, title="x", story="", link="", made_on=project.made_on, course=None)
    assert refused.value.code is projects.Reason.GONE


@pytest.mark.parametrize("taken", ["account", "node"])
def test_one_form_of_an_account_and_few_of_a_node_are_read_at_a_time(
    enter, parent, child, monkeypatch, taken, own_lanes
):
    monkeypatch.setattr(isolation, "FORMS", 1)
    with isolation.one_of_few() as is_mine:
        assert is_mine
        if taken == "account":
            monkeypatch.setattr(isolation, "FORMS", 64)
            cache.set(f"reads:{parent.pk}", 1, 60)
        answer = enter(parent).post(add_url(child), words_of(files=[sent()]))
    assert answer.context["form"].errors["files"][0] == readings.SENTENCES[readings.Reason.BUSY]
    cache.delete(f"reads:{parent.pk}")
    assert enter(parent).post(add_url(child), words_of(files=[sent()])).status_code == 302


def test_no_file_is_read_while_something_else_is_wrong(enter, parent, child, monkeypatch):
    monkeypatch.setattr("enrollments.portfolio.readings.read", lambda *given, **more: 1 / 0)
    answer = enter(parent).post(add_url(child), words_of(title="", files=[sent()]))
    assert set(answer.context["form"].errors) == {"title", "files"}


def test_a_right_that_ends_while_files_are_read_saves_nothing(enter, parent, child, monkeypatch):
    read = readings.read

    def slow(*given, **more):
        Guardianship.objects.filter(child=child, guardian=parent).update(rights="informed")
        return read(*given, **more)

    monkeypatch.setattr("enrollments.portfolio.readings.read", slow)
    answer = enter(parent).post(add_url(child), words_of(files=[sent()]))
    assert projects.SENTENCES[projects.Reason.RIGHTS] in answer.context["form"].non_field_errors()
    assert stored() == [] and not Project.objects.exists()


def test_a_child_that_never_had_a_place_has_little_room(parent, child, monkeypatch):
    monkeypatch.setattr(projects, "MOST_AT_FIRST", 100)
    made_by(child, parent, sent("a.py", b"a = 1  # first\n"))
    with pytest.raises(projects.Refused) as refused:
        made_by(child, parent, sent("b.py", b"b = 2  #" + b"x" * 100), title="b")
    assert refused.value.code is projects.Reason.FIRST
    join(SessionFactory(), child, at=timezone.now(), by=parent)
    assert made_by(child, parent, sent("b.py", b"b = 2  #" + b"x" * 100), title="b").pk


@pytest.mark.fault
def test_a_full_disk_is_told_and_leaves_nothing(enter, parent, child, monkeypatch):
    place = contents.storage()

    def full(self, name, content):
        place.path(name)
        with open(place.path(name), "wb") as file:
            file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(place), "_save", full)
    made_by(child, parent, title="first")  # makes no file
    (Path(place.path("work"))).mkdir(parents=True, exist_ok=True)
    answer = enter(parent).post(add_url(child), words_of(files=[sent()]))
    assert projects.SENTENCES[projects.Reason.STORAGE] in answer.context["form"].non_field_errors()
    assert stored() == []


@pytest.mark.parametrize(("spare", "is_kept"), [(0, True), (-1, False)])
def test_a_file_is_refused_before_the_disk_is_full(
    enter, parent, child, monkeypatch, settings, spare, is_kept
):
    """`spare` bytes more than the file and what stays free."""
    upload = sent()
    free = settings.LEAST_FREE_MB * 1024**2 + upload.size + spare
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda place: SimpleNamespace(free=free))
    answer = enter(parent).post(add_url(child), words_of(files=[upload]))
    assert answer.status_code == (302 if is_kept else 422) and bool(stored()) is is_kept
    if not is_kept:
        said = projects.SENTENCES[projects.Reason.STORAGE]
        assert said in answer.context["form"].non_field_errors() and "Robot" in answer.content.decode()


def test_the_head_of_the_zip_packs_nothing(enter, parent, child, monkeypatch):
    monkeypatch.setattr("enrollments.portfolio.archive.streamed", lambda *given: 1 / 0)
    answer = enter(parent).head(reverse("child_projects_zip", args=[child.pk]))
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip"
