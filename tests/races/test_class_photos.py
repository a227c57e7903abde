"""Pictures of a class: answers, removals and the deletion of a child while an instructor saves one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollments.models import AccountEvent, ChildInPhoto, ClassPhoto, Letter
from enrollments.portfolio import class_photos
from enrollments.privacy import erasure
from tests.classes import begin
from tests.factories import SessionFactory, UserFactory
from tests.races.crowd import behind
from tests.races.makers import MINUTE, empty, family, kept, picture, purpose, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def scene():
    """Return the version in force, a class that has begun, and two families with a yes."""
    empty(class_photos.FOLDER)
    at = timezone.now()
    version, families = purpose("photo-families"), [family(), family()]
    for child, guardian in families:
        say(version, child, guardian, True, at=at - MINUTE)
    return (
        version,
        begin(SessionFactory().meetings.order_by("number").first(), at - timedelta(hours=1)),
        families,
    )


def save(meeting, *children, words="robot"):
    """Return an act: an instructor saves this picture with these children in it."""
    by = UserFactory()
    return lambda: (
        class_photos.add(meeting, piece=picture(words), children=children, by=by, at=timezone.now()).pk
    )


def named() -> set[str]:
    return {name for row in ClassPhoto.objects.values_list("stored_as", "small_as") for name in row}


def test_a_no_while_the_instructor_saves_a_picture_with_that_child_keeps_it_from_everybody(scene):
    version, meeting, [(child, guardian), (other, _guardian)] = scene
    outcomes = behind(lambda: bool(say(version, child, guardian, False)), save(meeting, child, other))
    assert outcomes[0] == ("done", True) and "no_consent" in outcomes[1][1]
    assert not ClassPhoto.objects.exists() and kept(class_photos.FOLDER) == set()
    say(version, child, guardian, True)
    outcomes = behind(save(meeting, child, other), lambda: bool(say(version, child, guardian, False)))
    assert [kind for kind, _said in outcomes] == ["done", "done"]
    assert class_photos.seen(ClassPhoto.objects.all(), timezone.now()) == []


def test_a_picture_removed_by_two_is_removed_and_noted_once(scene):
    _version, meeting, [(child, guardian), _other] = scene
    photo = ClassPhoto.objects.get(pk=save(meeting, child)())
    for what, removed in (
        ("photo_hidden", lambda: class_photos.hide(photo, child=child, by=guardian, at=timezone.now())),
        ("photo_erased", lambda: class_photos.erase(photo, by=guardian, at=timezone.now())),
    ):
        assert behind(removed, removed, removed) == [("done", None)] * 3
        assert AccountEvent.objects.filter(what=what).count() == 1
    assert not ClassPhoto.objects.exists() and kept(class_photos.FOLDER) == set()


def test_one_picture_saved_by_two_is_one_and_both_children_are_in_it(scene):
    _version, meeting, [(child, _guardian), (other, _other_guardian)] = scene
    outcomes = behind(save(meeting, child), save(meeting, other), save(meeting, child))
    assert {kind for kind, _said in outcomes} == {"done"} and len({key for _kind, key in outcomes}) == 1
    assert set(ChildInPhoto.objects.values_list("child", flat=True)) == {child.pk, other.pk}
    assert kept(class_photos.FOLDER) == named() and len(named()) == 2


def test_the_last_picture_a_class_may_have_is_saved_once(scene, monkeypatch):
    monkeypatch.setattr(class_photos, "MOST_OF_A_CLASS", 2)
    _version, meeting, [(child, _guardian), (other, _other_guardian)] = scene
    save(meeting, child)()
    outcomes = behind(save(meeting, child, words="two"), save(meeting, other, words="three"))
    assert outcomes[0][0] == "done" and "too_many" in outcomes[1][1], outcomes
    assert ClassPhoto.objects.count() == 2 and kept(class_photos.FOLDER) == named()


def test_a_picture_deleted_while_another_child_is_ticked_in_it_is_deleted_or_saved_anew(scene):
    _version, meeting, [(child, guardian), (other, _other_guardian)] = scene
    for erased in (
        lambda photo: class_photos.erase(photo, by=guardian, at=timezone.now()),
        lambda _photo: erasure.erase_child(child, by=None, at=timezone.now()),
    ):
        photo = ClassPhoto.objects.get(pk=save(meeting, child)())
        outcomes = behind(save(meeting, other), lambda photo=photo, erased=erased: erased(photo))
        assert [kind for kind, _said in outcomes] == ["done", "done"], outcomes
        assert not ClassPhoto.objects.exists() and kept(class_photos.FOLDER) == set()
    Letter.objects.all().delete()  # one that waits would spare the next: this one is written
    photo = ClassPhoto.objects.get(pk=save(meeting, other)())
    outcomes = behind(lambda: class_photos.erase(photo, by=guardian, at=timezone.now()), save(meeting, other))
    assert Letter.objects.get(kind="photo_removed").child == other
    assert [kind for kind, _said in outcomes] == ["done", "done"], outcomes
    assert ClassPhoto.objects.exclude(pk=photo.pk).count() == 1 and kept(class_photos.FOLDER) == named()
