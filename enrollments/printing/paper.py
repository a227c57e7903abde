"""The A4 document that all our papers are drawn on. It loads fpdf2, fontTools and numpy, about 30 MB:
import it where a paper is made, never with the pages.
"""

import io
from datetime import datetime
from typing import cast

import segno
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from enrollments.printing.typesetting import (
    MARGIN,
    NORMAL,
    OTHERS,
    SMALL,
    STYLES,
    Sheet,
    font,
    in_order,
    signs_of,
    texts_of,
)
from home.language import table
from home.language.table import LANGUAGES

ARABIC = LANGUAGES["ar"]


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
                spans = [1] * len(row)
                if has_head:
                    spans[-1] += len(sheet.head) - len(row)
                for words, span in list(zip(row, spans, strict=True))[::order]:
                    line.cell(in_order(words, rtl=self.is_rtl), colspan=span)
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
