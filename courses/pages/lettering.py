"""Draw text on images.

Text is shaped with HarfBuzz and drawn as outlines, so Arabic letters join correctly on any system. Pure
functions.

A line is broken into runs: Arabic reads right to left, Latin words and numbers inside it left to right.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import uharfbuzz as hb
from PIL import Image, ImageDraw

SMOOTH = 3  # drawn this much larger, then downscaled
_ARABIC = re.compile("[\u0600-\u06ff]")


class Face:
    """One font file, measured and drawn in pixels."""

    def __init__(self, path: Path):
        self.font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
        self.units: int = self.font.face.upem

    def shape(self, text: str, *, rtl: bool) -> list[tuple[int, float, float, float]]:
        """Return glyph, advance and offsets, in visual order from left to right, in font units."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if rtl else "ltr"
        hb.shape(self.font, buffer)
        pairs = zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        return [(info.codepoint, pos.x_advance, pos.x_offset, pos.y_offset) for info, pos in pairs]

    def line(self, text: str) -> list[tuple[int, float, float, float]]:
        """Lay out a whole line in visual order; its direction is that of its first Arabic letter, if any."""
        rtl = bool(_ARABIC.search(text))
        runs: list[tuple[bool, list[str]]] = []
        for word in text.split():
            word_rtl = bool(_ARABIC.search(word)) if rtl else False
            if runs and runs[-1][0] == word_rtl:
                runs[-1][1].append(word)
            else:
                runs.append((word_rtl, [word]))
        space = self.shape(" ", rtl=False)
        glyphs: list[tuple[int, float, float, float]] = []
        for word_rtl, words in reversed(runs) if rtl else runs:
            glyphs += [*(space if glyphs else []), *self.shape(" ".join(words), rtl=word_rtl)]
        return glyphs

    def width(self, text: str, size: float) -> float:
        units: float = sum(advance for _glyph, advance, _x, _y in self.line(text))
        return units * size / self.units

    def outlines(self, glyph: int) -> list[list[tuple[float, float]]]:
        """Return a glyph's contours as closed polygons, curves flattened; font units, y upwards."""
        contours: list[list[tuple[float, float]]] = []

        def move(x: float, y: float, _data: Any) -> None:
            contours.append([(x, y)])

        def straight(x: float, y: float, _data: Any) -> None:
            contours[-1].append((x, y))

        def bend(cx: float, cy: float, x: float, y: float, _data: Any) -> None:
            x0, y0 = contours[-1][-1]
            for step in range(1, 9):
                t = step / 8
                u = 1 - t
                contours[-1].append(
                    (u * u * x0 + 2 * u * t * cx + t * t * x, u * u * y0 + 2 * u * t * cy + t * t * y)
                )

        pen = hb.DrawFuncs()
        pen.set_move_to_func(move)
        pen.set_line_to_func(straight)
        pen.set_quadratic_to_func(bend)
        self.font.draw_glyph(glyph, pen)
        return [contour for contour in contours if len(contour) > 2]


@lru_cache(maxsize=4)
def face(path: Path) -> Face:
    return Face(path)


def _area(contour: list[tuple[float, float]]) -> float:
    """Return twice the signed area: negative for TrueType's outer contours, positive for holes."""
    return sum(
        x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(contour, [*contour[1:], contour[0]], strict=True)
    )


def draw(
    picture: Image.Image,
    text: str,
    *,
    at: tuple[float, float],
    size: float,
    colour: str,
    font: Path,
    end: bool = False,
) -> None:
    """Draw one line with its baseline at `at`: from there to the right, or ending there (`end`)."""
    letters = face(font)
    scale = size / letters.units * SMOOTH
    mask = Image.new("L", (picture.width * SMOOTH, int(size * 2.2) * SMOOTH))
    pen, base = ImageDraw.Draw(mask), size * 1.5 * SMOOTH
    x = (at[0] - (letters.width(text, size) if end else 0)) * SMOOTH
    for glyph, advance, x_offset, y_offset in letters.line(text):
        contours = [
            [(x + (px + x_offset) * scale, base - (py + y_offset) * scale) for px, py in contour]
            for contour in letters.outlines(glyph)
        ]
        # On screen, y points down, so outer contours have the opposite direction.
        for hole in (False, True):
            for contour in contours:
                if (_area(contour) < 0) == hole:
                    pen.polygon(contour, fill=0 if hole else 255)
        x += advance * scale
    mask = mask.resize((picture.width, mask.height // SMOOTH), Image.Resampling.LANCZOS)
    picture.paste(Image.new("RGB", mask.size, colour), (0, round(at[1] - size * 1.5)), mask)


def wrap(text: str, *, size: float, width: float, font: Path) -> list[str]:
    """Break text into lines no wider than this."""
    letters, lines = face(font), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters.width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
