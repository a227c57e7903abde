"""The pages of projects: what guardians and the class's instructors see, add, change and delete."""

import html
import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enrollments.families import guardians
from enrollments.models import AccountEvent, Barring, Child, Project, ProjectFile
from enrollments.places import admission
from enrollments.portfolio import projects
from tests.classes import written_about
from tests.factories import (
    ChildFactory,
    GuardianshipFactory,
    SessionFactory,
    SkillFactory,
)
from tests.works import made_by, photographed, scratch, sent, status, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
WORDS = {"title": "Robot suiveur", "story": "Il suit la ligne noire.", "link": "", "made_on": "2026-11-03"}


def add_url(child):
    return reverse("project_add", args=[child.pk])


def words_of(**more):
    return WORDS | {"made_on": str(timezone.localdate())} | more


# ---- at home


def test_a_guardian_adds_a_project_and_sees_it(enter, parent, child):
    client = enter(parent)
    answer = client.post(
        add_url(child),
        words_of(
            picture=photographed(),
            files=[sent("suiveur.py"), sent("carte.sb3", scratch())],
            link="scratch.mit.edu/1",
        ),
    )
    project = Project.objects.get()
    assert answer.url == reverse("project", args=[project.pk])
    assert (project.child, project.added_by_ref, project.link) == (
        child,
        parent.pk,
        "https://scratch.mit.edu/1",
    )
    assert [(file.kind, file.name) for file in project.files.all()] == [
        ("picture", "IMG_2041.jpg"),
        ("python", "suiveur.py"),
        ("scratch3", "carte.sb3"),
    ]
    page = client.get(answer.url).content.decode()
    assert "Il suit la ligne noire." in page and "suiveur.py" in page
    assert 'rel="noopener nofollow noreferrer"' in page and ">scratch.mit.edu</bdi>" in page
    assert reverse("project_picture", args=[project.pk, project.picture.pk]) in page
    assert project.title in client.get(reverse("child", args=[child.pk])).content.decode()


def test_the_same_form_sent_again_and_from_another_tab_is_one_project(enter, parent, child):
    client = enter(parent)
    answers = {client.post(add_url(child), words_of(picture=photographed())).url for _press in range(3)}
    assert answers == {reverse("project", args=[Project.objects.get().pk])}
    assert len(stored()) == 2, "the picture and its small one, once"
    client.post(add_url(child), words_of(picture=photographed(), title="Robot nageur"))
    assert Project.objects.count() == 2


