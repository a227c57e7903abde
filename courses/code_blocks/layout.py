"""Lay blocks out as shapes and words, in pixels; x runs from the start edge, so Arabic is the mirror image.

Shapes mirror as Scratch itself mirrors them; words, numbers and the green flag never do. Colours are light
with dark words: Scratch's own, with white words, do not reach a contrast of 4.5. Pure functions.
"""

from dataclasses import dataclass, field
from pathlib import Path

from courses.code_blocks.notation import Block, Program, Value
from courses.code_blocks.words import Tool
from courses.pages.lettering import face

SIZE = 15.0  # of the words
GAP, PAD, NARROW = 7.0, 12.0, 16.0  # between pieces, at the ends of a block, of a mouth's arm
HIGH, FIELD, MOUTH = 42.0, 28.0, 30.0  # the least a block, a field, an empty mouth is high
NOTCH = 7.0
INK, PAPER = "#16213a", "#ffffff"

PLAIN = {"data_variable", "variables_get"}  # a variable is an oval with its name

# group: (fill, edge)
COLOURS = {
    "motion": ("#8fb8ff", "#3f6fc4"),
    "looks": ("#cdb5ff", "#7a55c7"),
    "sound": ("#e6a8e6", "#a14fa1"),
    "event": ("#ffd966", "#b08a00"),
    "control": ("#ffc266", "#b3750f"),
    "sensing": ("#8fd0ec", "#2f84a8"),
    "operator": ("#8cd98c", "#2f8f2f"),
    "data": ("#ffae66", "#b8651a"),
    "list": ("#ff9f80", "#b34f2b"),
    "own": ("#ff9db0", "#b8435c"),
    "pen": ("#5fe0bd", "#128a6b"),
    "basic": ("#8cc5ff", "#2a6fb0"),
    "input": ("#eeaaf0", "#9a4b9c"),
    "music": ("#ffa899", "#b3493a"),
    "led": ("#c3a8f0", "#6a45a6"),
    "radio": ("#ff9ecb", "#b3447c"),
    "pins": ("#f0a3a3", "#a84848"),
    "loops": ("#8fdb9a", "#2f8f3f"),
    "logic": ("#7fd6d8", "#1f8a8c"),
    "variables": ("#ff9f9f", "#b34747"),
    "math": ("#d3a5ee", "#8646ab"),
}

Step = tuple[str, tuple[float, ...]]


@dataclass(frozen=True)
class Shape:
    """A closed outline: M, L and Q steps; x from the start edge."""

    steps: tuple[Step, ...]
    fill: str
    edge: str


@dataclass(frozen=True)
class Label:
    """A word: x of its start edge, y of its baseline, its width."""

    text: str
    x: float
    y: float
    width: float
    language: str


@dataclass(frozen=True)
class Sign:
    """A drawn sign of 22 × 22: flag, turn-right, turn-left."""

    name: str
    x: float
    y: float


@dataclass
class Drawing:
    """Everything of one picture. The painter mirrors x when `rtl`."""

    rtl: bool
    width: float = 0
    height: float = 0
    parts: list[Shape | Label | Sign] = field(default_factory=list)


@dataclass
class _Piece:
    """Something laid out at (0, 0): its size, and how to put it elsewhere."""

    width: float
    height: float
    parts: list[Shape | Label | Sign]

    def at(self, x: float, y: float) -> list[Shape | Label | Sign]:
        return [_moved(part, x, y) for part in self.parts]


def _moved(part: Shape | Label | Sign, x: float, y: float) -> Shape | Label | Sign:
    if isinstance(part, Shape):
        steps = tuple(
            (name, tuple(value + (y if odd % 2 else x) for odd, value in enumerate(values)))
            for name, values in part.steps
        )
        return Shape(steps, part.fill, part.edge)
    if isinstance(part, Label):
        return Label(part.text, part.x + x, part.y + y, part.width, part.language)
    return Sign(part.name, part.x + x, part.y + y)


def _outline(points: list[tuple[float, float]]) -> tuple[Step, ...]:
    return tuple(("L" if index else "M", point) for index, point in enumerate(points))


