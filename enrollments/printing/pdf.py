"""Printed sheets: one description rendered as PDF (A4, both scripts, shaped) or as a page.

Pure functions: sheets in, bytes out.
"""

from datetime import datetime

from enrollments.printing.typesetting import LARGE, SMALL, Sheet, as_printed


def as_pdf(sheets: list[Sheet], *, language: str, title: str, made_at: datetime, words: str = "") -> bytes:
    """Render the sheets, each starting a new page; `words` is every page's footer."""
    from enrollments.printing.paper import Paper  # loads fpdf2, which no page needs

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
