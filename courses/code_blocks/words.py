"""The words of blocks in three languages, as the tools' own editors say them. Read once from words.yaml."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("words.yaml")
MOUTHS = {"mouth": 1, "mouth_end": 1, "hat_mouth": 1, "two_mouths": 2}
ICONS = {
    "motion_turnright": "turn-right",
    "motion_turnleft": "turn-left",
    "event_whenflagclicked": "flag",
}
# Said where the tool draws a sign.
ICON_WORDS = {
    "turn-right": {"fr": "vers la droite", "ar": "نحو اليمين", "en": "right"},
    "turn-left": {"fr": "vers la gauche", "ar": "نحو اليسار", "en": "left"},
    "flag": {"fr": "le drapeau vert", "ar": "العلم الأخضر", "en": "green flag"},
}


@dataclass(frozen=True)
class BlockKind:
    """One block of a tool: what it looks like, what it takes and what it says.

    shape: hat, stack, end, mouth, mouth_end, two_mouths, hat_mouth, reporter, condition.
    takes: number, text, menu (round), choice (square), condition, colour, lights, one for each argument.
    """

    shape: str
    group: str
    takes: tuple[str, ...]
    icon: str
    words: dict[str, str]

    @property
    def mouths(self) -> int:
        return MOUTHS.get(self.shape, 0)

    def pieces(self, language: str) -> list[str | int]:
        """Return words and argument numbers (from 0) in the order of the language; -1 stands for the icon."""
        said = self.words.get(language) or self.words["en"]
        found: list[str | int] = []
        for piece in re.split(r"(%\d)", said):
            if re.fullmatch(r"%\d", piece):
                found.append(int(piece[1:]) - 1 - bool(self.icon))
            elif piece.strip():
                found.append(piece.strip())
        missing = [number for number in range(len(self.takes)) if number not in found]
        return [*found, *missing]

    def is_foreign(self, language: str) -> bool:
        """Return whether the tool has no words in this language, so that English ones are drawn."""
        return language not in self.words


@dataclass(frozen=True)
class Tool:
    name: str
    blocks: dict[str, BlockKind]
    menus: dict[str, dict[str, str]]
    words: dict[str, dict[str, str]]

    def menu(self, word: str, language: str) -> str:
        """Return a menu's word in the language; a name of the child's own stays as it is."""
        known = self.menus.get(word)
        return known.get(language, known["en"]) if known else word

    def word(self, name: str, language: str) -> str:
        """Return a word outside blocks, such as "else"."""
        return self.words[name].get(language) or self.words[name]["en"]


def _kind(opcode: str, row: dict[str, Any]) -> BlockKind:
    takes = tuple(piece for piece in row["takes"].split() if piece != "icon")
    words: dict[str, str] = {language: row[language] for language in ("fr", "ar", "en") if language in row}
    return BlockKind(row["shape"], row["group"], takes, ICONS.get(opcode, ""), words)


def _tool(name: str, rows: dict[str, Any]) -> Tool:
    return Tool(
        name,
        {opcode: _kind(opcode, row) for opcode, row in rows["blocks"].items()} | _own_blocks(name),
        rows["menus"],
        rows["words"],
    )


def _own_blocks(tool: str) -> dict[str, BlockKind]:
    """Return the blocks whose words are the child's: a variable, a block of one's own."""
    bare: dict[str, str] = {"fr": "%1", "ar": "%1", "en": "%1"}
    if tool != "scratch":
        return {"variables_get": BlockKind("reporter", "variables", ("choice",), "", bare)}
    define = _READ["scratch"]["words"]["define"]
    return {
        "data_variable": BlockKind("reporter", "data", ("choice",), "", bare),
        "procedures_definition": BlockKind("hat", "own", ("text",), "", {key: define[key] for key in bare}),
        "procedures_call": BlockKind("stack", "own", ("text",), "", bare),
    }


_READ: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
TOOLS = {name: _tool(name, rows) for name, rows in _READ.items()}