def _rounded(width: float, height: float, radius: float) -> tuple[Step, ...]:
    r, w, h = radius, width, height
    return (
        ("M", (r, 0)),
        ("L", (w - r, 0)),
        ("Q", (w, 0, w, r)),
        ("L", (w, h - r)),
        ("Q", (w, h, w - r, h)),
        ("L", (r, h)),
        ("Q", (0, h, 0, h - r)),
        ("L", (0, r)),
        ("Q", (0, 0, r, 0)),
    )


def _pointed(width: float, height: float) -> tuple[Step, ...]:
    half = height / 2
    return _outline(
        [(half, 0), (width - half, 0), (width, half), (width - half, height), (half, height), (0, half)]
    )


def _dent(x: float, y: float, *, back: bool = False) -> list[tuple[float, float]]:
    """Return the notch that joins two blocks, from the start edge, or back towards it."""
    points = [(x + 14, y), (x + 20, y + NOTCH), (x + 34, y + NOTCH), (x + 40, y)]
    return points[::-1] if back else points


class Layout:
    """Lays blocks out with the words of one language and the widths of one font (None: a guess)."""

    def __init__(self, tool: Tool, language: str, font: Path | None):
        self.tool, self.language = tool, language
        self.face = face(font) if font else None

    def measure(self, text: str) -> float:
        return self.face.width(text, SIZE) if self.face else len(text) * SIZE * 0.56

    def words(self, text: str, language: str) -> _Piece:
        width = self.measure(text)
        return _Piece(width, FIELD, [Label(text, 0, FIELD / 2 + SIZE * 0.36, width, language)])

    def value(self, value: Value, takes: str, group: str) -> _Piece:
        """Lay out a field: round for numbers, words, menus; square for names; a dot of colour; lights."""
        if takes == "lights":
            return self.lights(value)
        fill, edge = COLOURS[group]
        if value.kind == "colour":
            return _Piece(FIELD, FIELD, [Shape(_rounded(FIELD, FIELD, FIELD / 2), value.words[0], edge)])
        inside = self.words(value.said(self.tool, self.language), self.language)
        is_menu = value.kind == "menu"
        arrow = 16.0 if is_menu else 0
        width = max(inside.width + 20 + arrow, FIELD + 8)
        radius = 5 if takes == "choice" else FIELD / 2
        parts: list[Shape | Label | Sign] = [
            Shape(_rounded(width, FIELD, radius), fill if is_menu else PAPER, edge)
        ]
        parts += inside.at((width - inside.width - arrow) / 2, 0)
        if is_menu:
            x, y = width - 20, FIELD / 2 - 2
            parts.append(Shape(_outline([(x, y), (x + 10, y), (x + 5, y + 6)]), edge, edge))
        return _Piece(width, FIELD, parts)

    def lights(self, value: Value) -> _Piece:
        """Draw the 25 lights of a micro:bit: five rows of # and . parted by /."""
        rows = value.words[0].replace(" ", "").split("/")
        parts: list[Shape | Label | Sign] = [Shape(_rounded(116, 116, 8), "#16213a", "#16213a")]
        for row in range(5):
            for column in range(5):
                lit = row < len(rows) and column < len(rows[row]) and rows[row][column] == "#"
                dot = _Piece(14, 14, [Shape(_rounded(14, 14, 3), "#ff5a4d" if lit else "#3b4663", "#16213a")])
                # What stands left on the device stands left here, in Arabic too.
                across = 4 - column if self.language == "ar" else column
                parts += dot.at(9 + across * 21, 9 + row * 21)
        return _Piece(116, 116, parts)

    def line(self, block: Block) -> _Piece:
        """Lay out a block's words and fields in a row, in the order of the language."""
        kind = self.tool.blocks[block.opcode]
        said_in = "en" if kind.is_foreign(self.language) else self.language
        pieces = []
        for piece in kind.pieces(self.language):
            if isinstance(piece, str):
                pieces.append(self.words(piece, said_in))
            elif piece < 0:
                pieces.append(_Piece(22, FIELD, [Sign(kind.icon, 0, (FIELD - 22) / 2)]))
            else:
                argument = block.arguments[piece]
                pieces.append(
                    self.reporter(argument)
                    if isinstance(argument, Block)
                    else self.value(argument, kind.takes[piece], kind.group)
                )
        # English words inside an Arabic drawing keep their own order.
        return _row(pieces[::-1] if self.language == "ar" and said_in == "en" else pieces)

    def reporter(self, block: Block) -> _Piece:
        kind = self.tool.blocks[block.opcode]
        value = block.arguments[0] if block.opcode in PLAIN else None
        if isinstance(value, Value):
            inside = self.words(value.said(self.tool, self.language), self.language)
        else:
            inside = self.line(block)
        height = inside.height + 6
        side = height / 2 if kind.shape == "condition" else 11.0
        width = inside.width + 2 * side
        outline = (
            _pointed(width, height) if kind.shape == "condition" else _rounded(width, height, height / 2)
        )
        return _Piece(width, height, [Shape(outline, *COLOURS[kind.group]), *inside.at(side, 3)])

    def block(self, block: Block) -> _Piece:
        """Lay out a block of a script, with what is in its mouths."""
        kind, head = self.tool.blocks[block.opcode], self.line(block)
        top = max(HIGH, head.height + 12)
        width = max(head.width + 2 * PAD, 96.0)
        mouths = [self.script(mouth) for mouth in block.mouths]
        between = self.words(self.tool.word("else", self.language), self._else_language())
        edges, y, parts = [], top, head.at(PAD, (top - head.height) / 2)
        for index, mouth in enumerate(mouths):
            room = max(mouth.height, MOUTH)
            edges.append((y, y + room))
            parts += mouth.at(NARROW, y)
            y += room
            if index + 1 < len(mouths):
                parts += between.at(PAD, y + 4)
                y += FIELD + 8
            else:
                y += 16
        shape = Shape(_silhouette(kind.shape, width, y, edges), *COLOURS[kind.group])
        inner = max((mouth.width + NARROW for mouth in mouths), default=0)
        return _Piece(max(width, inner), y, [shape, *parts])

    def _else_language(self) -> str:
        return self.language if self.language in self.tool.words["else"] else "en"

    def script(self, blocks: tuple[Block, ...]) -> _Piece:
        """Stack blocks from top to bottom."""
        parts: list[Shape | Label | Sign] = []
        width = y = 0.0
        for block in blocks:
            piece = self.block(block)
            parts = [*piece.at(0, y), *parts]  # a block's notch lies over the one below it
            width, y = max(width, piece.width), y + piece.height
        return _Piece(width, y, parts)


