"""Small drawings of our own of what a file holds: stacked bars, as layers of a print or blocks of a program.

They are made of facts alone. No pixel of a child's file is in them.
"""

from dataclasses import dataclass
from typing import Any

from courses.code_blocks.layout import COLOURS

WIDTH, HEIGHT = 96, 64  # of the drawing
EDGE = 4
PLAIN = ("#b9c2d6", "#4a5570")  # of a group that we do not know, and of a page
INKS = {"python": COLOURS["math"], "model": COLOURS["motion"], "microbit": COLOURS["led"]}


@dataclass(frozen=True)
class Bar:
    """A rounded bar. Numbers are text, because templates write 1.5 as 1,5 in French."""

    x: str
    y: str
    width: str
    height: str
    radius: str
    fill: str
    edge: str


def bars(kind: str, facts: dict[str, Any]) -> list[Bar]:
    """Return the drawing of a file; nothing for a project without blocks."""
    if facts.get("blocks") == 0:
        return []
    drawing = facts.get("drawing") or {}
    if drawing.get("layers"):
        return _layers(drawing)
    if drawing.get("steps"):
        return _stack([(24, step[0], step[1], INKS["python"]) for step in drawing["steps"]])
    if drawing.get("bars"):
        longest = max(share for _group, share in drawing["bars"])
        return _stack([(longest, 0, share, COLOURS.get(group, PLAIN)) for group, share in drawing["bars"]])
    if kind == "picture":
        return [_framed(facts)]
    if kind.startswith("microbit"):
        return _lights()
    return _stack([(24, 0, length, PLAIN) for length in (16, 24, 24, 20)])


def _bar(x: float, y: float, width: float, height: float, colours: tuple[str, str]) -> Bar:
    radius = min(width, height, 6) / 2
    a, b, c, d, e = (f"{value:.1f}" for value in (x, y, width, height, radius))
    return Bar(a, b, c, d, e, *colours)


def _stack(rows: list[tuple[int, int, int, tuple[str, str]]]) -> list[Bar]:
    """Stack bars from above: (length of the longest, start, length, colours) each."""
    wide, step = WIDTH - 2 * EDGE, min(14.0, (HEIGHT - 2 * EDGE) / len(rows))
    top = (HEIGHT - step * len(rows)) / 2
    return [
        _bar(
            EDGE + start / whole * wide,
            top + step * row + 0.5,
            max(6.0, length / whole * wide),
            step - 1,
            colours,
        )
        for row, (whole, start, length, colours) in enumerate(rows)
    ]


def _layers(drawing: dict[str, Any]) -> list[Bar]:
    """Draw a model layer by layer, in the middle."""
    columns, rows = drawing["columns"], drawing["rows"]
    cell = min((WIDTH - 2 * EDGE) / columns, (HEIGHT - 2 * EDGE) / rows)
    left, top = (WIDTH - cell * columns) / 2, (HEIGHT - cell * rows) / 2
    return [
        _bar(left + first * cell, top + row * cell, (last - first + 1) * cell, cell * 0.86, INKS["model"])
        for row, first, last in drawing["layers"]
    ]


def _framed(facts: dict[str, Any]) -> Bar:
    """Draw the frame of a picture in its proportions."""
    wide, high = facts.get("width") or 4, facts.get("height") or 3
    scale = min((WIDTH - 2 * EDGE) / wide, (HEIGHT - 2 * EDGE) / high)
    return _bar(
        (WIDTH - wide * scale) / 2,
        (HEIGHT - high * scale) / 2,
        max(8, wide * scale),
        max(8, high * scale),
        PLAIN,
    )


def _lights() -> list[Bar]:
    """Draw the 25 lights of a micro:bit."""
    return [
        _bar(WIDTH / 2 - 25 + column * 10, HEIGHT / 2 - 25 + row * 10, 8, 8, INKS["microbit"])
        for row in range(5)
        for column in range(5)
    ]
