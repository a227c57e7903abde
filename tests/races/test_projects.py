"""Projects, their files and the showcase: two people act on one child's work at once."""

import pytest
from django.utils import timezone

from enrollments.models import AccountEvent, Child, PrintJob, Project, ProjectFile, ShowcaseStory
from enrollments.permissions import MANAGER
from enrollments.portfolio import print_queue, projects, showcase
from enrollments.privacy import erasure
from tests.factories import AgeBandFactory, GuardianshipFactory, UserFactory
from tests.races.crowd import at_once, behind
from tests.races.makers import (
    MINUTE,
    empty,
    family,
    kept,
    picture,
    piece,
    project_of,
    purpose,
    say,
    with_role,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _nothing_stored():
    empty(projects.FOLDER)


def named() -> set[str]:
    """Return the stored files that rows name."""
    rows = ProjectFile.objects.values_list("stored_as", "small_as")
    return {name for row in rows for name in row if name}


def kinds(outcomes) -> list[str]:
    return sorted(kind for kind, _said in outcomes)


# ---- limits


def test_two_forms_add_files_at_once_and_a_project_has_no_more_than_ten():
    child, guardian = family()
    project = project_of(child, guardian, *(f"file {number}" for number in range(8)))
    outcomes = behind(
        lambda: projects.add_files(project, [piece("a"), piece("b")]),
        lambda: projects.add_files(project, [piece("c")]),
        lambda: projects.add_files(project, [piece("a")]),
    )
    assert outcomes[0] == ("done", 2) and "files" in outcomes[1][1]
    assert outcomes[2] == ("done", 0), "what is there already takes no room"
    assert ProjectFile.objects.count() == 10 and kept(projects.FOLDER) == named()


def test_two_forms_at_once_keep_to_the_bytes_and_projects_of_one_child(monkeypatch):
    child, guardian = family()
    monkeypatch.setattr(projects, "MOST_AT_FIRST", 300)
    project = project_of(child, guardian, "x" * 100)
    outcomes = behind(
        lambda: projects.add_files(project, [piece("y" * 150)]),
        lambda: bool(project_of(child, guardian, "z" * 150, title="Autre")),
        lambda: projects.add_files(project, [piece("w" * 50)]),
    )
    assert outcomes[0] == ("done", 1) and "first" in outcomes[1][1] and outcomes[2] == ("done", 1)
    assert sum(ProjectFile.objects.values_list("size", flat=True)) == 300
    monkeypatch.setattr(projects, "MOST_PROJECTS", 2)
    outcomes = behind(
        lambda: bool(project_of(child, guardian, title="Deux")),
        lambda: bool(project_of(child, guardian, title="Trois")),
        lambda: bool(project_of(child, guardian, title="Deux")),
    )
    assert outcomes[0] == outcomes[2] == ("done", True) and "projects" in outcomes[1][1]
    assert Project.objects.count() == 2 and kept(projects.FOLDER) == named()


# ---- one erases what another changes


def test_a_project_erased_while_the_instructor_adds_a_piece_leaves_no_file():
    child, guardian = family()
    for _turn in range(3):
        project = project_of(child, guardian, "robot")
        outcomes = at_once(
            lambda project=project: projects.erase(project, by=guardian, at=timezone.now()),
            lambda project=project: projects.add_files(project, [picture("from the desk")]),
        )
        assert outcomes[0] == ("done", None) and (outcomes[1] == ("done", 1) or "gone" in outcomes[1][1])
        assert not Project.objects.exists() and kept(projects.FOLDER) == set()
    project = project_of(child, guardian, "robot")
    late = behind(
        lambda: projects.erase(project, by=guardian, at=timezone.now()),
        lambda: projects.add_files(project, [picture("from the desk")]),
        change(project, title="y"),
    )
    assert [said for _kind, said in late[1:]] == [late[1][1]] * 2 and "gone" in late[1][1]
    assert kept(projects.FOLDER) == set()


def test_a_project_or_a_file_erased_by_two_is_erased_and_noted_once():
    child, guardian = family()
    project = project_of(child, guardian, "robot", "carte")
    file = project.files.first()
    for erased in (
        lambda: projects.erase_file(file, by=guardian, at=timezone.now()),
        lambda: projects.erase(project, by=guardian, at=timezone.now()),
    ):
        AccountEvent.objects.all().delete()
        assert kinds(behind(erased, erased, erased)) == ["done"] * 3
        assert AccountEvent.objects.filter(what="work_deleted").count() == 1
    assert kept(projects.FOLDER) == set()


def test_a_file_erased_while_a_print_of_it_is_asked_for_goes_with_the_print():
    child, guardian = family()
    model = piece("solid", kind="stl", extension=".stl", size_mm=[9, 9, 9])
    for erased in (
        lambda project: projects.erase_file(project.files.get(), by=guardian, at=timezone.now()),
        lambda project: projects.erase(project, by=guardian, at=timezone.now()),
        lambda _project: erasure.erase_child(child, by=None, at=timezone.now()),
    ):
        project = project_of(child, guardian, pieces=[model])
        file = project.files.get()
        outcomes = behind(
            lambda file=file: bool(print_queue.ask(file, by=guardian, at=timezone.now())),
            lambda project=project, erased=erased: erased(project),
        )
        assert outcomes == [("done", True), ("done", None)]
        assert not PrintJob.objects.exists() and kept(projects.FOLDER) == set()
        Project.objects.all().delete()


# ---- the story


def change(project, **words):
    """Return an act: a guardian whose form shows the project as it is now sends it with these words."""
    words = {"title": project.title, "story": project.story, "link": "", "made_on": project.made_on} | words
    seen = projects.mark(project)
    return lambda: projects.change_words(project, seen=seen, course=None, **words).story


def test_two_guardians_edit_the_story_and_the_second_is_asked_first():
    child, guardian = family()
    GuardianshipFactory(child=child, guardian=UserFactory(), relation="father")
    project, other = project_of(child, guardian), project_of(child, guardian, title="Autre")
    mother = change(project, title="Un", story="Une histoire.")
    outcomes = behind(mother, mother, change(project, story="Une autre."))
    assert outcomes[:2] == [("done", "Une histoire.")] * 2 and outcomes[2][1].endswith("changed")
    project.refresh_from_db()
    assert (project.title, project.story) == ("Un", "Une histoire.")
    assert change(project, story="Une autre.")() == "Une autre.", "knowing what it replaces"
    project.refresh_from_db()
    same = {"title": "Même", "story": "Une autre."}
    assert kinds(behind(change(project, **same), change(other, **same))) == ["done", "done"]
    assert Project.objects.values("fingerprint").distinct().count() == 2, "two that say the same stay two"


# ---- the showcase


@pytest.fixture
def told():
    """Return a project with a picture, of a child whose family has agreed to the showcase, and who acts."""
    AgeBandFactory(min_age=9, max_age=11)
    version = purpose("work-showcase")
    child, guardian = family(age=10)
    say(version, child, guardian, True, at=timezone.now() - MINUTE)
    return project_of(child, guardian, pieces=[picture("robot")]), version, guardian, with_role(MANAGER)


def approve(project, by, *, at=None):
    words = {"title": project.title, "story": "", "picture": project.picture}
    return bool(showcase.approve(project, **words, by=by, at=at or timezone.now()))


def test_a_no_while_staff_approve_keeps_the_story_off_the_showcase_and_a_later_yes_too(told):
    project, version, guardian, staff = told
    before = timezone.now()
    outcomes = behind(  # the guardian was first to press
        lambda: approve(project, staff, at=before + MINUTE / 60),
        lambda: bool(say(version, project.child, guardian, False, at=before)),
    )
    assert kinds(outcomes) == ["done", "done"] and showcase.shown(before + MINUTE) == []
    say(version, project.child, guardian, True, at=before + MINUTE)
    assert showcase.shown(before + 2 * MINUTE) == [], "a no ends what was approved before it"
    approve(project, staff, at=before + 3 * MINUTE)
    assert len(showcase.shown(before + 4 * MINUTE)) == 1
    outcomes = behind(
        lambda: bool(say(version, project.child, guardian, False, at=before + 5 * MINUTE)),
        lambda: approve(project, staff, at=before + 6 * MINUTE),
    )
    assert outcomes[0] == ("done", True) and "no_consent" in outcomes[1][1]
    assert showcase.shown(before + 7 * MINUTE) == []


def test_a_project_or_its_picture_erased_while_staff_approve_is_not_shown(told):
    project, _version, guardian, staff = told
    picture_only = project_of(project.child, guardian, title="Autre", pieces=[picture("carte")])
    for one, erased in (
        (project, lambda: projects.erase(project, by=guardian, at=timezone.now())),
        (picture_only, lambda: projects.erase_file(picture_only.files.get(), by=guardian, at=timezone.now())),
    ):
        outcomes = behind(erased, lambda one=one: approve(one, staff))
        assert outcomes[0] == ("done", None) and "gone" in outcomes[1][1], outcomes
    assert not ShowcaseStory.objects.exists()


# ---- a child erased meanwhile


def test_a_child_erased_while_a_file_is_stored_leaves_no_file(told):
    project, _version, guardian, _staff = told
    child = project.child
    outcomes = behind(
        lambda: erasure.erase_child(child, by=None, at=timezone.now()),
        lambda: projects.add_files(project, [picture("late")]),
        lambda: bool(project_of(child, guardian, "late too", title="Autre")),
    )
    assert outcomes[0] == ("done", None) and all("gone" in said for _kind, said in outcomes[1:])
    assert not Project.objects.exists() and kept(projects.FOLDER) == set()


@pytest.mark.parametrize("door", ["child", "account"])
def test_a_file_stored_while_its_child_is_erased_is_erased_too(told, door):
    project, _version, guardian, _staff = told
    child = project.child
    erased = {
        "child": lambda: erasure.erase_child(child, by=None, at=timezone.now()),
        "account": lambda: erasure.erase_account(guardian, by=None, at=timezone.now()),
    }[door]
    outcomes = behind(lambda: bool(project_of(child, guardian, "just now", title="Autre")), erased)
    assert outcomes == [("done", True), ("done", None)]
    assert Child.objects.get(pk=child.pk).erased_at
    assert not Project.objects.exists() and kept(projects.FOLDER) == set()
