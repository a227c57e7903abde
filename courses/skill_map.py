"""Lay the skills of a track out as a map: each skill beside the skills it builds on.

Whole pixels, so that no language writes them with a comma; mirrored for a reader from right to left. Pure
functions: the caller gives the caption of each skill.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from courses.models import Skill
from courses.pages.lettering import Face, face

WIDE, PAD, GAP, NARROW_GAP = 186, 12, 46, 18  # of a box, inside it, between columns, between boxes of one
# Where there are many columns: what they may take, which a page shrinks a little; a box; between columns.
ROOM, NARROW, LEAST_GAP = 1180, 180, 16
SIZE, LINE, SMALL = 14, 18, 12  # of the name, of its lines, of the caption
SIGN_WIDE, SIGN_HIGH = 20, 18
SIGN, FOOT = 26, 28  # room for the sign before the caption, height of the last line
ABREAST = 5  # skills in a row where none builds on another


@dataclass(frozen=True)
class SkillBox:
    """One skill: its box, the lines of its name and its caption. `start` is where words begin, at the
    reader's side.
    """

    skill: Skill
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    caption: str
    start: int
    is_rtl: bool

    @property
    def baselines(self) -> list[tuple[int, str]]:
        """Return each line of the name with its baseline."""
        return [(self.y + PAD + SIZE + number * LINE, line) for number, line in enumerate(self.lines)]

    @property
    def foot(self) -> int:
        """Return the baseline of the caption."""
        return self.y + self.height - PAD

    @property
    def sign_x(self) -> int:
        """Return the left edge of the sign, which stands before the caption."""
        return self.start - SIGN_WIDE if self.is_rtl else self.start

    @property
    def sign_y(self) -> int:
        return self.foot - SIGN_HIGH + 2

    @property
    def caption_x(self) -> int:
        return self.start - SIGN if self.is_rtl else self.start + SIGN


@dataclass(frozen=True)
class SkillLink:
    """From a skill to one that builds on it: from the middle of an edge to the middle of another."""

    x: int
    y: int
    to_x: int
    to_y: int

    @property
    def path(self) -> str:
        """Return it as a curve of SVG."""
        half = (self.x + self.to_x) // 2
        return f"M{self.x} {self.y}C{half} {self.y} {half} {self.to_y} {self.to_x} {self.to_y}"


@dataclass(frozen=True)
class SkillMap:
    boxes: tuple[SkillBox, ...]
    links: tuple[SkillLink, ...]
    width: int
    height: int
    is_rtl: bool


def lay_out(
    skills: Iterable[Skill], captions: Mapping[int, str], *, font: Path | None, is_rtl: bool
) -> SkillMap:
    """Return the map of these skills, whose `builds_on` are loaded; `captions` by skill key. `font` measures
    the words; None guesses.
    """
    skills = list(skills)
    below = _foundations(skills)
    places, measure = _places(skills, below), face(font) if font else None
    columns = max((column for column, _row in places.values()), default=0) + 1
    wide, gap = _columns_in(ROOM - 2, columns)
    lines = {skill.pk: wrapped(skill.name, wide - 2 * PAD, measure) for skill in skills}
    high = 2 * PAD + LINE * max((len(rows) for rows in lines.values()), default=1) + FOOT
    width = columns * wide + (columns - 1) * gap + 2
    boxes = {}
    for skill in skills:
        column, row = places[skill.pk]
        left = 1 + column * (wide + gap)
        x = width - left - wide if is_rtl else left
        y = 1 + round(row * (high + NARROW_GAP))
        start = x + wide - PAD if is_rtl else x + PAD
        caption = captions.get(skill.pk, "")
        boxes[skill.pk] = SkillBox(skill, x, y, wide, high, lines[skill.pk], caption, start, is_rtl)
    links = [
        _link(boxes[first], boxes[skill.pk], is_rtl=is_rtl)
        for skill in skills
        for first in sorted(_nearest(below[skill.pk], below))
    ]
    height = max((box.y + box.height for box in boxes.values()), default=0) + 1
    return SkillMap(tuple(boxes.values()), tuple(links), width, height, is_rtl)


def _columns_in(room: int, columns: int) -> tuple[int, int]:
    """Return the width of a box and the space between columns, so that they fit into the room if they can."""
    if columns == 1:
        return WIDE, GAP
    gap = max(LEAST_GAP, min(GAP, (room - columns * NARROW) // (columns - 1)))
    return max(NARROW, min(WIDE, (room - (columns - 1) * gap) // columns)), gap


def _link(one: SkillBox, other: SkillBox, *, is_rtl: bool) -> SkillLink:
    ends = (one.x, other.x + other.width) if is_rtl else (one.x + one.width, other.x)
    return SkillLink(ends[0], one.y + one.height // 2, ends[1], other.y + other.height // 2)


def _foundations(skills: Collection[Skill]) -> dict[int, set[int]]:
    """Return, for each skill, which of the others it builds on directly."""
    here = {skill.pk for skill in skills}
    return {skill.pk: {first.pk for first in skill.builds_on.all()} & here for skill in skills}


def _all_below(pk: int, below: Mapping[int, set[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(below[pk])
    while waiting:
        first = waiting.pop()
        if first not in found:
            found.add(first)
            waiting += below[first]
    return found


def _nearest(direct: set[int], below: Mapping[int, set[int]]) -> set[int]:
    """Leave out what another foundation already builds on: the way there says it."""
    return direct - {far for first in direct for far in _all_below(first, below)}


def _depths(below: Mapping[int, set[int]]) -> dict[int, int]:
    """Return how many skills stand below each, on its longest way. A circle ends at its own length."""
    depth = dict.fromkeys(below, 0)
    for _round in below:
        for pk, firsts in below.items():
            depth[pk] = min(len(below) - 1, max((depth[first] + 1 for first in firsts), default=0))
    return depth


def _places(skills: list[Skill], below: Mapping[int, set[int]]) -> dict[int, tuple[int, float]]:
    """Return the column and the row of each skill: one column after the last of its foundations, in the row
    nearest to theirs that is free. A circle, which the form refuses, ends at its own length.
    """
    if not any(below.values()):
        return {skill.pk: (number % ABREAST, number // ABREAST) for number, skill in enumerate(skills)}
    depth = _depths(below)
    carries = {first for firsts in below.values() for first in firsts}
    order = {skill.pk: number for number, skill in enumerate(skills)}
    places: dict[int, tuple[int, float]] = {}
    for column in range(max(depth.values()) + 1):
        wished = {}
        for pk in (skill.pk for skill in skills if depth[skill.pk] == column):
            rows = [places[first][1] for first in below[pk] if first in places]
            wished[pk] = sum(rows) / len(rows) if rows else 0.0
        free = 0.0
        for pk in sorted(wished, key=lambda pk: (wished[pk], pk not in carries, order[pk])):
            row = max(free, wished[pk] if column else 0.0)
            places[pk] = (column, row)
            free = row + 1
    return places


@dataclass(frozen=True)
class SkillBranch:
    """A skill with those that build on it, each under one foundation: `also` are its others."""

    skill: Skill
    also: tuple[Skill, ...]
    branches: tuple["SkillBranch", ...]


def grow(skills: Iterable[Skill]) -> tuple[SkillBranch, ...]:
    """Return these skills, whose `builds_on` are loaded, as a tree for narrow screens: each once, under the
    foundation that stands highest.
    """
    skills = list(skills)
    below = _foundations(skills)
    depth, by_pk = _depths(below), {skill.pk: skill for skill in skills}
    carried: dict[int | None, list[SkillBranch]] = {}
    for skill in sorted(skills, key=lambda skill: -depth[skill.pk]):  # what carries nothing first
        nearest = _nearest(below[skill.pk], below)
        firsts = [pk for pk in by_pk if pk in nearest]
        lower = [pk for pk in firsts if depth[pk] < depth[skill.pk]]  # none in a circle
        under = max(lower, key=depth.__getitem__, default=None)
        also = tuple(by_pk[first] for first in firsts if first != under)
        branch = SkillBranch(skill, also, _in_order(carried.get(skill.pk, ()), by_pk))
        carried.setdefault(under, []).append(branch)
    return _in_order(carried.get(None, ()), by_pk)


def _in_order(branches: Iterable[SkillBranch], by_pk: Mapping[int, Skill]) -> tuple[SkillBranch, ...]:
    order = list(by_pk)
    return tuple(sorted(branches, key=lambda branch: order.index(branch.skill.pk)))


def wrapped(words: str, width: int, measure: Face | None, size: int = SIZE) -> tuple[str, ...]:
    """Return the words in lines no wider than that; a word that is wider has a line of its own."""
    found: list[str] = []
    for word in words.split():
        longer = f"{found[-1]} {word}" if found else word
        wide = measure.width(longer, size) if measure else len(longer) * size * 0.56
        if found and wide <= width:
            found[-1] = longer
        else:
            found.append(word)
    return tuple(found)
