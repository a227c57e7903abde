"""The letters of Tifinagh as strokes, for paper: no package of the registry brings a font with them.

The 31 letters that IRCAM set in 2003 and schools teach, and the labial mark; Tuareg letters are not drawn. A
stroke is a line, a ring, an arc or a dot on a field 700 units high, widened to a contour here.
"""

from math import cos, hypot, pi, radians, sin
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

UNITS, HEIGHT, SIDE = 1000, 700, 55
WIDTHS = {400: 78, 700: 128}  # of the stroke, by weight
BIG, X = ("ring", 335, 350, 315), [("line", 40, 0, 460, 700), ("line", 460, 0, 40, 700)]
LEFT, TOP, FOOT = ("line", 40, 0, 40, 700), ("line", 40, 660, 420, 660), ("line", 40, 40, 420, 40)
ZED = [("line", 255, 0, 255, 700), ("arc", 255, 700, 210, 180, 360), ("arc", 255, 0, 210, 0, 180)]

STROKES: dict[str, list[tuple[Any, ...]]] = {  # a kind, then its numbers
    "ⴰ": [("ring", 215, 215, 185)],
    "ⴱ": [BIG, ("line", 20, 350, 650, 350)],
    "ⴳ": [*X, ("line", 40, 660, 460, 660)],
    "ⴷ": [("line", 30, 0, 265, 700), ("line", 265, 700, 500, 0)],
    "ⴹ": [LEFT, TOP, FOOT, ("line", 40, 350, 380, 350)],
    "ⴻ": [("ring", 190, 570, 120), ("ring", 190, 130, 120), ("line", 50, 350, 330, 350)],
    "ⴼ": [
        ("line", 160, 0, 160, 700), ("line", 340, 0, 340, 700), ("line", 160, 350, 340, 350),
        ("line", 20, 660, 160, 660), ("line", 20, 40, 160, 40),
        ("line", 340, 660, 480, 660), ("line", 340, 40, 480, 40),
    ],
    "ⴽ": [LEFT, TOP, ("line", 420, 680, 40, 60), ("line", 215, 345, 440, 0)],
    "ⵀ": [BIG, ("line", 335, 35, 335, 665)],
    "ⵃ": [("line", 30, 0, 400, 700), ("line", 215, 350, 440, 0)],
    "ⵄ": [
        ("line", 250, 700, 250, 380), ("line", 40, 380, 460, 380), ("line", 40, 380, 40, 0),
        ("line", 460, 380, 460, 0),
    ],
    "ⵅ": [*X, ("line", 250, 350, 250, 700)],
    "ⵇ": [LEFT, TOP, FOOT, ("line", 420, 660, 40, 40)],
    "ⵉ": [TOP, FOOT, ("line", 40, 660, 270, 350), ("line", 270, 350, 40, 40)],
    "ⵊ": [("line", 190, 0, 190, 700), ("line", 40, 660, 340, 660), ("line", 40, 40, 340, 40)],
    "ⵍ": [LEFT, ("line", 420, 0, 420, 700), ("line", 40, 20, 420, 680)],
    "ⵎ": [LEFT, TOP, FOOT],
    "ⵏ": [LEFT],
    "ⵓ": [("ring", 190, 530, 140), ("ring", 190, 170, 140)],
    "ⵔ": [BIG],
    "ⵕ": [BIG, ("line", 360, 320, 640, -30)],
    "ⵖ": [
        ("line", 250, 0, 250, 320), ("line", 40, 320, 460, 320), ("line", 40, 320, 40, 700),
        ("line", 460, 320, 460, 700),
    ],
    "ⵙ": [BIG, ("dot", 335, 350)],
    "ⵚ": [BIG, ("line", 335, 350, 620, 730)],
    "ⵛ": [("arc", 340, 350, 315, 65, 295), ("ring", 430, 555, 95), ("ring", 430, 145, 95)],
    "ⵜ": [("line", 230, 40, 230, 660), ("line", 20, 350, 440, 350)],
    "ⵟ": [LEFT, TOP, FOOT, ("line", 40, 350, 400, 350), ("line", 250, 215, 250, 485)],
    "ⵡ": [LEFT, ("line", 420, 0, 420, 700), FOOT],
    "ⵢ": [TOP, ("line", 40, 660, 290, 350), ("line", 290, 350, 40, 0)],
    "ⵣ": ZED,
    "ⵥ": [*ZED, ("line", 40, 350, 470, 350)],
    "ⵯ": [("line", 40, 540, 40, 700), ("line", 240, 540, 240, 700), ("line", 40, 560, 240, 560)],
}  # fmt: skip
CODEPOINTS = sorted(map(ord, STROKES))


