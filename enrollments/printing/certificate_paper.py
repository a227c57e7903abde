"""The certificate on A4, landscape. Pure functions: a certificate in, a PDF out."""

import io
from datetime import datetime

import segno

from enrollments.models import Certificate
from enrollments.printing import badges
from enrollments.printing.certificates import CertificateWords, words_of
from enrollments.printing.paper import Paper
from enrollments.printing.typesetting import POINT, Sheet, in_order, printable

EDGE, COLUMN = 12.0, 82.0  # millimetres: the frame; where the words begin, from the reader's side
INK, INK_2, PRIMARY = "#16213a", "#4a5570", "#1f4fd8"
# The pile of layers beside the words: how far each bar reaches from the edge, in millimetres.
PILE = (30, 44, 37, 52, 41, 48, 34, 50)
COLOURS = (badges.SAFFRON, badges.CORAL, badges.MINT, badges.BLUE)


class CertificatePaper(Paper):
    """One landscape page without header and footer; `begin` and `words` mirror it for Arabic."""

    def header(self) -> None:
        """Leave out the header of other papers."""

    def footer(self) -> None:
        """Leave out the footer of other papers."""

    def begin(self, inset: float, width: float) -> float:
        """Return x of a box that stands so far from the edge where reading begins."""
        return self.w - inset - width if self.is_rtl else inset

    def line_of(self, text: str, *, y: float, size: float, bold: bool = False, colour: str = INK) -> float:
        """Write a text in the column of words, smaller or on two lines if it is long; return its end."""
        width = self.w - COLUMN - EDGE - 12
        text = in_order(printable(text), rtl=self.is_rtl)
        self.set_text_color(colour)
        self.set_font("Rubik", "B" if bold else "", size)
        while self.get_string_width(text) > 2 * width * 0.9 and size > 10:
            size -= 1
            self.set_font_size(size)
        self.set_xy(self.begin(COLUMN, width), y)
        self.multi_cell(width, size * POINT * 1.3, text, align=self.side, new_x="LMARGIN", new_y="NEXT")
        return float(self.get_y())


def certificate_pdf(certificate: Certificate, *, language: str, made_at: datetime) -> bytes:
    """Return the certificate as PDF. Call it with the language active."""
    words = words_of(certificate)
    paper = CertificatePaper(language, made_at)
    paper.add_letters([Sheet(text) for text in map(printable, words.texts)])
    paper.set_title(words.heading)
    paper.set_auto_page_break(False)
    paper.c_margin = 0
    paper.add_page(orientation="landscape")
    _ground(paper)
    _pile(paper, certificate)
    y = paper.line_of("Active Labs", y=26, size=12, bold=True, colour=INK_2)
    y = paper.line_of(words.heading, y=y + 4, size=42, bold=True)
    y = paper.line_of(words.given_to, y=y + 7, size=15, colour=INK_2)
    y = paper.line_of(words.name, y=y + 2, size=34, bold=True, colour=PRIMARY)
    y = paper.line_of(words.completed, y=y + 6, size=15, colour=INK_2)
    y = paper.line_of(words.title, y=y + 2, size=25, bold=True)
    paper.line_of(words.month, y=y + 2.5, size=15, colour=INK_2)
    _foot(paper, words)
    return bytes(paper.output())


def _ground(paper: CertificatePaper) -> None:
    paper.set_fill_color(badges.SAND)
    paper.rect(0, 0, paper.w, paper.h, style="F")
    paper.set_fill_color(badges.WHITE)
    paper.set_draw_color(badges.INK)
    paper.set_line_width(0.6)
    badges.bar(paper, EDGE, EDGE, paper.w - 2 * EDGE, paper.h - 2 * EDGE, 6)


def _pile(paper: CertificatePaper, certificate: Certificate) -> None:
    """Draw the badge of the track on a pile of printed layers."""
    side, height, gap = 54.0, 10.0, 2.2
    top = paper.h - EDGE - 8 - len(PILE) * (height + gap)
    badges.draw(
        paper,
        certificate.track_code,
        left=paper.begin(EDGE + 7, side),
        top=EDGE + 8,
        side=side,
        coloured=True,
    )
    paper.set_draw_color(badges.INK)
    paper.set_line_width(0.5)
    for number, width in enumerate(PILE):
        paper.set_fill_color(COLOURS[number % len(COLOURS)])
        left = paper.begin(EDGE + 7 + (side - width) / 2, width)
        badges.bar(paper, left, top + number * (height + gap), width, height)


def _foot(paper: CertificatePaper, words: CertificateWords) -> None:
    """Draw the line to sign on, the number, and the code to check with its link in words."""
    y = paper.h - EDGE - 42
    paper.set_draw_color(INK)
    paper.set_line_width(0.3)
    x = paper.begin(COLUMN, 70)
    paper.line(x, y + 16, x + 70, y + 16)
    paper.line_of(words.signed, y=y + 17, size=11)
    paper.line_of(words.number, y=y + 26, size=8.5, colour=INK_2)
    drawing = io.BytesIO()
    segno.make(words.link, error="m").save(drawing, kind="png", scale=6, border=2)
    drawing.seek(0)
    side = 30.0
    paper.image(drawing, x=paper.begin(paper.w - EDGE - 10 - side, side), y=y - 4, w=side)
    paper.turn(rtl=False)
    paper.set_font("Rubik", "", 8)
    paper.set_text_color(INK_2)
    width = paper.w - COLUMN - EDGE - 10
    paper.set_xy(paper.begin(COLUMN, width), y + 32)
    paper.cell(width, 4, words.link, align=paper.side)
    paper.turn(rtl=paper.is_rtl)
