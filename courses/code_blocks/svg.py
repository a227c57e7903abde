"""Paint a drawing of blocks as SVG, and say it as text. Attributes only: the policy allows no style."""

import re
from html import escape
from pathlib import Path

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from courses.code_blocks.layout import INK, SIZE, Drawing, Label, Shape, Sign, lay_out
from courses.code_blocks.notation import Block, Program
from courses.code_blocks.words import ICON_WORDS, Tool

ARABIC = re.compile("[\u0600-\u06ff]")

# In a box of 22, never mirrored but for the turns, which keep their sense of rotation.
_TURN = '<path d="{}" fill="none" stroke="#16213a" stroke-width="2.5"/>'
SIGNS = {
    "flag": (
        '<path d="M5 20V3c4-2.5 8 2.5 13 0v10c-5 2.5-9-2.5-13 0" fill="#2f9e44" stroke="#1b5e2a" '
        'stroke-width="1.5"/>'
    ),
    "turn-right": _TURN.format("M5 17a7.5 7.5 0 1 1 11.5-2M19 9.5l-2.2 6-5.6-2.8"),
    "turn-left": _TURN.format("M17 17A7.5 7.5 0 1 0 5.5 15M3 9.5l2.2 6 5.6-2.8"),
}


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


class _Painter:
    def __init__(self, drawing: Drawing):
        self.drawing = drawing

    def x(self, x: float) -> float:
        return self.drawing.width - x if self.drawing.rtl else x

    def paint(self, part: Shape | Label | Sign) -> str:
        if isinstance(part, Shape):
            path = "".join(
                name + " ".join(_number(v if odd % 2 else self.x(v)) for odd, v in enumerate(values))
                for name, values in part.steps
            )
            return f'<path d="{path}Z" fill="{part.fill}" stroke="{part.edge}"/>'
        if isinstance(part, Label):
            middle = self.x(part.x + part.width / 2)
            # Numbers and Latin words keep their direction; a lone sign, such as <, is mirrored.
            is_arabic = bool(ARABIC.search(part.text))
            is_latin = not is_arabic and any(mark.isalnum() for mark in part.text)
            turned = is_latin if self.drawing.rtl else is_arabic
            marks = f' direction="{"ltr" if is_latin else "rtl"}"' if turned else ""
            marks += f' lang="{part.language}"' if self.drawing.rtl and part.language != "ar" else ""
            return f'<text x="{_number(middle)}" y="{_number(part.y)}"{marks}>{escape(part.text)}</text>'
        left = self.x(part.x + 22) if self.drawing.rtl else part.x
        return f'<g transform="translate({_number(left)} {_number(part.y)})">{SIGNS[part.name]}</g>'


def drawn(program: Program, language: str, font: Path | None) -> SafeString:
    """Return the SVG in the language; hidden from screen readers, which read `said` beside it."""
    drawing = lay_out(program, language, font)
    painter = _Painter(drawing)
    inside = "".join(painter.paint(part) for part in drawing.parts)
    width, height = _number(drawing.width), _number(drawing.height)
    # The words are escaped above; all else is ours.
    return mark_safe(
        f'<svg class="code-blocks" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-hidden="true" focusable="false" font-size="{_number(SIZE)}" font-weight="500" '
        f'text-anchor="middle" fill="{INK}">{inside}</svg>'
    )


def sentence(tool: Tool, block: Block, language: str) -> str:
    """Return one block in words: "repeat 4 times"."""
    kind, said = tool.blocks[block.opcode], []
    for piece in kind.pieces(language):
        if isinstance(piece, str):
            said.append(piece)
        elif piece < 0:
            said.append(ICON_WORDS[kind.icon][language])
        else:
            argument = block.arguments[piece]
            said.append(
                f"({sentence(tool, argument, language)})"
                if isinstance(argument, Block)
                else argument.said(tool, language)
            )
    return " ".join(said)


def _listed(tool: Tool, blocks: tuple[Block, ...], language: str) -> SafeString:
    rows = []
    for block in blocks:
        inside = mark_safe("")
        for index, mouth in enumerate(block.mouths):
            if index:
                inside += format_html("<span>{}</span>", tool.word("else", language))
            inside += _listed(tool, mouth, language)
        rows.append((sentence(tool, block, language), inside))
    return format_html("<ol>{}</ol>", format_html_join("", "<li>{}{}</li>", rows))


def said(program: Program, language: str) -> SafeString:
    """Return the scripts as nested lists, for those who hear the page."""
    return format_html_join(
        "", "{}", ((_listed(program.tool, script, language),) for script in program.scripts)
    )
