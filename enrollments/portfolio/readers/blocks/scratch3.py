"""Blocks of Scratch 3, as a child counts them; mBlock and LEGO write them too."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from enrollments.portfolio.readers.blocks.ideas import bars, group_of, ideas_of, in_order
from enrollments.portfolio.readers.finding import names, rows, table

MOST_BLOCKS = 200_000
VARIABLE, LIST = 12, 13  # how a block that is only a name is stored: [12, name, id, …]
SLOT = re.compile(r"%[snb]")


@dataclass
class Tally:
    """What was counted in the blocks of one project."""

    blocks: int = 0
    scripts: int = 0
    groups: Counter[str] = field(default_factory=Counter)
    ideas: set[str] = field(default_factory=set)
    own: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        return {
            "blocks": self.blocks,
            "scripts": self.scripts,
            "ideas": in_order(self.ideas),
            "own_blocks": names(self.own),
            "drawing": {"bars": bars(self.groups)},
        }

    def add(self, opcode: str) -> None:
        self.blocks += 1
        self.groups[group_of(opcode)] += 1
        self.ideas |= ideas_of(opcode)


def is_project(contents: object) -> bool:
    return isinstance(table(contents).get("targets"), list)


def count(targets: list[Any]) -> Tally:
    """Count the blocks of these targets (the stage, sprites and devices)."""
    tally = Tally()
    for target in targets:
        for block in table(table(target).get("blocks")).values():
            _count_block(block, tally)
    return tally


def _count_block(block: object, tally: Tally) -> None:
    """Count a block unless a child does not see it as one: menus, fields and prototypes are shadows.

    One opcode may be both, so `shadow` decides. A variable that lies loose is stored as an array. Inside
    another block it is a field of that block, and no block of its own.
    """
    if isinstance(block, list):
        if block[:1] in ([VARIABLE], [LIST]):
            tally.add("data_variable" if block[0] == VARIABLE else "data_listcontents")
            tally.scripts += 1
        return
    stored = table(block)
    opcode = stored.get("opcode")
    if not isinstance(opcode, str):
        return
    for kind in _names_inside(stored):
        tally.ideas.add("variables" if kind == VARIABLE else "lists")
    if stored.get("shadow") is True or opcode == "procedures_prototype":
        # Only here is the name of a child's own block.
        proccode = table(stored.get("mutation")).get("proccode")
        if opcode == "procedures_prototype" and isinstance(proccode, str):
            tally.own.append(SLOT.sub("…", proccode))
        return
    tally.add(opcode)
    tally.scripts += stored.get("topLevel") is True


def _names_inside(block: Any) -> Iterator[int]:
    """Yield 12 or 13 for each variable or list in a field of this block."""
    for given in table(block.get("inputs")).values():
        for value in rows(given)[1:]:
            if isinstance(value, list) and value and value[0] in (VARIABLE, LIST):
                yield value[0]
