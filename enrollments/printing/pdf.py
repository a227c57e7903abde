"""Printed sheets: one description rendered as PDF (A4, both scripts, shaped) or as a page.

Pure functions: sheets in, bytes out.
"""

import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from home.language import table
from home.language.dates import LTR, NO_BREAK, POP
from home.language.table import LANGUAGES

ARABIC = LANGUAGES["ar"]

MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
MARGIN, SMALL, NORMAL, LARGE = 15, 8, 10, 17  # millimetres, points


@dataclass(frozen=True)
class Sheet:
    """One sheet, or several if its rows do not fit.

    `widths` are parts of the line; `link` becomes a QR code with its URL.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    link: str = ""
    foot: str = ""
    size: int = SMALL + 1  # of the table, in points

    @property
    def has_head(self) -> bool:
        """Return whether its columns have headings; badges have none."""
        return any(self.head)


def font(weight: str) -> str:
    """Return our font file, wherever static files are stored."""
    name = f"academy/fonts/Rubik-{weight}.ttf"
    return finders.find(name) or str(Path(settings.STATIC_ROOT) / name)


ISOLATED = re.compile(f"({LTR}[^{POP}]*{POP})")
GAP = f"[ {NO_BREAK}]"
RUNS = re.compile(
    r"\d\d:\d\d[–-]\d\d:\d\d"  # hours
    r"|\d{4}-\d\d-\d\d"
    r"|\+\d+(?:[ .-]?\d+)+|\d\d(?:[ .]\d\d){3,}"  # phone numbers
    rf"|\d+(?:{GAP}\d{{3}})*(?:,\d\d)?{GAP}DH\b"
)


def in_order(words: str, *, rtl: bool) -> str:
    """Return the text with its numbers in reading order: isolated in a line from right to left, where
    "2 100,00 DH" and "14:00–15:30" would turn round; without isolation marks in any other.
    """
    if not rtl:
        return words.translate(MARKS)
    return "".join(
        part if ISOLATED.fullmatch(part) else RUNS.sub(lambda run: f"{LTR}{run.group()}{POP}", part)
        for part in ISOLATED.split(words)
    )


class Paper(FPDF):
    """An A4 document in the reader's direction."""

    def __init__(self, language: str, made_at: datetime):
        super().__init__(format="A4")
        self.is_rtl = table.language(language).is_rtl
        self.add_font("Rubik", "", font("Regular"))
        self.add_font("Rubik", "B", font("Bold"))
        self.turn(rtl=self.is_rtl)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 5)
        self.set_creation_date(made_at)
        self.set_lang(language)
        self.set_author("Active Labs")
        self.words = ""

    def turn(self, *, rtl: bool) -> None:
        if rtl:
            script, opentype = cast(tuple[str, str], ARABIC.script)
            self.set_text_shaping(True, direction="rtl", script=script, language=opentype)
        else:
            self.set_text_shaping(True, direction="ltr")

    @property
    def side(self) -> str:
        return "R" if self.is_rtl else "L"

    def header(self) -> None:
        self.set_font("Rubik", "B", SMALL)
        self.cell(0, 5, "Active Labs", align=self.side, new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font("Rubik", "", SMALL)
        words = in_order(self.words, rtl=self.is_rtl)
        self.cell(0, 5, f"{words}  {self.page_no()}".strip(), align="C")

    def paragraph(self, words: str, size: int = NORMAL, *, bold: bool = False) -> None:
        self.set_font("Rubik", "B" if bold else "", size)
        self.multi_cell(
            0, size * 0.53, in_order(words, rtl=self.is_rtl), align=self.side, new_x="LMARGIN", new_y="NEXT"
        )
        self.ln(1)

    def grid(self, sheet: Sheet) -> None:
        self.set_font("Rubik", "B" if sheet.size > NORMAL else "", sheet.size)
        order = -1 if self.is_rtl else 1
        widths = tuple((sheet.widths or [1] * len(sheet.head))[::order])
        has_head = sheet.has_head
        with self.table(
            col_widths=widths,
            text_align="RIGHT" if self.is_rtl else "LEFT",
            line_height=max(5.5, sheet.size * 0.5),
            padding=1,
            borders_layout=TableBordersLayout.ALL,
            first_row_as_headings=has_head,
            headings_style=FontFace(emphasis="BOLD", fill_color=(232, 236, 244)),
        ) as table:
            for row in [*([sheet.head] if has_head else []), *sheet.rows]:
                line = table.row()
                for words in row[::order]:
                    line.cell(in_order(words, rtl=self.is_rtl))
        self.ln(2)

    def square(self, link: str) -> None:
        """Draw the link as a QR code with its URL below."""
        drawing = io.BytesIO()
        segno.make(link, error="m").save(drawing, kind="png", scale=6, border=2)
        drawing.seek(0)
        side = 32
        x = self.w - self.r_margin - side if self.is_rtl else self.l_margin
        self.image(drawing, x=x, w=side)
        self.set_font("Rubik", "", SMALL)
        self.turn(rtl=False)
        self.cell(0, 5, link, align=self.side, new_x="LMARGIN", new_y="NEXT")
        self.turn(rtl=self.is_rtl)


def as_pdf(sheets: list[Sheet], *, language: str, title: str, made_at: datetime, words: str = "") -> bytes:
    """Render the sheets, each starting a new page; `words` is every page's footer."""
    paper = Paper(language, made_at)
    paper.set_title(title)
    paper.words = words
    for sheet in sheets:
        paper.add_page()
        paper.paragraph(sheet.title, LARGE, bold=True)
        for line in sheet.lines:
            paper.paragraph(line)
        if sheet.head:
            paper.grid(sheet)
        if sheet.link:
            paper.square(sheet.link)
        if sheet.foot:
            paper.paragraph(sheet.foot, SMALL)
    return bytes(paper.output())
