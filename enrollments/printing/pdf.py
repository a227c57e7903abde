"""Printed sheets: one description rendered as PDF (A4, both scripts, shaped) or as a page.

Pure functions: sheets in, bytes out.
"""

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from home.language import table
from home.language.dates import NO_BREAK
from home.language.isolates import LTR, POP, left_to_right
from home.language.table import LANGUAGES

ARABIC = LANGUAGES["ar"]

MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
MARGIN, SMALL, NORMAL, LARGE = 15, 8, 10, 17  # millimetres, points
POINT = 0.3528  # millimetres


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


# For names in letters that Rubik lacks: extended Latin, Vietnamese, Cyrillic, Greek; Tifinagh.
OTHERS = ("NotoSans", "Tifinagh")
STYLES = {"": "Regular", "B": "Bold"}
UNPRINTED = "[?]"  # for letters that no typeface here has; the sheet says so


def font(weight: str, family: str = "Rubik") -> str:
    """Return our font file, wherever static files are stored."""
    name = f"academy/fonts/{family}-{weight}.ttf"
    return finders.find(name) or str(Path(settings.STATIC_ROOT) / name)


ISOLATED = re.compile(f"({LTR}[^{POP}]*{POP})")
GAP = f"[ {NO_BREAK}]"
RUNS = re.compile(
    r"\d\d:\d\d[–-]\d\d:\d\d"  # hours
    r"|\d{4}-\d\d-\d\d"
    r"|\+\d+(?:[ .-]?\d+)+|\d\d(?:[ .]\d\d){3,}"  # phone numbers
    rf"|\d+(?:{GAP}\d{{3}})*(?:,\d\d)?{GAP}DH\b"
)


@cache
def signs_of(family: str) -> frozenset[str]:
    """Return the characters that a typeface has."""
    with TTFont(font("Regular", family), lazy=True) as file:
        return frozenset(map(chr, file.getBestCmap()))


def printable(words: str) -> str:
    """Return the text composed, with UNPRINTED for each run of letters that none of our typefaces has."""
    known = signs_of("Rubik").union(*(signs_of(family) for family in OTHERS))
    found = ""
    for sign in unicodedata.normalize("NFC", words):
        if sign in known or sign.isspace() or ord(sign) in MARKS or unicodedata.category(sign) == "Cf":
            found += sign
        elif not found.endswith(UNPRINTED):
            found += UNPRINTED
    return found


def in_order(words: str, *, rtl: bool) -> str:
    """Return the text with its numbers in reading order: isolated in a line from right to left, where
    "2 100,00 DH" and "14:00–15:30" would turn round; without isolation marks in any other.
    """
    if not rtl:
        return words.translate(MARKS)
    return "".join(
        part if ISOLATED.fullmatch(part) else RUNS.sub(lambda run: left_to_right(run.group()), part)
        for part in ISOLATED.split(words)
    )


def texts_of(sheet: Sheet) -> Iterator[str]:
    """Return every text of a sheet."""
    yield from (sheet.title, sheet.foot, *sheet.lines, *sheet.head)
    for row in sheet.rows:
        yield from row


def as_printed(sheet: Sheet) -> Sheet:
    """Return the sheet with letters that we can print; its foot says what could not be."""
    if all(printable(text) == text for text in texts_of(sheet)):
        return sheet
    shown = replace(
        sheet,
        title=printable(sheet.title),
        lines=[printable(line) for line in sheet.lines],
        head=[printable(words) for words in sheet.head],
        rows=[[printable(words) for words in row] for row in sheet.rows],
        foot=printable(sheet.foot),
    )
    if not any(UNPRINTED in text for text in texts_of(shown)):
        return shown
    said = _("%(mark)s stands for characters that our printed typeface lacks. The screen shows them.")
    return replace(shown, foot=f"{shown.foot} {said % {'mark': UNPRINTED}}".strip())


class Paper(FPDF):
    """An A4 document in the reader's direction."""

    def __init__(self, language: str, made_at: datetime):
        super().__init__(format="A4")
        self.is_rtl = table.language(language).is_rtl
        for style, weight in STYLES.items():
            self.add_font("Rubik", style, font(weight))
        self.turn(rtl=self.is_rtl)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 5)
        self.set_creation_date(made_at)
        self.set_lang(language)
        self.set_author("Active Labs")
        self.words = ""

    def add_letters(self, sheets: list[Sheet]) -> None:
        """Add the typefaces for letters of these sheets that Rubik lacks, if there are any."""
        signs = {sign for sheet in sheets for text in texts_of(sheet) for sign in text} - signs_of("Rubik")
        needed = [family for family in OTHERS if signs & signs_of(family)]
        for family in needed:
            for style, weight in STYLES.items():
                self.add_font(family, style, font(weight, family))
        if needed:
            self.set_fallback_fonts(needed, exact_match=False)

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
    sheets = [as_printed(sheet) for sheet in sheets]
    paper = Paper(language, made_at)
    paper.add_letters(sheets)
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
