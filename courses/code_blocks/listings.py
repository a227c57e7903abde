"""Listings of text languages, typed once: the code is the same for everybody, its words are the reader's.

The first line names the language: `python` or `arduino`. Then the code. A quoted text or a comment may hold
its words three times, French | Arabic | English:

    python
    # le prix | الثمن | the price
    price = 12
    print("Bonjour ! | السلام عليكم! | Hello!", price)

Pure functions.
"""

import ast
import re
import warnings
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NAMES = {"python": "Python", "arduino": "Arduino"}
COMMENTS = {"python": "#", "arduino": "//"}
ORDER = ("fr", "ar", "en")  # of the words, as in drawn blocks
MOST_LINES, LONGEST_LINE = 20, 44  # what a child copies from a sheet, and what a phone shows
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')


@dataclass(frozen=True)
class Listing:
    """A listing in one language of programming; its lines as typed, the words of three languages in them."""

    name: str
    lines: tuple[str, ...]

    def said(self, language: str) -> list[str]:
        """Return the lines with the words of that language."""
        return [_said(line, COMMENTS[self.name], language) for line in self.lines]


def _refuse(line: int, words: str) -> ValidationError:
    return ValidationError(_("Line %(line)s: %(fault)s") % {"line": line, "fault": words}, code="notation")


def _chosen(words: str, language: str) -> str:
    parts = [part.strip() for part in words.split(" | ")]
    return parts[ORDER.index(language)] if len(parts) == len(ORDER) else words


def _said(line: str, comment: str, language: str) -> str:
    said, at = [], 0
    for text in _TEXT.finditer(line):
        if comment in line[at : text.start()]:
            break  # a quotation mark or an apostrophe inside a comment
        said.append(line[at : text.start()])
        said.append(text[0][0] + _chosen(text[0][1:-1], language) + text[0][-1])
        at = text.end()
    code, mark, words = line[at:].partition(comment)
    if mark:
        said.append(f"{code}{mark} {_chosen(words.strip(), language)}".rstrip())
    else:
        said.append(code)
    return "".join(said)


def read(text: str) -> Listing:
    """Read a listing. ValidationError (notation), in the active language, names the line and the fault."""
    name, *lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    listing = Listing(name.strip(), tuple(line.rstrip() for line in lines))
    if not any(listing.lines):
        raise _refuse(1, _("there is no code."))
    if len(lines) > MOST_LINES:
        raise _refuse(MOST_LINES + 2, _("a listing has at most %(count)s lines.") % {"count": MOST_LINES})
    for language in ORDER:
        said = listing.said(language)
        for number, line in enumerate(said, start=2):
            if "\t" in line:
                raise _refuse(number, _("indent with spaces."))
            if len(line) > LONGEST_LINE:
                words = _("a line has at most %(count)s characters.") % {"count": LONGEST_LINE}
                raise _refuse(number, words)
        if listing.name == "python":
            _check_python(said)
    return listing


def _check_python(lines: list[str]) -> None:
    """Refuse what Python itself would refuse; it is parsed, never run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse("\n".join(lines))
    except (SyntaxError, ValueError) as fault:
        number = getattr(fault, "lineno", None) or 1
        raise _refuse(number + 1, _("Python cannot read this line.")) from fault
