"""What a printed sheet says, and how its letters are set: typefaces, what they lack, the order of numbers.

Pure functions. Nothing here loads what draws: `paper.py` does, and is loaded when a paper is asked for.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from home.language.dates import NO_BREAK
from home.language.isolates import LTR, POP, left_to_right

MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
MARGIN, SMALL, NORMAL, LARGE = 15, 8, 10, 17  # millimetres, points
POINT = 0.3528  # millimetres


@dataclass(frozen=True)
class Sheet:
    """One sheet, or several if its rows do not fit.

    `widths` are parts of the line; `link` becomes a QR code with its URL. Under a head, the last cell of a
    shorter row goes on to the end of the line.
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
    from fontTools.ttLib import TTFont  # large, and only papers need it

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
