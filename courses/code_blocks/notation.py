"""Blocks of Scratch and micro:bit, typed once and drawn in every language.

The first line names the tool: `scratch` or `microbit`. Then one block a line, by its opcode; each argument is

    10                          a number
    "Bonjour | مرحبا | Hello"   words of the child: French, Arabic, English, or one for all
    [space]                     a choice of a menu, by its English word, or a name (with | too)
    #ff0000                     a colour
    (sensing_keypressed [space])  a block inside a block

A block that holds others ends with `{`; `} else {` parts its two mouths, `}` closes it. An empty line parts
scripts.

    scratch
    event_whenflagclicked
    control_repeat 4 {
      motion_movesteps 50
      motion_turnright 90
    }

Pure functions. Opcodes are kept, words are only drawn: the tools' own words cannot be read back without loss.
"""

import difflib
import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from courses.code_blocks.words import TOOLS, Tool

MOST_LINES, LONGEST_LINE, DEEPEST = 60, 300, 20
LIGHTS = re.compile(r"(?:[.#]{5}/){4}[.#]{5}")  # the 25 lights of a micro:bit
_TOKEN = re.compile(
    r'\s*(?:(?P<number>-?\d+(?:\.\d+)?)(?=[\s)\]{]|$)|"(?P<text>[^"\n]*)"|\[(?P<menu>[^\]\n]*)\]'
    r"|(?P<colour>#[0-9a-fA-F]{6})\b|(?P<open>\()|(?P<close>\))|(?P<opcode>[A-Za-z_][\w-]*))"
)


@dataclass(frozen=True)
class Value:
    """What a child typed or chose: number, text, menu or colour; one word, or one for each language."""

    kind: str
    words: tuple[str, ...]

    def said(self, tool: Tool, language: str) -> str:
        """Return the words in the language: a menu's as the tool says them, others as typed."""
        if len(self.words) == 3:
            return self.words[("fr", "ar", "en").index(language)]
        return tool.menu(self.words[0], language) if self.kind == "menu" else self.words[0]


@dataclass(frozen=True)
class Block:
    """One block: its opcode, its arguments in the order of the English words, what is in its mouths."""

    opcode: str
    arguments: tuple["Value | Block", ...] = ()
    mouths: tuple[tuple["Block", ...], ...] = ()


@dataclass(frozen=True)
class Program:
    tool: Tool
    scripts: tuple[tuple[Block, ...], ...]


@dataclass
class _Open:
    """A block whose mouth is being read, and the blocks that came before it."""

    opcode: str
    arguments: tuple[Value | Block, ...]
    line: int
    mouths: list[list[Block]] = field(default_factory=lambda: [[]])


def _refuse(line: int, words: str) -> ValidationError:
    return ValidationError(_("Line %(line)s: %(fault)s") % {"line": line, "fault": words}, code="notation")


def _unknown(tool: Tool, opcode: str, line: int) -> ValidationError:
    near = difflib.get_close_matches(opcode, tool.blocks, n=1)
    if near:
        words = _("there is no block “%(block)s”. Did you mean “%(near)s”?")
        return _refuse(line, words % {"block": opcode, "near": near[0]})
    return _refuse(line, _("there is no block “%(block)s”.") % {"block": opcode})


class _Line:
    """Reads the block of one line."""

    def __init__(self, tool: Tool, text: str, number: int):
        self.tool, self.text, self.number, self.at = tool, text, number, 0

    def _next(self) -> re.Match[str]:
        found = _TOKEN.match(self.text, self.at)
        if not found:
            rest = self.text[self.at :].strip()[:20]
            raise _refuse(self.number, _("“%(words)s” cannot be read.") % {"words": rest})
        self.at = found.end()
        return found

    def _done(self) -> bool:
        return not self.text[self.at :].strip()

    def block(self, *, inside: bool = False, depth: int = 0) -> Block:
        """Read an opcode and its arguments, to the end of the line or the closing bracket."""
        if depth > DEEPEST or len(self.text) > LONGEST_LINE:
            raise _refuse(self.number, _("the line is too long."))
        opcode = self._next()["opcode"]
        if opcode is None:
            raise _refuse(self.number, _("a block starts with its name."))
        if opcode not in self.tool.blocks:
            raise _unknown(self.tool, opcode, self.number)
        kind, arguments = self.tool.blocks[opcode], list[Value | Block]()
        while True:
            if self._done():
                if inside:
                    raise _refuse(self.number, _("a bracket is not closed."))
                break
            token = self._next()
            if token["close"]:
                if not inside:
                    raise _refuse(self.number, _("a bracket is closed that was not opened."))
                break
            arguments.append(self._argument(token, depth))
        wanted = len(kind.takes)
        if len(arguments) != wanted:
            words = _("“%(block)s” takes %(wanted)s values, not %(count)s.")
            raise _refuse(self.number, words % {"block": opcode, "wanted": wanted, "count": len(arguments)})
        for argument, takes in zip(arguments, kind.takes, strict=True):
            self._fits(opcode, argument, takes)
        if inside != (kind.shape in ("reporter", "condition")):
            raise _refuse(self.number, _("“%(block)s” cannot stand here.") % {"block": opcode})
        return Block(opcode, tuple(arguments))

    def _argument(self, token: re.Match[str], depth: int) -> Value | Block:
        if token["open"]:
            return self.block(inside=True, depth=depth + 1)
        for kind in ("number", "text", "menu", "colour"):
            if token[kind] is not None:
                words = (
                    tuple(word.strip() for word in token[kind].split("|"))
                    if kind != "number"
                    else (token[kind],)
                )
                empty = kind == "menu" and not all(words)
                if empty or len(words) not in (1, 3) or (len(words) == 3 and not all(words)):
                    raise _refuse(self.number, _("enter the words once, or in French | Arabic | English."))
                return Value(kind, words)
        raise _refuse(self.number, _("“%(words)s” cannot be read.") % {"words": token[0].strip()})

    def _fits(self, opcode: str, argument: Value | Block, takes: str) -> None:
        """Refuse a value of the wrong kind, such as a word where a question belongs."""
        if isinstance(argument, Block):
            shape = self.tool.blocks[argument.opcode].shape
            right = shape == "condition" if takes == "condition" else takes in ("number", "text", "menu")
        else:
            right = argument.kind in FITTING[takes]
            if takes == "lights":
                right = right and bool(LIGHTS.fullmatch(argument.words[0].replace(" ", "")))
        if not right:
            raise _refuse(self.number, _("“%(block)s” does not take such a value.") % {"block": opcode})


