"""The three faces of a lesson: what instructor, child and family are given of it.

A block reaches a face by its kind and its tick, decided here and nowhere else; the database keeps what is
written for the instructor from the child (LessonBlock.Meta).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from courses.code_blocks import drawings
from courses.models import Lesson, LessonBlock

Kind = LessonBlock.Kind


class LessonFace(StrEnum):
    INSTRUCTOR = "instructor"
    CHILD = "child"
    FAMILY = "family"


@dataclass(frozen=True)
class Timed:
    """A part of the plan, with the minutes at which it begins and ends."""

    block: LessonBlock
    begins: int
    ends: int


@dataclass(frozen=True)
class LessonPlan:
    """What the instructor reads. `minutes`: of all parts; `length`: of a class of this course."""

    parts: list[Timed]
    minutes: int
    length: int

    @property
    def difference(self) -> int:
        """Return by how many minutes the plan is longer than a class; negative if shorter."""
        return self.minutes - self.length


@dataclass(frozen=True)
class Slide:
    """One thing at a time for the child: a heading, a sentence or two, perhaps drawn blocks."""

    kind: str
    heading: str
    text: str
    drawing: str


@dataclass(frozen=True)
class Word:
    word: str
    meaning: str


@dataclass(frozen=True)
class ChildFace:
    slides: list[Slide]
    words: list[Word]


@dataclass(frozen=True)
class FamilyFace:
    """What was done, what to ask the child, what to try at home, the words it met."""

    done: str
    ask: list[str]
    home: list[str]
    words: list[Word]


def plan_of(lesson: Lesson) -> LessonPlan:
    """Return the instructor's face: every part but those written to the child or the family alone."""
    parts, minute = [], 0
    for block in lesson.blocks.all():
        if block.kind in (*LessonBlock.CHILD_ONLY, *LessonBlock.FAMILY_ONLY):
            continue
        parts.append(Timed(block, minute, minute + block.minutes))
        minute += block.minutes
    return LessonPlan(parts, minute, lesson.course.minutes)


def child_face(lesson: Lesson) -> ChildFace:
    """Return the child's face: only blocks shown to the child. A lesson without steps shows its activity."""
    blocks = [block for block in lesson.blocks.all() if block.for_learner]
    steps = sum(block.kind == Kind.STEP for block in blocks)
    slides, step = [], 0
    for block in blocks:
        if block.kind == Kind.WORD or (steps and block.kind == Kind.ACTIVITY):
            continue
        if block.kind == Kind.STEP:
            step += 1
            heading = _("Step %(number)s of %(total)s") % {"number": step, "total": steps}
        else:
            heading = _headings().get(block.kind, block.get_kind_display())
        slides.append(Slide(block.kind, heading, block.text, block.drawing))
    return ChildFace(slides, _words(blocks))


def family_face(lesson: Lesson) -> FamilyFace:
    """Return the family's face: its own blocks, and the child's words."""
    blocks = list(lesson.blocks.all())
    return FamilyFace(
        lesson.family_words,
        [block.text for block in blocks if block.kind == Kind.ASK],
        [block.text for block in blocks if block.kind == Kind.HOME],
        _words([block for block in blocks if block.for_learner]),
    )


def _headings() -> dict[str, str]:
    """Return what the child reads above a block, in the active language."""
    return {
        Kind.EXPLAIN: _("To understand"),
        Kind.ACTIVITY: _("Your mission"),
        Kind.EASIER: _("Stuck? Try this"),
        Kind.FURTHER: _("Finished? Go further"),
        Kind.EXIT: _("Before you leave"),
        Kind.SHARE: _("Show your work"),
    }


def _words(blocks: list[LessonBlock]) -> list[Word]:
    """Return the words to know: "boucle : ce qui recommence" has its word before the colon."""
    found = []
    for block in blocks:
        if block.kind == Kind.WORD:
            word, _colon, meaning = block.text.partition(":")
            found.append(Word(word.strip(), meaning.strip()))
    return found


@lru_cache(maxsize=512)
def drawing_of(text: str) -> drawings.Drawn | None:
    """Return the blocks or the listing of a text; None if it is empty, or older than a changed table."""
    if not text.strip():
        return None
    try:
        return drawings.read(text)
    except ValidationError:
        return None
