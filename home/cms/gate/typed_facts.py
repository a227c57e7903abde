"""Find a price, a date or an age that was typed into a text, in French, Arabic and English.

What is typed does not follow when the fact changes. tests/home/test_typed_facts.py holds what is found and
what is not: a year alone, "3D", a version, an age in letters, years of experience.
"""

import re
from collections.abc import Callable, Iterable, Iterator

LATIN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
GAP = r"[ \u00a0\u2009\u202f]"
NUMBER = rf"\d{{1,3}}(?:{GAP}\d{{3}})+(?:[.,]\d{{1,2}})?|\d+(?:[.,]\d{{1,3}})?"
MONEY = r"(?:MAD|DHS?|dirhams?|€|euros?)(?![\w])|د\.\s?م\.?(?!\w)|(?:درهم|دراهم)(?:ا|اً)?(?!\w)"
PRICES = re.compile(
    rf"(?<![\w.,])(?:(?:{NUMBER}){GAP}*(?:{MONEY})|(?:MAD|DHS?|€){GAP}?(?:{NUMBER}))", re.IGNORECASE
)

FRENCH = (
    "janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre|"
    r"janv?\.|f[ée]vr?\.|avr\.|juil\.|sept\.|oct\.|nov\.|d[ée]c\."
)
ENGLISH = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
ARABIC = (
    "يناير|فبراير|مارس|أبريل|ابريل|ماي|مايو|يونيو|يونيه|يوليوز|يوليو|غشت|أغسطس|شتنبر|سبتمبر|أكتوبر|اكتوبر|"
    "نونبر|نوفمبر|دجنبر|ديسمبر"
)
DAY, YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
MONTH = r"(?:0?[1-9]|1[0-2])"
DATES = (
    re.compile(rf"(?<![\w./-]){DAY}(?P<sep>[/.-]){MONTH}(?P=sep){YEAR}(?![\w/-]|\.\d)"),
    re.compile(rf"(?<![\w./-]){DAY}/{MONTH}/\d\d(?![\w/-]|\.\d)"),
    re.compile(rf"(?<![\w./-]){YEAR}[-/]{MONTH}[-/]{DAY}(?![\w/-])"),
    re.compile(rf"\b(?:le|du|au|on|يوم){GAP}{DAY}/{MONTH}(?![\w/])"),
    re.compile(rf"(?<!\w){DAY}(?:er)?{GAP}(?:{FRENCH})(?!\w)(?:{GAP}{YEAR})?", re.IGNORECASE),
    re.compile(rf"(?<!\w)(?:{FRENCH}|{FRENCH.upper()}){GAP}{YEAR}(?!\w)"),  # not "Mars 2020", a robot
    re.compile(rf"(?<!\w){DAY}(?:st|nd|rd|th)?{GAP}(?:of{GAP})?(?:{ENGLISH})(?!\w)(?:,?{GAP}{YEAR})?"),
    re.compile(rf"(?<!\w)(?:{ENGLISH}){GAP}(?:{DAY}(?:st|nd|rd|th)?(?:,?{GAP}{YEAR})?|{YEAR})(?!\w)"),
    re.compile(rf"(?<!\w){DAY}{GAP}(?:من{GAP})?(?:شهر{GAP})?(?:{ARABIC})(?!\w)(?:{GAP}{YEAR})?"),
    re.compile(rf"(?<!\w)(?:{ARABIC}){GAP}{YEAR}(?!\w)"),
)

A_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")