FITTING = {
    "number": {"number"},
    "text": {"number", "text"},
    "menu": {"menu"},
    "choice": {"menu"},
    "colour": {"colour"},
    "condition": set[str](),
    "lights": {"text"},
}


def read(text: str) -> Program:
    """Read the notation. ValidationError (notation), in the active language, names the line and the fault."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    tool = TOOLS.get(lines[0].strip())
    if tool is None:
        raise _refuse(1, _("start with %(tools)s.") % {"tools": " / ".join(TOOLS)})
    if len(lines) > MOST_LINES:
        raise _refuse(MOST_LINES + 1, _("a drawing has at most %(count)s lines.") % {"count": MOST_LINES})
    scripts: list[list[Block]] = [[]]
    opened: list[_Open] = []
    for number, line in enumerate((line.strip() for line in lines[1:]), start=2):
        here = opened[-1].mouths[-1] if opened else scripts[-1]
        if not line:
            if not opened and here:
                scripts.append([])
        elif line == "}" or re.fullmatch(r"}\s*else\s*{", line):
            if not opened:
                raise _refuse(number, _("a bracket is closed that was not opened."))
            if line == "}":
                scripts_or_mouth = opened[-2].mouths[-1] if len(opened) > 1 else scripts[-1]
                scripts_or_mouth.append(_closed(tool, opened.pop(), number))
            else:
                opened[-1].mouths.append([])
        elif line.endswith("{"):
            block = _Line(tool, line[:-1], number).block()
            opened.append(_Open(block.opcode, block.arguments, number))
        else:
            block = _Line(tool, line, number).block()
            here.append(_closed(tool, _Open(block.opcode, block.arguments, number, []), number))
    if opened:
        raise _refuse(opened[-1].line, _("“%(block)s” is not closed.") % {"block": opened[-1].opcode})
    for script in scripts:
        _check_order(tool, script, len(lines))
    whole = tuple(tuple(script) for script in scripts if script)
    if not whole:
        raise _refuse(1, _("there is no block."))
    return Program(tool, whole)


def _check_order(tool: Tool, blocks: list[Block], line: int) -> None:
    """Refuse a script that no child can build: something before its hat, or below a block without a notch."""
    for place, block in enumerate(blocks):
        shape = tool.blocks[block.opcode].shape
        is_late = place > 0 and shape in ("hat", "hat_mouth")
        is_below = place > 0 and tool.blocks[blocks[place - 1].opcode].shape in (
            "end",
            "mouth_end",
            "hat_mouth",
        )
        if is_late or is_below:
            raise _refuse(line, _("“%(block)s” cannot stand here.") % {"block": block.opcode})


def _closed(tool: Tool, opened: _Open, line: int) -> Block:
    """Return the block with its mouths; refuse one more or fewer than it has."""
    if len(opened.mouths) != tool.blocks[opened.opcode].mouths:
        words = _("“%(block)s” holds blocks in { } as many times as it has mouths: %(count)s.")
        raise _refuse(line, words % {"block": opened.opcode, "count": tool.blocks[opened.opcode].mouths})
    for mouth in opened.mouths:
        _check_order(tool, mouth, line)
    return Block(opened.opcode, opened.arguments, tuple(tuple(mouth) for mouth in opened.mouths))
