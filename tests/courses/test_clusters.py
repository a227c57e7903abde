"""A row with relations is made without asking for them, and keeps what modelcluster does for it."""

import pytest
from modelcluster import models

from courses.models import Course, Lesson, Prerequisite, Session
from courses.models.facts import Equipment
from tests.factories import CourseFactory, SessionFactory

pytestmark = pytest.mark.django_db


def test_rows_of_the_database_ask_for_no_relation(monkeypatch):
    session = SessionFactory()
    asked = []
    monkeypatch.setattr(models, "get_all_child_relations", lambda model: asked.append(model) or [])
    assert list(Session.objects.select_related("course")) == [session] and asked == []
    Session(capacity=3)
    assert len(asked) == 1, "by name, a relation may be among the values"


@pytest.mark.parametrize("model", [Course, Lesson, Prerequisite, Session])
def test_every_cluster_of_ours_is_one(model):
    assert model.__mro__[1].__name__ == "Cluster"


def test_a_relation_is_given_by_name():
    made = Course(
        code="clusters", title="Grappes", track=CourseFactory().track, equipment=[Equipment(item="mètre")]
    )
    assert [one.item for one in made.equipment.all()] == ["mètre"] and made.pk is None