def _row(pieces: list[_Piece]) -> _Piece:
    height, x = max((piece.height for piece in pieces), default=FIELD), 0.0
    parts: list[Shape | Label | Sign] = []
    for piece in pieces:
        parts += piece.at(x, (height - piece.height) / 2)
        x += piece.width + GAP
    return _Piece(max(x - GAP, 0), height, parts)


def _silhouette(
    shape: str, width: float, height: float, mouths: list[tuple[float, float]]
) -> tuple[Step, ...]:
    """Return a block's outline: a notch above unless it begins a script, below unless it ends one."""
    begins, ends = shape in ("hat", "hat_mouth"), shape in ("end", "mouth_end", "hat_mouth")
    points: list[tuple[float, float]] = [(0, 0)]
    if not begins:
        points += _dent(0, 0)
    points += [(width, 0)]
    for top, bottom in mouths:
        points += [
            (width, top),
            *_dent(NARROW, top, back=True),
            (NARROW, top),
            (NARROW, bottom),
            (width, bottom),
        ]
    points += [(width, height)]
    if not ends:
        points += _dent(0, height, back=True)
    points += [(0, height)]
    steps = list(_outline(points))
    if begins:
        steps[1:1] = [("Q", (30, -16, 78, 0))]
    return tuple(steps)


def lay_out(program: Program, language: str, font: Path | None) -> Drawing:
    """Return the drawing of all scripts, one below the other."""
    layout, drawing, y = Layout(program.tool, language, font), Drawing(rtl=language == "ar"), 12.0
    for script in program.scripts:
        piece = layout.script(script)
        drawing.parts += piece.at(2, y)
        drawing.width = max(drawing.width, piece.width + 4)
        y += piece.height + 24
    drawing.height = y - 24 + NOTCH + 3
    return drawing
