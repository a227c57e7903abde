"""The showcase: a story ends while its family deletes the project."""

import pytest
from django.utils import timezone

from enrollments.models import AccountEvent, Letter, Project, ShowcaseStory
from enrollments.portfolio import projects, showcase
from tests.factories import AgeBandFactory, UserFactory
from tests.races.crowd import behind
from tests.races.makers import MINUTE, family, picture, project_of, purpose, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def scene():
    """Return a story that is shown, its project and the guardian."""
    at, (child, guardian) = timezone.now(), family()
    say(purpose("work-showcase"), child, guardian, True, at=at - MINUTE)
    project = project_of(child, guardian, pieces=[picture("robot")], at=at)
    age = child.age_on(project.made_on)
    AgeBandFactory(min_age=age, max_age=age)
    words = {"picture": project.files.get(), "title": "Robot", "story": ""}
    return showcase.approve(project, **words, by=UserFactory(), at=at), project, guardian


def test_a_story_that_ends_while_the_project_is_deleted_is_told_and_both_are_gone(scene):
    story, project, guardian = scene
    manager, at = UserFactory(), timezone.now()
    outcomes = behind(
        lambda: showcase.end(story, by=manager, at=at),
        lambda: bool(projects.erase(project, by=guardian, at=at)),
    )
    assert [kind for kind, _said in outcomes] == ["done", "done"], outcomes
    assert Letter.objects.filter(kind="story_removed").count() == 1
    assert not Project.objects.exists()


def test_a_story_ended_twice_is_told_once(scene):
    story, _project, _guardian = scene
    manager, at = UserFactory(), timezone.now()

    def end():
        showcase.end(story, by=manager, at=at)

    assert behind(end, end) == [("done", None)] * 2
    assert Letter.objects.filter(kind="story_removed").count() == 1
    assert AccountEvent.objects.filter(what="story_ended").count() == 1
    assert not ShowcaseStory.objects.exists()
