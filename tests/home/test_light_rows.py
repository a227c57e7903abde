"""Rows made without `__init__` are the rows Django makes, and save, defer and hold relations as those do."""

import pytest
from django.db.models import Model
from django.db.models.signals import post_init, pre_init
from django.utils import timezone
from django.utils.translation import override
from modelcluster.models import ClusterableModel

from academy.models import User
from courses.models import Course, Prerequisite, Session
from courses.models.facts import Equipment
from enrollments.models import Enrollment
from enrollments.places import admission
from home.database.rows import LightRows
from tests.factories import ChildFactory, CourseFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


def light(kind: type) -> set[type]:
    """Return the models below, those that have no table left out."""
    own = {kind} if hasattr(kind, "_meta") and not kind._meta.abstract else set()
    return own.union(*map(light, kind.__subclasses__()))


LIGHT = sorted(light(LightRows), key=lambda model: model.__name__)


def of_django(row: LightRows, names: list[str]) -> Model:
    """Return the row as Django's own `from_db` makes it of the same values."""
    values = [row.__dict__[name] for name in names]
    return Model.from_db.__func__(type(row), "default", names, values)


@pytest.mark.parametrize("model", LIGHT, ids=lambda model: model.__name__)
def test_nobody_waits_for_a_row_to_be_made(model):
    assert not pre_init.has_listeners(model)
    waiting = {receiver.__name__ for receiver in post_init._live_receivers(model)[0]}
    assert waiting <= {"delete_mt_init"}, "modeltranslation ends what its own __init__ began"
    own = model.__init__.__qualname__
    known = {"Model.__init__", "ClusterableModel.__init__", "patch_constructor.<locals>.new_init"}
    assert own in known | {"AbstractPage.__init__"}, (
        "Wagtail's gives a new page its type, a stored one nothing"
    )


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_row_is_the_one_django_makes(language):
    guardian = UserFactory(phone="+212600000001")
    child, session = ChildFactory(guardian=guardian, age=10), SessionFactory()
    place = admission.enroll(child=child, session=session, by=guardian, at=timezone.now())
    rows = [
        Enrollment.objects.get(pk=place.pk),
        Session.objects.select_related("course__track", "room__venue", "term").get(pk=place.session_id),
        User.objects.exclude(phone="").first(),
        Course.objects.only("pk", "code", "title").first(),
    ]
    rows += [rows[1].course, rows[1].course.track, rows[1].room, rows[1].room.venue, rows[1].term]
    with override(language):
        for row in rows:
            names = [field.attname for field in row._meta.concrete_fields if field.attname in row.__dict__]
            theirs = of_django(row, names)
            assert {name: row.__dict__[name] for name in names} == {
                name: theirs.__dict__[name] for name in names
            }
            assert set(theirs.__dict__) <= set(row.__dict__)
            assert (row._state.adding, row._state.db) == (False, "default")
            assert row.get_deferred_fields() == theirs.get_deferred_fields()
            assert row == theirs and hash(row) == hash(theirs)


def test_a_row_saves_only_what_was_read():
    code = CourseFactory(title_fr="Robots").code
    course = Course.objects.only("code").get(code=code)
    Course.objects.filter(code=code).update(minutes=75)
    course.save()
    again = Course.objects.get(code=code)
    assert (again.minutes, again.title_fr) == (75, "Robots")
    assert course.title_fr == "Robots"


def test_what_rows_know_of_each_other_is_not_shared():
    SessionFactory(), SessionFactory()
    one, another = Session.objects.order_by("pk")
    assert one.course != another.course
    assert one._state is not another._state and one._state.fields_cache is not another._state.fields_cache


@pytest.mark.parametrize("model", [Course, Prerequisite, Session])
def test_what_is_edited_with_a_page_is_light_too(model):
    assert issubclass(model, ClusterableModel)
    assert model.from_db.__func__ is LightRows.from_db.__func__


def test_a_relation_is_given_by_name():
    made = Course(
        code="clusters", title="Grappes", track=CourseFactory().track, equipment=[Equipment(item="mètre")]
    )
    assert [one.item for one in made.equipment.all()] == ["mètre"] and made.pk is None
