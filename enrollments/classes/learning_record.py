"""What a child has learned over time: classes by session, skills with the level seen first and last, and the
map of each track. Read-only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from courses.models import Meeting, Session, Skill, Track
from courses.skill_map import SkillBox, SkillBranch, SkillMap, grow, lay_out
from enrollments.models import Child, ClassNote, Presence, SkillObservation

Level = SkillObservation.Level


@dataclass(frozen=True)
class SkillSeen:
    """A skill as seen first and last in class: levels, their days. `times`: in how many classes."""

    skill: Skill
    first: int
    first_on: date
    last: int
    last_on: date
    times: int

    @property
    def first_words(self) -> str:
        return str(Level(self.first).label)

    @property
    def last_words(self) -> str:
        return str(Level(self.last).label)

    @property
    def is_once(self) -> bool:
        """Return whether it was seen in one class only."""
        return self.times == 1

    @property
    def bars(self) -> list[bool]:
        return bars_of(self.last)


def bars_of(level: int) -> list[bool]:
    """Return the sign of a level: four stacked bars from below, as many full as the level; none seen: 0."""
    return [number <= level for number in Level.values]


def skills_seen(child: Child, meetings: Iterable[Meeting] | None = None) -> list[SkillSeen]:
    """Return the skills observed in a child, in these classes or ever, in the order of tracks and codes. One
    query.

    First and last go by the day of the class, whenever it was written down.
    """
    rows = SkillObservation.objects.filter(child=child)
    if meetings is not None:
        rows = rows.filter(meeting__in=list(meetings))
    rows = rows.select_related("skill__track", "meeting").order_by("meeting__starts_at", "pk")
    by_skill: dict[Skill, list[SkillObservation]] = {}
    for row in rows:
        by_skill.setdefault(row.skill, []).append(row)
    found = [
        SkillSeen(skill, seen[0].level, seen[0].meeting.on, seen[-1].level, seen[-1].meeting.on, len(seen))
        for skill, seen in by_skill.items()
    ]
    return sorted(found, key=lambda one: (one.skill.track.position, one.skill.track.code, one.skill.code))


def strongest_first(seen: Iterable[SkillSeen]) -> list[SkillSeen]:
    """Return these skills by the level seen last, the highest first; among equals, the one seen latest."""
    return sorted(seen, key=lambda one: (one.last, one.last_on), reverse=True)


@dataclass(frozen=True)
class ClassAttended:
    """A marked class, there or absent, with the note for the family if there is one."""

    presence: Presence
    note: ClassNote | None


@dataclass
class SessionAttended:
    """The marked classes of one session, newest first."""

    session: Session
    classes: list[ClassAttended] = field(default_factory=list)

    @property
    def came(self) -> int:
        return sum(one.presence.came for one in self.classes)


def classes_by_session(child: Child) -> list[SessionAttended]:
    """Return a child's marked classes by session, the latest session first. Two queries."""
    presences = (
        child.presences.exclude(mark="")
        .select_related("meeting__session__course__track", "meeting__lesson")
        .order_by("-meeting__starts_at", "-pk")
    )
    notes = {note.meeting_id: note for note in child.class_notes.all()}
    found: dict[int, SessionAttended] = {}
    for row in presences:
        session = row.meeting.session
        group = found.setdefault(session.pk, SessionAttended(session))
        group.classes.append(ClassAttended(row, notes.get(row.meeting_id)))
    return list(found.values())


@dataclass(frozen=True)
class TrackMap:
    """The map of a track for one child: its drawing, and the same as rows for those who do not see it."""

    track: Track
    drawing: SkillMap
    rows: list["MappedSkill"]

    @property
    def boxes(self) -> list[tuple["MappedSkill", SkillBox]]:
        """Return each skill with its box."""
        return list(zip(self.rows, self.drawing.boxes, strict=True))

    @property
    def branches(self) -> list["MappedBranch"]:
        """Return each skill under one that it builds on: the map of a narrow screen."""
        rows = {row.skill: row for row in self.rows}

        def mapped(branches: Iterable[SkillBranch]) -> list[MappedBranch]:
            return [
                MappedBranch(rows[branch.skill], list(branch.also), mapped(branch.branches))
                for branch in branches
            ]

        return mapped(grow(rows))


@dataclass(frozen=True)
class MappedSkill:
    """A skill of a map: what it builds on, and what was seen of it; None: not yet."""

    skill: Skill
    builds_on: list[Skill]
    seen: SkillSeen | None

    @property
    def words(self) -> str:
        return self.seen.last_words if self.seen else _("not seen yet")

    @property
    def bars(self) -> list[bool]:
        return bars_of(self.seen.last if self.seen else 0)


@dataclass(frozen=True)
class MappedBranch:
    """A skill of a tree, what else it builds on, and what builds on it."""

    row: MappedSkill
    also: list[Skill]
    branches: list["MappedBranch"]


def track_maps(seen: Iterable[SkillSeen], *, font: Path | None) -> list[TrackMap]:
    """Return the map of each track in which something was seen, in the active language. Two queries."""
    by_skill = {one.skill.pk: one for one in seen}
    tracks = {one.skill.track_id for one in by_skill.values()}
    skills = (
        Skill.objects.filter(track__in=tracks)
        .select_related("track")
        .prefetch_related("builds_on")
        .order_by("track__position", "track__code", "code")
    )
    by_track: dict[Track, list[MappedSkill]] = {}
    for skill in skills if tracks else ():
        row = MappedSkill(skill, list(skill.builds_on.all()), by_skill.get(skill.pk))
        by_track.setdefault(skill.track, []).append(row)
    return [
        TrackMap(
            track,
            lay_out(
                [row.skill for row in rows],
                {row.skill.pk: row.words for row in rows},
                font=font,
                is_rtl=get_language_bidi(),
            ),
            rows,
        )
        for track, rows in by_track.items()
    ]