def test_a_wrong_input_keeps_what_was_typed_and_asks_for_the_files_again(enter, parent, child):
    answer = enter(parent).post(
        add_url(child),
        words_of(
            story="Une histoire à garder", link="http://example.org", files=[sent()], made_on="2999-01-01"
        ),
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and set(answer.context["form"].errors) == {"link", "made_on", "files"}
    assert (
        "Une histoire à garder" in page and 'value="Robot suiveur"' in page and "http://example.org" in page
    )
    with translation.override("fr"):
        assert "Choisissez" in str(answer.context["form"].errors["files"])
    assert not Project.objects.exists() and stored() == []


@pytest.mark.parametrize(
    ("data", "name", "field"),
    [
        (b"<html><script>alert(1)</script>", "jeu.html", "files"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "dessin.svg", "files"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "dessin.png", "picture"),
        (b"<html>", "jeu.py", "files"),
        (b"MZ\x90\0", "jeu.exe", "files"),
        (b"", "vide.py", "files"),
        (b"not a zip", "jeu.sb3", "files"),
        (b"print(1)\n", "robot.py", "picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 90, "photo.jpg", "picture"),
    ],
)
def test_what_is_not_work_is_refused_with_a_sentence(enter, parent, child, data, name, field):
    answer = enter(parent).post(add_url(child), words_of(**{field: sent(name, data)}))
    assert answer.status_code == 422 and answer.context["form"].errors[field]
    assert not Project.objects.exists() and stored() == []


@pytest.mark.parametrize(
    ("language", "shown"), [("fr", "jeu.exe\N{NO-BREAK SPACE}: "), ("ar", "jeu.exe: "), ("en", "jeu.exe: ")]
)
def test_a_refused_file_is_named_whole(enter, parent, child, language, shown):
    client = enter(parent)
    with translation.override(language):
        answer = client.post(add_url(child), words_of(files=[sent("jeu.exe", b"MZ"), sent("bon.py")]))
        told = [str(words) for words in answer.context["form"].errors["files"]]
    assert len([words for words in told if words.startswith(shown)]) == 1, told
    assert not any("bon.py" in words for words in told)


def test_files_refused_for_the_same_reason_share_its_sentence(enter, parent, child):
    bad = words_of(files=[sent("jeu.exe", b"MZ"), sent("vide.py", b""), sent("autre.exe", b"MZ")])
    errors = enter(parent).post(add_url(child), bad).context["form"].errors["files"]
    assert len([words for words in errors if words.startswith("jeu.exe, autre.exe\N{NO-BREAK SPACE}: ")]) == 1


def test_a_file_that_is_too_large_is_refused_before_it_is_read(enter, parent, child, monkeypatch):
    monkeypatch.setattr("enrollments.portfolio.readings.MOST_BYTES", 100)
    monkeypatch.setattr("enrollments.portfolio.readings.read", lambda *given, **more: 1 / 0)
    answer = enter(parent).post(add_url(child), words_of(files=[sent("long.py", b"x" * 101)]))
    assert "25 Mo" in str(answer.context["form"].errors["files"])
    monkeypatch.setattr("enrollments.forms.portfolio.TOGETHER", 100)
    answer = enter(parent).post(
        add_url(child), words_of(files=[sent("a.py", b"x" * 60), sent("b.py", b"y" * 60)])
    )
    assert "40 Mo" in str(answer.context["form"].errors["files"])


@pytest.mark.parametrize(
    ("limit", "most", "code"),
    [("MOST_PROJECTS", 1, "projects"), ("MOST_KEPT", 60, "space"), ("MOST_FILES", 1, "files")],
)
def test_a_limit_is_told_and_what_was_typed_stays(enter, parent, child, monkeypatch, limit, most, code):
    made_by(child, parent, sent())
    before = stored()
    monkeypatch.setattr(projects, limit, most)
    answer = enter(parent).post(
        add_url(child), words_of(title="Une de plus", files=[sent("a.py"), sent("b.sb3", scratch())])
    )
    assert answer.status_code == 422 and 'value="Une de plus"' in answer.content.decode()
    assert str(projects.SENTENCES[projects.Reason(code)]) in str(answer.context["form"].errors)
    assert Project.objects.count() == 1 and stored() == before


def test_a_guardian_changes_the_words_and_adds_a_file_once(enter, parent, child):
    project = made_by(child, parent, photographed(), sent())
    client, url = enter(parent), reverse("project_change", args=[project.pk])
    for _press in range(2):
        answer = client.post(
            url, words_of(title="Robot nageur", files=[sent(), sent("carte.sb3", scratch())])
        )
        assert answer.url == reverse("project", args=[project.pk])
    project.refresh_from_db()
    assert project.title == "Robot nageur" and project.files.count() == 3 and len(stored()) == 4


def test_a_form_older_than_the_other_guardians_words_shows_both_and_saves_when_sent_again(
    enter, parent, other_parent, child
):
    GuardianshipFactory(child=child, guardian=other_parent, relation="father")
    project = made_by(child, parent, story="Il roule.")
    url = reverse("project_change", args=[project.pk])

    def seen_in(answer) -> str:
        return answer.content.decode().split('name="seen" value="')[1].split('"')[0]

    father, mother = enter(other_parent), enter(parent)
    seen = seen_in(father.get(url))
    mother.post(url, words_of(story="Il suit la ligne.", seen=seen_in(mother.get(url))))
    answer = father.post(url, words_of(story="Il danse.", seen=seen))
    page = answer.content.decode()
    assert answer.status_code == 422 and "Il danse." in page and "Il suit la ligne." in page
    assert str(projects.SENTENCES[projects.Reason.CHANGED]) in html.unescape(page)
    project.refresh_from_db()
    assert project.story == "Il suit la ligne."
    for _press in range(2):
        assert father.post(url, words_of(story="Il danse.", seen=seen_in(answer))).status_code == 302
    project.refresh_from_db()
    assert project.story == "Il danse."


def test_a_file_then_the_project_are_deleted_with_their_contents(
    enter, parent, child, django_capture_on_commit_callbacks
):
    project = made_by(child, parent, photographed(), sent())
    client, picture = enter(parent), project.picture
    url = reverse("project_file_erase", args=[project.pk, picture.pk])
    assert "IMG_2041.jpg" in client.get(url).content.decode() and len(stored()) == 3
    with django_capture_on_commit_callbacks(execute=True):
        told = client.post(url, follow=True)
    assert told.redirect_chain == [(reverse("project", args=[project.pk]), 302)]
    assert "Le fichier est supprimé. Le projet reste." in told.content.decode()
    assert stored() == [project.files.get().stored_as]
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("project_erase", args=[project.pk])).url == reverse(
            "child_projects", args=[child.pk]
        )
    assert stored() == [] and not Project.objects.exists()
    assert client.post(reverse("project_erase", args=[project.pk])).status_code == 404
    noted = AccountEvent.objects.filter(what="work_deleted", child_ref=child.pk, by_ref=parent.pk)
    assert noted.count() == 2


def test_an_informed_guardian_reads_and_downloads_and_changes_nothing(enter, parent, other_parent, child):
    project = made_by(child, parent, photographed())
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    client, file = enter(other_parent), project.picture
    for name, args in READ.items():
        assert status(client.get(reverse(name, args=args(child, project, file)))) == 200, name
    page = client.get(reverse("project", args=[project.pk])).content.decode()
    assert reverse("project_erase", args=[project.pk]) not in page
    for name, args in WRITE.items():
        url = reverse(name, args=args(child, project, file))
        assert client.get(url).status_code == 404 and client.post(url, words_of()).status_code == 404, name
    assert Project.objects.count() == ProjectFile.objects.count() == 1


READ = {
    "child_projects": lambda child, project, file: [child.pk],
    "child_projects_zip": lambda child, project, file: [child.pk],
    "project": lambda child, project, file: [project.pk],
    "project_file": lambda child, project, file: [project.pk, file.pk],
    "project_picture": lambda child, project, file: [project.pk, file.pk],
}
WRITE = {
    "project_add": lambda child, project, file: [child.pk],
    "project_change": lambda child, project, file: [project.pk],
    "project_erase": lambda child, project, file: [project.pk],
    "project_file_erase": lambda child, project, file: [project.pk, file.pk],
}


@pytest.mark.parametrize("who", ["stranger", "removed", "editor", "instructor"])
def test_for_anybody_else_there_is_no_such_project(
    enter, parent, other_parent, child, manager, editor, instructor, who
):
    project = made_by(child, parent, photographed())
    user = {"stranger": other_parent, "removed": other_parent, "editor": editor, "instructor": instructor}[
        who
    ]
    if who == "removed":
        tie = GuardianshipFactory(child=child, guardian=other_parent)
        guardians.remove(tie, by=manager, at=timezone.now(), paper=Barring.Paper.JUDGMENT)
    client = enter(user)
    for name, args in (READ | WRITE).items():
        url = reverse(name, args=args(child, project, project.picture))
        assert client.get(url).status_code == 404 and client.post(url, words_of()).status_code in {
            404,
            405,
        }, name
    assert Project.objects.count() == 1


def test_a_guardian_who_may_not_collect_keeps_what_the_tie_gives(enter, parent, child, manager):
    """A ban is about the way home; only a manager who removes the guardian ends the right to read."""
    project = made_by(child, parent, photographed())
    Barring.objects.create(
        child=child, guardian=parent, name=parent.name, paper="custody", seen_on=timezone.localdate(),
        recorded_by_ref=manager.pk, recorded_at=timezone.now(),
    )  # fmt: skip
    assert enter(parent).get(reverse("project", args=[project.pk])).status_code == 200


def test_the_file_of_another_project_is_not_found_under_this_one(enter, parent, child):
    mine, other = (
        made_by(child, parent, sent()),
        made_by(ChildFactory(), parent, photographed(), title="Autre"),
    )
    for name in ("project_file", "project_picture", "project_file_erase"):
        assert enter(parent).get(reverse(name, args=[mine.pk, other.picture.pk])).status_code == 404


# ---- many


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_child_without_projects_is_told_what_comes_here(enter, parent, child, language):
    with translation.override(language):
        page = enter(parent).get(reverse("child_projects", args=[child.pk])).content.decode()
    assert add_url(child).split("/", 2)[2] in page and "projects.zip" not in page


def filled(child, by, count):
    for number in range(count):
        made_by(child, by, sent("a.py", b"x = %d\n" % number), title=f"Projet {number}")


def test_five_hundred_projects_are_read_page_by_page(enter, parent, child, queries):
    at = timezone.now()
    Project.objects.bulk_create(
        Project(
            child=child, title=f"Projet {number}", made_on=timezone.localdate(at) - timedelta(days=number),
            added_at=at, added_by_ref=parent.pk, fingerprint=str(number),
        )
        for number in range(500)
    )  # fmt: skip
    client, url = enter(parent), reverse("child_projects", args=[child.pk])
    client.get(url)  # the menu of the site is read once
    with queries() as first:
        page = client.get(url)
    assert [one.title for one in page.context["page_obj"]] == [f"Projet {number}" for number in range(50)]
    with queries() as second:
        page = client.get(url, {"page": "2"})
    assert page.context["page_obj"][0].title == "Projet 50" and len(first) == len(second) <= 12
    assert client.get(url, {"page": "10"}).status_code == 200
    for wrong in ("11", "0", "x"):
        assert client.get(url, {"page": wrong}).status_code == 404


def test_a_childs_page_asks_the_same_for_one_project_and_forty(enter, parent, child, queries, now):
    """With a place, a class, a note on it, a skill and an incident."""
    place = admission.enroll(child=child, session=SessionFactory(), by=parent, at=now)
    written_about(child, parent, now)
    client, url, counts = enter(parent), reverse("child", args=[child.pk]), []
    client.get(url)  # the menu of the site is read once
    for count in (1, 39):
        filled(child, parent, count)
        with queries() as seen:
            page = client.get(url).content.decode()
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 14
    assert place.reference in page and page.count('class="work"') == 6 and "zermot" in page


def test_a_childs_page_leads_with_what_it_made_then_can_then_is_enrolled_in(enter, parent, child, now):
    made_by(child, parent, sent())
    session = SessionFactory()
    admission.enroll(child=child, session=session, by=parent, at=now)
    child.observations.create(
        skill=SkillFactory(), meeting=session.meetings.first(), level=3, seen_at=now, seen_by_ref=1
    )
    page = enter(parent).get(reverse("child", args=[child.pk])).content.decode()
    order = [page.index(f'id="{name}"') for name in ("made", "can", "places", "who", "collects", "safety")]
    assert order == sorted(order)


# ---- everything at once


def test_all_projects_come_as_one_zip(enter, parent, child, other_parent):
    made_by(
        child, parent, photographed(), sent("a.py"), sent("A.py", b"y = 2\n"), title="Robot: A/B", story="Zut"
    )
    made_by(child, parent, sent(), title="Robot: A/B")
    made_by(ChildFactory(guardian=other_parent), other_parent, sent("autre.py"))
    Project.objects.update(added_at=timezone.now() - timedelta(days=1))
    answer = enter(parent).get(reverse("child_projects_zip", args=[child.pk]))
    assert answer.streaming and answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"].startswith("attachment")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    day = timezone.localdate()
    assert sorted(archive.namelist()) == sorted(
        [
            f"{day} Robot_ A_B/texte.txt",
            f"{day} Robot_ A_B/robot.py",
            f"{day} Robot_ A_B (2)/texte.txt",
            f"{day} Robot_ A_B (2)/IMG_2041.jpg",
            f"{day} Robot_ A_B (2)/a.py",
            f"{day} Robot_ A_B (2)/A (2).py",
        ]
    )
    assert b"Zut" in archive.read(f"{day} Robot_ A_B (2)/texte.txt")
    added = timezone.localtime(Project.objects.filter(child=child).earliest("pk").added_at)
    hours = {archive.getinfo(f"{day} Robot_ A_B (2)/{name}").date_time[:5] for name in ("a.py", "texte.txt")}
    assert hours == {added.timetuple()[:5]}, "wall time"
    assert AccountEvent.objects.filter(what="work_copy", child_ref=child.pk, by_ref=parent.pk).exists()


# ---- a form that comes too late


def test_words_of_a_form_that_came_too_late_are_kept_without_its_files(enter, parent, child):
    answer = Client().post(
        add_url(child), words_of(without_files="yes", files=sent()), headers={"Origin": "http://testserver"}
    )
    page = answer.content.decode()
    assert answer.status_code == 403 and "Il suit la ligne noire." in page and 'name="files_lost"' in page
    again = enter(parent).post(add_url(child), words_of(without_files="yes", files_lost="yes"))
    assert again.status_code == 422 and 'value="Robot suiveur"' in again.content.decode()
    assert not Project.objects.exists(), "nothing is saved without the files that were meant"
    assert enter(parent).post(add_url(child), words_of(without_files="yes")).status_code == 302
    assert Child.objects.get(pk=child.pk).projects.count() == 1
