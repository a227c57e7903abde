"""Stored files of projects: their names, how they are handed out, what is left of them, and links."""

import io
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from enrollments.forms.portfolio import https_link
from enrollments.models import Project, ProjectFile
from enrollments.portfolio import archive, contents, pieces, projects
from enrollments.privacy import child_merge, data_export, erasure, retention
from home.files.photos import luggage
from home.language.sizes import size_words
from tests.factories import ChildFactory, SessionFactory
from tests.queues import join
from tests.works import PROGRAM, copy_path, made_by, photographed, scratch, sent, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]


# ---- names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("robot.py", "robot.py"),
        ("../../etc/passwd.py", "passwd.py"),
        ("C:\\Users\\Salma\\jeu.py", "jeu.py"),
        ("\u202eyp.tobor\u202c.py", "yp.tobor.py"),
        ("\u2066a\u2069\u200f\u0000\r\nb.py", "ab.py"),
        ("مشروعي الأول.py", "مشروعي الأول.py"),
        ("jeu.html", "jeu.py"),
        (".py", "py.py"),
        ("....", "file.py"),
        ("", "file.py"),
        ('a"b<c>d|e?f*g:h.py', "a_b_c_d_e_f_g_h.py"),
        ("x" * 300 + ".py", "x" * 90 + ".py"),
        ("  deux   espaces .py", "deux espaces.py"),
        ("e\u0301cran.py", "\u00e9cran.py"),
    ],
)
def test_the_shown_name_has_no_folder_and_nothing_unseen_and_says_what_the_file_is(name, shown):
    assert pieces.shown_name(name, ".py") == shown


def test_the_stored_name_is_random_and_says_nothing(parent, child):
    made_by(child, parent, sent("salma-robot.py"), photographed("salma.jpg"))
    assert len(stored()) == 3
    for name in stored():
        assert len(name.partition("/")[2]) == 32 and "salma" not in name and "." not in name


def test_the_storage_is_outside_the_media_folder_and_has_no_address(parent, child, settings, client):
    made_by(child, parent, sent(), photographed())
    assert not get_image_model().objects.exists() and not get_document_model().objects.exists()
    place, name = contents.storage(), stored()[0]
    assert not place.path(name).startswith(str(settings.MEDIA_ROOT))
    assert oct((place.base_location / name).stat().st_mode & 0o777) == "0o600"
    assert oct((place.base_location / "work").stat().st_mode & 0o777) == "0o700"
    with pytest.raises(ValueError, match="no address"):
        place.url(name)
    for guess in (
        f"/media/{name}",
        f"/media/../private/{name}",
        f"/fr/family/projects/{name}",
        f"/private/{name}",
    ):
        assert client.get(guess).status_code in {301, 302, 404}


# ---- handed out


