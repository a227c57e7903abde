"""Prerequisites of a course: whether a child meets one of them, and what they ask for (domain §3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from courses.models import Prerequisite
from enrollments.models import Child, Recommendation, SkillObservation
from home.language.lists import listed

Level = SkillObservation.Level


def by_child(rows: Iterable[Recommendation]) -> dict[int, set[int]]:
    """Return child → the courses that an instructor found it ready for, of these rows."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        found[row.child_id].add(row.course_id)
    return found


def skills_seen(doors: Iterable[Prerequisite], children: Iterable[Child]) -> dict[int, dict[int, int]]:
    """Return child → skill → the best level observed, of the skills these prerequisites ask for. Two queries
    if any asks for skills; their skills are loaded.
    """
    by_skill = [door for door in doors if door.kind == Prerequisite.Kind.SKILLS]
    found: dict[int, dict[int, int]] = {}
    if not by_skill:
        return found
    prefetch_related_objects(by_skill, "skills")
    asked = {skill.pk for door in by_skill for skill in door.skills.all()}
    rows = SkillObservation.objects.filter(child__in=children, skill__in=asked)
    for child_id, skill_id, level in rows.values_list("child_id", "skill_id", "level"):
        levels = found.setdefault(child_id, {})
        levels[skill_id] = max(level, levels.get(skill_id, 0))
    return found


def is_met(
    doors: Collection[Prerequisite],
    *,
    completed: set[int],
    seen: Mapping[int, int],
    ready_for: Collection[int] = (),
) -> bool:
    """Return whether any one of them is met: a completed course, or each of its skills observed at the level
    it asks for or above; or an instructor found the child ready for their course (`ready_for`), which counts
    whether the course names that way in or not. A declared level is judged elsewhere.
    """
    return any(door.course_id in ready_for for door in doors) or any(
        door.required_course_id in completed
        if door.kind == Prerequisite.Kind.COURSE
        else door.kind == Prerequisite.Kind.SKILLS and _is_seen(door, seen)
        for door in doors
    )


def _is_seen(door: Prerequisite, seen: Mapping[int, int]) -> bool:
    skills = door.skills.all()
    return bool(skills) and all(seen.get(skill.pk, 0) >= door.level for skill in skills)


def door_words(door: Prerequisite) -> str:
    """Return one prerequisite as part of a sentence; empty if it asks for nothing."""
    if door.kind == Prerequisite.Kind.COURSE:
        return _("the course “%(course)s”") % {
            "course": door.required_course.title if door.required_course else ""
        }
    if door.kind == Prerequisite.Kind.READY:
        return _("an instructor’s “ready for the next level”")
    if door.kind == Prerequisite.Kind.EQUIVALENT:
        return _("an equivalent level confirmed by the team")
    words = {
        Level.DISCOVERING: _("to have tried: %(skills)s"),
        Level.WITH_HELP: _("to know how to, with help: %(skills)s"),
        Level.ALONE: _("to know how to: %(skills)s"),
        Level.HELPING: _("to be able to help others to: %(skills)s"),
    }[Level(door.level)]
    skills = [skill.name for skill in door.skills.all()]
    return words % {"skills": listed(skills)} if skills else ""
