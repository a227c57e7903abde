"""The badge of a track: an eight-pointed star with a drawing of our own, as outlines to colour.

One description, drawn as SVG for the screen and as PDF for paper; the certificate carries it in colour.
Each track has one badge: it says no rank and no level. Coordinates are in a box of 100 × 100.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import cos, pi, sin
from typing import TYPE_CHECKING, Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from courses.models import Track
from enrollments.printing.typesetting import Sheet, in_order, printable

if TYPE_CHECKING:
    from fpdf import FPDF  # 30 MB that a page with a badge does not need

INK = "#16213a"
SAND, WHITE = "#fbf9f4", "#ffffff"
SAFFRON, CORAL, MINT, BLUE = "#f5b324", "#e2583e", "#2bb68d", "#5b86ff"  # of the academy's mark
BOX = 100
OUTER, INNER = 48.0, 48.0 * cos(pi / 4) / cos(pi / 8)


@dataclass(frozen=True)
class Outline:
    """One shape. `numbers`: x, y, width, height, radius of a bar; x, y, radius of a disc; x, y, x, y… of a
    line or an area.
    """

    kind: Literal["bar", "disc", "line", "area"]
    numbers: tuple[float, ...]
    fill: str = WHITE  # on the certificate; the badge to colour is white


def _star() -> Outline:
    points: list[float] = []
    for step in range(16):
        angle = step * pi / 8 - pi / 2
        far = OUTER if step % 2 == 0 else INNER
        points += [round(50 + far * cos(angle), 2), round(50 + far * sin(angle), 2)]
    return Outline("area", tuple(points), SAFFRON)


FRAME = (_star(), Outline("disc", (50, 50, 32.5), WHITE))
BLOCKS = (
    Outline("bar", (32, 28, 30, 10, 5), SAFFRON),
    Outline("bar", (32, 39.5, 40, 10, 3), BLUE),
    Outline("bar", (32, 51, 8, 20, 3), CORAL),
    Outline("bar", (42, 51, 26, 9, 3), MINT),
    Outline("bar", (42, 62, 20, 9, 3), BLUE),
    Outline("area", (65, 62.5, 73, 66.5, 65, 70.5), SAFFRON),
)
ROBOT = (
    Outline("line", (50, 33, 50, 26)),
    Outline("disc", (50, 24.5, 2.6), CORAL),
    Outline("bar", (29.5, 41, 4.5, 9, 2), SAFFRON),
    Outline("bar", (66, 41, 4.5, 9, 2), SAFFRON),
    Outline("bar", (34, 33, 32, 25, 6), BLUE),
    Outline("disc", (43, 43, 4.2), WHITE),
    Outline("disc", (57, 43, 4.2), WHITE),
    Outline("disc", (43, 43, 1.3), INK),
    Outline("disc", (57, 43, 1.3), INK),
    Outline("line", (42, 52, 46, 54, 54, 54, 58, 52)),
    Outline("bar", (40, 58, 20, 9, 2), MINT),
    Outline("disc", (38, 70, 5), SAFFRON),
    Outline("disc", (62, 70, 5), SAFFRON),
    Outline("disc", (38, 70, 1.6), WHITE),
    Outline("disc", (62, 70, 1.6), WHITE),
)
PRINTER = (
    Outline("bar", (30, 27, 40, 5.5, 2.7), BLUE),
    Outline("line", (33, 32.5, 33, 68.5)),
    Outline("line", (67, 32.5, 67, 68.5)),
    Outline("bar", (45, 30, 12, 8, 2), CORAL),
    Outline("area", (47.5, 38, 54.5, 38, 51, 43.5), SAFFRON),
    Outline("bar", (44, 46, 14, 5.5, 2.7), SAFFRON),
    Outline("bar", (40, 51.5, 22, 5.5, 2.7), CORAL),
    Outline("bar", (42, 57, 18, 5.5, 2.7), MINT),
    Outline("bar", (37, 62.5, 27, 5.5, 2.7), BLUE),
    Outline("bar", (29, 68.5, 42, 5, 2.4), MINT),
)
LAYERS = (
    Outline("bar", (43, 30, 18, 9, 4.5), SAFFRON),
    Outline("bar", (34, 41, 24, 9, 4.5), CORAL),
    Outline("bar", (39, 52, 31, 9, 4.5), MINT),
    Outline("bar", (30, 63, 40, 9, 4.5), BLUE),
)
EMBLEMS = {"CODE": BLOCKS, "ROBOT": ROBOT, "PRINT": PRINTER}


def shapes(track_code: str) -> tuple[Outline, ...]:
    """Return the badge of a track; the stacked bars of the academy for a track without an emblem."""
    return (*FRAME, *EMBLEMS.get(track_code, LAYERS))


def svg(track_code: str, label: str, *, coloured: bool = False) -> SafeString:
    """Return the badge as an SVG element with a text alternative; outlines only unless coloured."""
    drawn = format_html_join("\n", "{}", ((_element(shape, coloured),) for shape in shapes(track_code)))
    return format_html(
        '<svg class="badge" viewBox="0 0 {} {}" role="img" aria-label="{}" stroke="{}" stroke-width="{}"'
        ' stroke-linejoin="round" stroke-linecap="round">{}</svg>',
        BOX, BOX, label, INK, "1" if coloured else "0.8", drawn,
    )  # fmt: skip


def _element(shape: Outline, coloured: bool) -> SafeString:
    fill = shape.fill if coloured or shape.fill == INK else WHITE
    if shape.kind == "bar":
        return format_html(
            '<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}"/>', *shape.numbers, fill
        )
    if shape.kind == "disc":
        return format_html('<circle cx="{}" cy="{}" r="{}" fill="{}"/>', *shape.numbers, fill)
    points = " ".join(f"{x},{y}" for x, y in pairs(shape.numbers))
    if shape.kind == "line":
        return format_html('<polyline points="{}" fill="none"/>', points)
    return format_html('<polygon points="{}" fill="{}"/>', points, fill)


def pairs(numbers: tuple[float, ...]) -> Iterator[tuple[float, float]]:
    """Return x and y of each point."""
    return zip(numbers[::2], numbers[1::2], strict=True)


def bar(paper: "FPDF", x: float, y: float, width: float, height: float, radius: float | None = None) -> None:
    """Draw a rounded bar in the colours set, in millimetres; without a radius its ends are half discs.

    fpdf2 2.8.9 divides a radius of half the shorter side and above by that side: it must stay below.
    """
    most = 0.499 * min(width, height)
    radius = most if radius is None else min(radius, most)
    paper.rect(x, y, width, height, style="DF", round_corners=True, corner_radius=radius)


def draw(paper: "FPDF", track_code: str, *, left: float, top: float, side: float, coloured: bool) -> None:
    """Draw the badge into a square of the page; `left`, `top`, `side` in millimetres."""
    scale = side / BOX
    paper.set_draw_color(INK)
    paper.set_line_width(scale * (1 if coloured else 0.7))
    for shape in shapes(track_code):
        paper.set_fill_color(shape.fill if coloured or shape.fill == INK else WHITE)
        if shape.kind == "bar":
            x, y, width, height, radius = (number * scale for number in shape.numbers)
            bar(paper, left + x, top + y, width, height, radius)
        elif shape.kind == "disc":
            x, y, radius = shape.numbers
            paper.circle(left + x * scale, top + y * scale, radius * scale, style="DF")
        else:
            points = [(left + x * scale, top + y * scale) for x, y in pairs(shape.numbers)]
            if shape.kind == "area":
                paper.polygon(points, style="DF")
            else:
                paper.polyline(points)


def badge_pdf(track: Track, *, language: str, made_at: datetime) -> bytes:
    """Return the badge on A4 to print and colour, with the track's name in the active language."""
    from enrollments.printing.paper import Paper  # loads fpdf2, which no page needs

    paper = Paper(language, made_at)
    name = printable(track.name)
    paper.add_letters([Sheet(name)])
    paper.set_title(name)
    paper.add_page()
    side = 160.0
    draw(paper, track.code, left=(paper.w - side) / 2, top=32, side=side, coloured=False)
    paper.set_xy(paper.l_margin, 205)
    paper.set_font("Rubik", "B", 30)
    paper.cell(0, 16, in_order(name, rtl=paper.is_rtl), align="C", new_x="LMARGIN", new_y="NEXT")
    belt(paper, left=35, top=232, width=paper.w - 70, coloured=False)
    return bytes(paper.output())


def belt(paper: "FPDF", *, left: float, top: float, width: float, coloured: bool, rows: int = 2) -> None:
    """Draw a belt of layers: one or two rows of rounded bars."""
    parts = ((5, 3, 4, 2), (3, 4, 2, 5))[:rows]
    colours = (SAFFRON, CORAL, MINT, BLUE)
    height, gap = (7.0, 2.5) if rows > 1 else (4.0, 1.5)
    paper.set_draw_color(INK)
    paper.set_line_width(0.8 if rows > 1 else 0.4)
    for row, lengths in enumerate(parts):
        unit = (width - gap * (len(lengths) - 1)) / sum(lengths)
        x = left
        for number, length in enumerate(lengths):
            paper.set_fill_color(colours[(number + row) % 4] if coloured else WHITE)
            bar(paper, x, top + row * (height + gap), unit * length, height)
            x += unit * length + gap
    paper.set_draw_color(0)
    paper.set_fill_color(255)
    paper.set_line_width(0.2)