def _polygon(pen: TTGlyphPen, points: list[tuple[float, float]]) -> None:
    """Draw a closed contour clockwise, whichever way the points run: overlapping strokes then add up."""
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))
    points = points if area < 0 else points[::-1]
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


def _line(pen: TTGlyphPen, stroke: float, x1: float, y1: float, x2: float, y2: float) -> None:
    long = hypot(x2 - x1, y2 - y1)
    across = ((y1 - y2) / long * stroke / 2, (x2 - x1) / long * stroke / 2)
    _polygon(
        pen,
        [
            (x1 + across[0], y1 + across[1]), (x2 + across[0], y2 + across[1]),
            (x2 - across[0], y2 - across[1]), (x1 - across[0], y1 - across[1]),
        ],
    )  # fmt: skip


def _round(pen: TTGlyphPen, x: float, y: float, radius: float, *, hole: bool = False) -> None:
    """Draw a circle of eight curves; a hole runs the other way."""
    reach = radius / cos(pi / 8)
    points = [(x + reach * cos(n * pi / 4), y - reach * sin(n * pi / 4)) for n in range(8)]
    pen.qCurveTo(*(points[::-1] if hole else points), None)
    pen.closePath()


def _arc(pen: TTGlyphPen, stroke: float, x: float, y: float, radius: float, first: int, last: int) -> None:
    turns = [radians(first + (last - first) * step / 24) for step in range(25)]
    outer = [(x + (radius + stroke / 2) * cos(turn), y + (radius + stroke / 2) * sin(turn)) for turn in turns]
    inner = [(x + (radius - stroke / 2) * cos(turn), y + (radius - stroke / 2) * sin(turn)) for turn in turns]
    _polygon(pen, [*outer, *inner[::-1]])


def _glyph(strokes: list[tuple[Any, ...]], stroke: float) -> tuple[Any, int]:
    """Return the glyph and its advance: the strokes with the same space at both sides."""
    pen = TTGlyphPen(None)
    for kind, *at in strokes:
        if kind == "line":
            _line(pen, stroke, *at)
        elif kind == "arc":
            _arc(pen, stroke, *at)
        elif kind == "dot":
            _round(pen, at[0], at[1], stroke * 0.75)
        else:
            x, y, radius = at
            _round(pen, x, y, radius + stroke / 2)
            _round(pen, x, y, radius - stroke / 2, hole=True)
    glyph = pen.glyph(round=round)
    glyph.recalcBounds(None)
    shift = SIDE - glyph.xMin
    glyph.coordinates.translate((shift, 0))
    glyph.recalcBounds(None)
    return glyph, glyph.xMax + SIDE


def write(path: Path, weight: int) -> None:
    """Write the font of that weight as TrueType."""
    names = {sign: f"uni{ord(sign):04X}" for sign in STROKES}
    blank = TTGlyphPen(None).glyph()
    glyphs, metrics = {".notdef": blank, "space": blank}, {".notdef": (500, 0), "space": (260, 0)}
    for sign, strokes in STROKES.items():
        glyphs[names[sign]], advance = _glyph(strokes, WIDTHS[weight])
        metrics[names[sign]] = (advance, SIDE)
    style = "Bold" if weight >= 700 else "Regular"
    font = FontBuilder(UNITS, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap({0x20: "space"} | {ord(sign): name for sign, name in names.items()})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(metrics)
    font.setupHorizontalHeader(ascent=935, descent=-250)
    font.setupNameTable({"familyName": "Active Labs Tifinagh", "styleName": style})
    font.setupOS2(sTypoAscender=935, sTypoDescender=-250, usWeightClass=weight)
    font.setupPost()
    font.font["head"].created = font.font["head"].modified = 3_786_912_000  # the same bytes each time
    font.font.recalcTimestamp = False
    font.save(path)