def test_a_file_is_a_download_that_is_not_kept_guessed_at_or_opened(logged_in, parent, child):
    project = made_by(child, parent, sent("ديما.py"), photographed())
    client = logged_in(parent)
    for file, kind in zip(project.files.all(), ("application/octet-stream", "image/jpeg"), strict=True):
        for name in ("project_file", "project_picture"):
            answer = client.get(reverse(name, args=[project.pk, file.pk]))
            assert answer.getvalue()
            assert answer["Content-Type"] == kind
            assert answer["Content-Disposition"].startswith("attachment; filename")
            assert answer["Cache-Control"] == "no-store" and answer["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer["Content-Security-Policy"]
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    answer = client.get(reverse("project_file", args=[project.pk, project.others[0].pk]))
    assert "filename*=utf-8''%D8" in answer["Content-Disposition"] and answer.getvalue()


def test_what_is_stored_of_a_picture_is_its_pixels_and_a_small_one(logged_in, parent, child):
    project = made_by(child, parent, photographed(size=(1600, 1200)))
    client, file = logged_in(parent), project.picture
    whole = client.get(reverse("project_file", args=[project.pk, file.pk])).getvalue()
    small = client.get(reverse("project_picture", args=[project.pk, file.pk])).getvalue()
    assert luggage(ContentFile(whole)) == luggage(ContentFile(small)) == []
    assert Image.open(io.BytesIO(whole)).size == (1200, 1600), "turned upright"
    assert max(Image.open(io.BytesIO(small)).size) == pieces.SMALL
    assert file.size == len(whole) + len(small)
    with translation.override("fr"):
        shown, both = size_words(len(whole)), size_words(file.size)
    page = client.get(reverse("project", args=[project.pk])).content.decode()
    assert shown != both and shown in page and both not in page, "the size of what is downloaded"


def test_a_project_without_a_picture_shows_the_drawing_of_its_file(logged_in, parent, child):
    made_by(child, parent, sent(), title="Programme")
    made_by(child, parent, photographed(), sent(), title="Robot")
    made_by(child, parent, title="Histoire")
    page = logged_in(parent).get(reverse("child_projects", args=[child.pk])).content.decode()
    program, robot, story = (
        page.split(f">{title}</bdi>")[0].rsplit("work__picture", 1)[1]
        for title in ("Programme", "Robot", "Histoire")
    )
    assert "reading__drawing" in program and "<rect" in program
    assert "<img" in robot and "reading__drawing" not in robot
    assert "#blocks" in story and "reading__drawing" not in story


def test_a_content_that_is_missing_is_not_found_and_left_out_of_the_zip(logged_in, parent, child):
    project = made_by(child, parent, sent(), sent("b.sb3", scratch()))
    contents.storage().delete(project.others[0].stored_as)
    answer = logged_in(parent).get(reverse("project_file", args=[project.pk, project.others[0].pk]))
    assert answer.status_code == 404
    packed = zipfile.ZipFile(io.BytesIO(b"".join(archive.streamed([project]))))
    assert [name.rpartition("/")[2] for name in packed.namelist()] == ["texte.txt", "b.sb3"]


def test_a_zip_of_large_files_stays_small_in_memory(parent, child):
    join(SessionFactory(), child, at=timezone.now(), by=parent)
    sounds = (scratch(sound=bytes([n]) * 8_000_000) for n in range(4))
    project = made_by(child, parent, *(sent(f"{n}.sb3", data) for n, data in enumerate(sounds)))
    project = Project.objects.with_files().get(pk=project.pk)
    tracemalloc.start()
    size = sum(len(part) for part in archive.streamed([project]))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 32_000_000 and peak < 2_000_000


# ---- stored, then written; deleted, then forgotten


def test_nothing_is_left_when_the_row_cannot_be_written(parent, child, monkeypatch):
    monkeypatch.setattr(projects, "_name", lambda project, rows: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        made_by(child, parent, sent(), photographed())
    assert stored() == [] and not Project.objects.exists()


def test_nothing_is_left_when_the_second_file_cannot_be_stored(parent, child, monkeypatch):
    kept, calls = projects._store, []
    monkeypatch.setattr(
        projects, "_store", lambda content: calls.append(1) or kept(content) if not calls else 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        made_by(child, parent, sent(), sent("b.sb3", scratch()))
    assert calls and stored() == []


def test_a_storage_that_does_not_answer_does_not_keep_the_row(
    parent, child, monkeypatch, django_capture_on_commit_callbacks
):
    project = made_by(child, parent, sent())
    monkeypatch.setattr(type(contents.storage()), "delete", lambda self, name: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        projects.erase(project, by=parent, at=timezone.now())
    assert not Project.objects.exists() and len(stored()) == 1, "the sweep takes it"


def test_a_rolled_back_deletion_deletes_no_file(parent, child, django_capture_on_commit_callbacks):
    project = made_by(child, parent, sent())
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        projects.erase(project, by=parent, at=timezone.now())
    assert len(stored()) == 1 and len(waiting) == 1


def test_what_a_crash_left_is_swept_a_day_later_by_the_nightly_job(parent, child):
    made_by(child, parent, photographed())
    kept = stored()
    contents.storage().save("work/" + "0" * 32, ContentFile(b"left"))
    retention.retain(timezone.now(), apply=True)
    assert len(stored()) == 3, "it may be a project that is being added"
    retention.retain(timezone.now() + timedelta(days=2), apply=False)
    assert len(stored()) == 3
    retention.retain(timezone.now() + timedelta(days=2), apply=True)
    assert stored() == kept


# ---- with the child's file


def test_an_export_holds_projects_and_their_files_and_no_other_childs(parent, other_parent, child):
    project = made_by(child, parent, sent(), photographed(), story="Zut", link="https://example.org/x")
    made_by(ChildFactory(guardian=other_parent), other_parent, sent("autre.py"))
    copy = data_export.make(parent, at=timezone.now())
    with zipfile.ZipFile(copy_path(copy)) as packed:
        names = packed.namelist()
        folder = f"Projets/C-{child.pk} Yassmina/{project.made_on} Robot suiveur"
        assert set(names) == {
            "active-labs.json", "active-labs.html",
            f"{folder}/texte.txt", f"{folder}/robot.py", f"{folder}/IMG_2041.jpg",
        }  # fmt: skip
        assert packed.read(f"{folder}/robot.py") == PROGRAM
        page = packed.read("active-labs.html").decode()
        assert "Zut" in page and "example.org" in page and "robot.py" in page
    told = data_export.told_of(parent, timezone.now())["children"][0]["projects"][0]
    assert told["title"] == "Robot suiveur" and [file["name"] for file in told["files"]] == [
        "robot.py",
        "IMG_2041.jpg",
    ]


def test_erasing_a_child_deletes_its_files_after_the_commit(
    parent, child, django_capture_on_commit_callbacks
):
    made_by(child, parent, sent(), photographed())
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_child(child, by=None, at=timezone.now())
        assert len(stored()) == 3
    assert stored() == [] and not ProjectFile.objects.exists()


def test_three_years_later_nothing_is_left(parent, child, django_capture_on_commit_callbacks):
    made_by(child, parent, photographed())
    with django_capture_on_commit_callbacks(execute=True):
        retention.retain(timezone.now() + timedelta(days=3 * 366), apply=True)
    assert stored() == [] and not Project.objects.exists()


def test_merging_two_files_keeps_every_project_also_what_is_in_both(parent, child, front_desk, now):
    twin = ChildFactory(
        guardian=parent, first_name="Yassmina", last_name="Zerhouniya", birth_date=child.birth_date
    )
    made_by(child, parent, sent())
    both = made_by(twin, parent, sent())
    Project.objects.filter(pk=both.pk).update(story="changée depuis")
    made_by(twin, parent, photographed(), title="Autre")
    assert child_merge.propose(child, twin, by=front_desk, at=now)
    assert child.projects.count() == 3 and len(stored()) == 4
    assert sorted(child.projects.values_list("story", flat=True)) == ["", "", "changée depuis"]


def test_a_child_whose_file_was_erased_meanwhile_gets_no_project(parent, child):
    erasure.erase_child(child, by=None, at=timezone.now())
    with pytest.raises(projects.Refused) as refusal:
        made_by(child, parent, sent())
    assert refusal.value.code is projects.Reason.GONE and stored() == []


# ---- links


@pytest.mark.parametrize(
    ("typed", "link", "host"),
    [
        ("https://scratch.mit.edu/projects/1", "https://scratch.mit.edu/projects/1", "scratch.mit.edu"),
        ("  scratch.mit.edu/projects/1 ", "https://scratch.mit.edu/projects/1", "scratch.mit.edu"),
        ("HTTPS://Scratch.MIT.edu", "https://scratch.mit.edu", "scratch.mit.edu"),
        ("https://xn--80ak6aa92e.com/", "https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://аррӏе.com/", "https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://example.org/é?q=ب#ة", "https://example.org/%C3%A9?q=%D8%A8#%D8%A9", "example.org"),
        ("", "", ""),
    ],
)
def test_a_link_is_https_with_a_host_that_can_be_read(typed, link, host):
    assert (https_link(typed), Project(link=link).host) == (link, host)


@pytest.mark.parametrize(
    "typed",
    [
        "http://example.org",
        "javascript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "https://google.com@evil.example",
        "https://user:pass@example.org",
        "https://",
        "https://localhost",
        "https://example.org:8443/",
        "https://exa mple.org",
        "https://[::1",
        "https://example.org/\nx",
        "//",
        "https://.",
        "https://" + "a" * 70 + ".org",
        "https://example.org/" + "x" * 500,
    ],
)
def test_any_other_address_is_refused(typed):
    with pytest.raises(ValidationError):
        https_link(typed)
