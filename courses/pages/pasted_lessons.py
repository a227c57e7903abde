"""Read lessons pasted from a spreadsheet: a line a lesson, cells apart by tabs.

Columns, in order: title in French, Arabic and English, minutes, objective in the same three languages. A line
may end early. Nothing is judged here: what is wrong in a cell stays as it was typed, for the form to refuse.
"""

import re

from home.language.table import LANGUAGES

COLUMNS = (
    *(f"title_{code}" for code in LANGUAGES),
    "minutes",
    *(f"objective_{code}" for code in LANGUAGES),
)
MINUTES = COLUMNS.index("minutes")
HEADINGS = {"minutes", "minute", "min", "durée", "duree", "duration", "length", "المدة", "دقائق", "الدقائق"}

# Spreadsheets quote a cell that holds a tab, a line end or a quotation mark; others they leave bare.
_CELL = re.compile(r'(?:"((?:[^"]|"")*)"(?=[\t\n]|\Z)|([^\t\n]*))([\t\n]|\Z)')
_UNIT = re.compile(r"\s*(?:min(?:ute)?s?\.?|['′]|د(?:قيقة|قائق)?\.?)$", re.IGNORECASE)


def read(text: str) -> list[dict[str, str]]:
    """Return a dictionary for each line with words in it, by the names of COLUMNS.

    A first line of headings is left out: one that has the word "minutes" where minutes are. Cells beyond the
    last column are dropped.
    """
    table = [line for line in _lines(text) if any(line)]
    if table and len(table[0]) > MINUTES and table[0][MINUTES].casefold().strip(" .()") in HEADINGS:
        del table[0]
    return [_lesson(line) for line in table]


def _lesson(cells: list[str]) -> dict[str, str]:
    lesson = dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS, cells, strict=False))
    lesson["minutes"] = _UNIT.sub("", lesson["minutes"])
    return lesson


def _lines(text: str) -> list[list[str]]:
    """Return the cells of each line, trimmed; line ends of Windows and old Macs count as others."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[list[str]] = [[]]
    for cell in _CELL.finditer(text):
        quoted, bare, end = cell.groups()
        lines[-1].append(_bare(quoted) if quoted is not None else " ".join(bare.split()))
        if end == "\n":
            lines.append([])
        if cell.end() == len(text) and end != "\t":
            break
    return lines


def _bare(quoted: str) -> str:
    """Return what a quoted cell holds, on one line; one that needed no quotes keeps them: they are words."""
    needed = any(mark in quoted for mark in ('"', "\t", "\n"))
    words = " ".join(quoted.replace('""', '"').split())
    return words if needed else f'"{words}"'