ONE, UPTO = r"(?P<first>\d{1,2})", r"(?P<last>\d{1,2})"
EXPERIENCE = r"(?!{gap}+(?:d[e'’u]|of\b|من{gap}ال(?:خبرة|تجربة)))".replace("{gap}", GAP)
ARABIC_YEARS = r"(?:سنوات|سنة|سنين|عاما|عامًا|أعوام|عام)(?!\w)"
AGES = (
    re.compile(
        rf"(?<![\w.,/]){ONE}{GAP}?(?:-|–|—|à|et|ou){GAP}?{UPTO}{GAP}?ans\b{EXPERIENCE}", re.IGNORECASE
    ),
    re.compile(
        rf"(?<!\d{GAP})\b(?:dès|à partir de|à|âgée?s? de|jusqu['’]à){GAP}{ONE}{GAP}?ans\b{EXPERIENCE}",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:plus|moins) de{GAP}{ONE}{GAP}?ans\b{EXPERIENCE}", re.IGNORECASE),
    re.compile(rf"\bage[sd]?{GAP}(?:from{GAP})?{ONE}{GAP}?(?:-|–|—|to|and){GAP}?{UPTO}(?!\w)", re.IGNORECASE),
    re.compile(
        rf"(?<![\w.,/]){ONE}{GAP}?(?:-|–|—|to){GAP}?{UPTO}[ \u00a0-]years?\b(?:[ -]olds?)?{EXPERIENCE}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![\w.,/]){ONE}[ -]years?[ -]olds?\b", re.IGNORECASE),
    re.compile(rf"\bage[sd]?{GAP}{ONE}(?:{GAP}and{GAP}(?:over|up|above)|\+)?(?!\w)", re.IGNORECASE),
    re.compile(rf"(?<!\w)(?:من|بين){GAP}(?:سن{GAP})?{ONE}{GAP}(?:إلى|الى|و){GAP}?{UPTO}{GAP}{ARABIC_YEARS}"),
    re.compile(rf"(?<![\w.,/]){ONE}{GAP}?[-–—]{GAP}?{UPTO}{GAP}{ARABIC_YEARS}"),
    re.compile(rf"(?<!\w)(?:ابتداء|ابتداءً|انطلاقا){GAP}من{GAP}(?:سن{GAP})?{ONE}{GAP}{ARABIC_YEARS}"),
    re.compile(rf"(?<!\w)(?:عمره|عمرها|سن){GAP}{ONE}(?!\w|{GAP}*[-/.]\d)"),
)
CHILDREN = range(3, 19)  # ages that a band may have (courses.models.AgeBand)


def prices(text: str) -> list[str]:
    """Return the amounts of money in a text, as they were typed."""
    return [text[start:end] for start, end in _apart((PRICES,), text)]


def dates(text: str, *, history: int = 0) -> list[str]:
    """Return the days and months of a year in a text, as they were typed. A year alone is none.

    `history` is the first year that counts: an earlier one tells the past, and no session is held then.
    """
    found = [text[start:end] for start, end in _apart(DATES, text)]
    return [
        words
        for words in found
        if not (year := A_YEAR.search(words.translate(LATIN))) or int(year[0]) >= history
    ]


def ages(text: str) -> list[str]:
    """Return the ages of children in a text, in digits and as they were typed."""
    return [text[start:end] for start, end in _apart(AGES, text, of_children)]


def places(text: str, names: list[str]) -> list[str]:
    """Return which of these names are in a text, the longest first, each once."""
    found, left = [], text
    for name in sorted({" ".join(name.split()) for name in names if name}, key=len, reverse=True):
        wanted = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)".replace(r"\ ", rf"{GAP}+"), re.IGNORECASE)
        if wanted.search(left):
            found.append(name)
            left = wanted.sub(" ", left)
    return found


def of_children(match: re.Match[str]) -> bool:
    """Return whether every number of an age is one that a child of ours may have."""
    return all(int(number) in CHILDREN for number in match.groupdict().values() if number)


def _apart(
    patterns: Iterable[re.Pattern[str]], text: str, holds: Callable[[re.Match[str]], bool] = bool
) -> Iterator[tuple[int, int]]:
    """Yield where the patterns match, in the order of the text, without overlaps; the longer match wins."""
    digits = text.translate(LATIN)  # one character for one: places stay
    spans = [match.span() for pattern in patterns for match in pattern.finditer(digits) if holds(match)]
    end = 0
    for start, stop in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= end:
            yield start, stop
            end = stop
