"""The three faces of a lesson: what reaches whom."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from courses import faces
from courses.models import LessonBlock
from tests.factories import CourseFactory

pytestmark = pytest.mark.django_db
Kind = LessonBlock.Kind


@pytest.fixture
def lesson():
    return CourseFactory(lessons=1, minutes=75).lessons.get()


def block(lesson, kind, text, minutes=0, *, shown=False, drawing=""):
    return LessonBlock.objects.create(
        lesson=lesson, kind=kind, text=text, minutes=minutes, for_learner=shown, drawing=drawing,
        position=lesson.blocks.count() + 1,
    )  # fmt: skip


def written(face) -> str:
    return repr(face)


def test_no_block_of_one_face_reaches_another(lesson):
    """One block of every kind, ticked as far as the database lets it be."""
    for kind in Kind:
        shown = kind not in (*LessonBlock.TEAM_ONLY, *LessonBlock.FAMILY_ONLY)
        block(lesson, kind, f"text-{kind}: meaning-{kind}", shown=shown)
    child, family, plan = faces.child_face(lesson), faces.family_face(lesson), faces.plan_of(lesson)
    for kind in LessonBlock.TEAM_ONLY:
        assert f"text-{kind}" not in written(child) + written(family), kind
        assert kind in [part.block.kind for part in plan.parts]
    for kind in LessonBlock.FAMILY_ONLY:
        assert f"text-{kind}" not in written(child), kind
        assert f"text-{kind}: meaning-{kind}" in written(family)
        assert kind not in [part.block.kind for part in plan.parts]
    for kind in LessonBlock.CHILD_ONLY:
        assert f"text-{kind}" in written(child), kind
        assert kind not in [part.block.kind for part in plan.parts]


def test_a_part_of_the_plan_that_is_not_ticked_stays_with_the_instructor(lesson):
    for kind in (Kind.EXPLAIN, Kind.ACTIVITY, Kind.EXIT, Kind.SHARE, Kind.WARMUP, Kind.TIDY):
        block(lesson, kind, f"text-{kind}")
    assert faces.child_face(lesson) == faces.ChildFace([], [])


@pytest.mark.parametrize("kind", LessonBlock.TEAM_ONLY + LessonBlock.FAMILY_ONLY)
def test_the_database_keeps_what_is_not_the_childs_from_the_child(lesson, kind):
    with pytest.raises(IntegrityError), transaction.atomic():
        block(lesson, kind, "x", shown=True)


def test_a_step_is_ticked_by_its_kind(lesson):
    step = LessonBlock(lesson=lesson, kind=Kind.STEP, text="x", text_fr="x")
    step.full_clean(exclude=["text_ar", "text_en"])
    assert step.for_learner
    with pytest.raises(ValidationError, match="animateur"):
        LessonBlock(lesson=lesson, kind=Kind.TIP, text="x", text_fr="x", for_learner=True).full_clean()


def test_a_plan_runs_by_the_minute_and_says_how_it_fits(lesson):
    block(lesson, Kind.WARMUP, "w", 10)
    block(lesson, Kind.STEP, "s", shown=True)
    block(lesson, Kind.ACTIVITY, "a", 70, shown=True)
    plan = faces.plan_of(lesson)
    assert [(part.begins, part.ends) for part in plan.parts] == [(0, 10), (10, 80)]
    assert (plan.minutes, plan.length, plan.difference) == (80, 75, 5)


def test_steps_replace_the_activity_and_are_counted(lesson):
    block(lesson, Kind.EXPLAIN, "why", shown=True)
    block(lesson, Kind.ACTIVITY, "all at once", shown=True)
    assert [slide.text for slide in faces.child_face(lesson).slides] == ["why", "all at once"]
    block(lesson, Kind.STEP, "one", shown=True, drawing="scratch\nlooks_show")
    block(lesson, Kind.STEP, "two", shown=True)
    slides = faces.child_face(lesson).slides
    assert [(slide.text, slide.heading) for slide in slides] == [
        ("why", "À comprendre"), ("one", "Étape 1 sur 2"), ("two", "Étape 2 sur 2"),
    ]  # fmt: skip
    assert slides[1].drawing == "scratch\nlooks_show"


def test_words_have_their_meaning_after_the_first_colon(lesson):
    block(lesson, Kind.WORD, "boucle : ce qui recommence : encore", shown=True)
    block(lesson, Kind.WORD, "sprite", shown=True)
    assert faces.child_face(lesson).words == [
        faces.Word("boucle", "ce qui recommence : encore"), faces.Word("sprite", ""),
    ]  # fmt: skip
    assert faces.family_face(lesson).words == faces.child_face(lesson).words


def test_a_drawing_that_cannot_be_read_is_refused_on_the_form_and_left_out_on_the_page(lesson):
    bad = LessonBlock(lesson=lesson, kind=Kind.STEP, text="x", text_fr="x", drawing="scratch\nmotion_mov 1")
    with pytest.raises(ValidationError, match="motion_movesteps"):
        bad.full_clean()
    assert faces.drawing_of("scratch\nmotion_mov 1") is None
    assert faces.drawing_of("") is None
