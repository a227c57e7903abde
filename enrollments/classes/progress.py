"""Children's levels and class notes. Sole writer of Equivalence, SkillObservation and ClassNote."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from courses.models import Course, Meeting, Skill
from enrollments.models import Child, ClassNote, Enrollment, Equivalence, SkillObservation
from enrollments.places import seat_log, waiting_list
from home.account import User
from home.language.dates import one_line


def declare_equivalent(*, child: Child, course: Course, by: User, at: datetime) -> Equivalence:
    """Record a guardian's declaration that the child has the level. Idempotent."""
    said, _made = Equivalence.objects.get_or_create(
        child=child, course=course, defaults={"declared_by": by, "declared_at": at}
    )
    return said


@transaction.atomic
def confirm_equivalent(equivalence: Equivalence, *, by: User, at: datetime) -> Equivalence:
    """Record an instructor's or manager's confirmation of the level; the first one is kept."""
    if equivalence.confirmed_at is None:
        Equivalence.objects.filter(pk=equivalence.pk, confirmed_at=None).update(
            confirmed_by=by, confirmed_at=at
        )
        equivalence.refresh_from_db()
        waiting_list.reconsider(equivalence.child, at)
    return equivalence


@transaction.atomic
def observe(
    child: Child, skill: Skill, meeting: Meeting, *, level: int | None, by: User, at: datetime
) -> None:
    """Record the levels observed in this class; None removes one. Raises ValueError for an unknown level."""
    seat_log.locked_children([child])  # `observe_all` reads who has a level before it writes to the others
    _write_level(child, skill, meeting, level=level, by=by, at=at)
    _reconsider([child], at)


def _write_level(
    child: Child, skill: Skill, meeting: Meeting, *, level: int | None, by: User, at: datetime
) -> None:
    if level is None:
        SkillObservation.objects.filter(child=child, skill=skill, meeting=meeting).delete()
        return
    if level not in SkillObservation.Level.values:
        raise ValueError(level)
    SkillObservation.objects.update_or_create(
        child=child,
        skill=skill,
        meeting=meeting,
        defaults={"level": level, "seen_at": at, "seen_by_ref": by.pk},
    )


def _reconsider(children: Iterable[Child], at: datetime) -> None:
    """Check again what these children wait for: a prerequisite may now be met."""
    children = list(children)
    waits = Enrollment.objects.filter(child__in=children, state=Enrollment.State.WAITING)
    waiting = set(waits.values_list("child_id", flat=True))
    if waiting:
        waiting_list.reconsider_all([child for child in children if child.pk in waiting], at)


@transaction.atomic
def observe_all(
    children: Iterable[Child], skill: Skill, meeting: Meeting, *, level: int | None, by: User, at: datetime
) -> list[int]:
    """Record one level for everybody whose level in this skill nobody has chosen: those without one, or all
    if all have the same. None removes it again. Return the children concerned.

    Raises ValueError for an unknown level.
    """
    children = list(children)
    seat_log.locked_children(children)  # before their sessions; and a colleague's tap is not overwritten
    rows = SkillObservation.objects.filter(child__in=children, skill=skill, meeting=meeting)
    seen = dict(rows.values_list("child_id", "level"))
    are_alike = len(seen) == len(children) and len(set(seen.values())) == 1
    chosen = children if are_alike else [child for child in children if child.pk not in seen]
    for child in chosen:
        _write_level(child, skill, meeting, level=level, by=by, at=at)
    _reconsider(chosen, at)
    return [child.pk for child in chosen]


@transaction.atomic
def note(child: Child, meeting: Meeting, *, chips: list[str], text: str, by: User, at: datetime) -> None:
    """Save a note on the child in this class, shown to its family; an empty one deletes it.

    Unknown chips are ignored.
    """
    chips = [chip for chip in ClassNote.Chip.values if chip in chips]
    text = one_line(text, 400)
    if not chips and not text:
        ClassNote.objects.filter(child=child, meeting=meeting).delete()
        return
    ClassNote.objects.update_or_create(
        child=child,
        meeting=meeting,
        defaults={"chips": chips, "text": text, "written_at": at, "written_by_ref": by.pk},
    )


def hand_over(*, from_child: Child, to_child: Child) -> None:
    """Move one file's observations and notes to the other when merging; if both have a row, the kept file's
    wins.
    """
    for row in SkillObservation.objects.filter(child=from_child):
        if SkillObservation.objects.filter(
            child=to_child, skill=row.skill_id, meeting=row.meeting_id
        ).exists():
            row.delete()
    SkillObservation.objects.filter(child=from_child).update(child=to_child)
    ClassNote.objects.filter(
        child=from_child, meeting__in=ClassNote.objects.filter(child=to_child).values("meeting")
    ).delete()
    ClassNote.objects.filter(child=from_child).update(child=to_child)
