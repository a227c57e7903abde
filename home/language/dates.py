"""Format dates, times and money in the active language. Pure functions.

CLDR has Morocco's Arabic (`ar_MA`: دجنبر، غشت، Latin digits); Django's own `ar` months are Levantine.
"""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from urllib.parse import quote

from babel.dates import format_date
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from home.language import table
from home.language.isolates import apart, left_to_right

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
JOINER = "\N{WORD JOINER}"
BREAKS = re.compile(r"[^\S\xa0\u202f]+")  # white space but no-break spaces


def _cldr(language: str | None = None) -> str:
    return table.language(language or get_language()).locale


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, locale: str) -> str:
    """Format a date by a CLDR pattern, with the French ordinal of the first ("1er décembre"). Cached, since
    lists repeat days.
    """
    if day.day == 1 and locale.startswith("fr"):
        pattern = pattern.replace("d ", "'1er' ")
    return format_date(day, pattern, locale=locale)


def _local(day: date | datetime) -> date:
    """Return the calendar day in the academy's time zone."""
    return timezone.localtime(day).date() if isinstance(day, datetime) else day


def day_words(day: date | datetime) -> str:
    """Return "samedi 5 décembre 2026": a full day in the active language."""
    return _written(_local(day), "EEEE d MMMM y", _cldr())


def day_short(day: date | datetime) -> str:
    """Return "sam. 5 déc.": for lists where the year is clear."""
    pattern = "EEEE d MMMM" if _cldr() == "ar_MA" else "EEE d MMM"
    return _written(_local(day), pattern, _cldr())


def day_tile(day: date) -> tuple[str, str, str]:
    """Return ("sam.", "5", "déc."): weekday, day and month, for a small calendar."""
    return _written(day, "EEE", _cldr()), str(day.day), _written(day, "MMM", _cldr())


def date_words(day: date | datetime) -> str:
    """Return "5 décembre 2026": a date without its weekday."""
    return _written(_local(day), "d MMMM y", _cldr())


def month_words(day: date) -> str:
    """Return "décembre 2026": the month of a day, without the day."""
    return _written(day, "LLLL y", _cldr())


def weekday_words(weekday: int) -> str:
    """Return a weekday's name (0 is Monday): "lundi"."""
    return _written(date(2024, 1, 1 + weekday), "EEEE", _cldr())


def clock_words(moment: time | datetime) -> str:
    """Return "15:00": always the 24-hour clock; datetimes are converted to the academy's time zone."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment).time()
    return f"{moment:%H:%M}"


def money_words(amount: Decimal | int | None) -> str:
    """Format dirhams (MAD), rounded half up to the centime: "1 200,00 DH" in French and Arabic, "1,200.00
    MAD" in English. A sum taken off has a minus sign, not a hyphen.

    It never wraps, and is isolated where the surrounding text may be right to left.
    """
    if amount is None:
        return ""
    cents = Decimal(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    digits = f"{abs(cents):,.2f}"
    sign = MINUS if cents < 0 else ""
    if get_language() == "en":
        return f"{sign}{digits}{NO_BREAK}MAD"
    run = sign + digits.replace(",", NO_BREAK).replace(".", ",") + f"{NO_BREAK}DH"
    return left_to_right(run) if table.active().is_rtl else run


def out_of(count: int, whole: int) -> str:
    """Return "11 / 12" on one line, isolated so that Arabic text does not show it as "12 / 11"."""
    run = f"{count}{NO_BREAK}/{NO_BREAK}{whole}"
    return left_to_right(run) if table.active().is_rtl else run


def is_plain(text: str) -> bool:
    """Return whether a text is one line of visible characters: no control character, line break or direction
    mark.
    """
    joiners = "\u200c\u200d"  # used inside Persian or Arabic words and between parts of an emoji
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c not in joiners for c in text)


def ltr(value: object) -> SafeString:
    """Isolate a phone number, reference or time range as left to right."""
    return format_html('<bdi dir="ltr">{}</bdi>', value)


def isolated(words: str) -> str:
    """Isolate words that somebody typed, in whatever direction, from the text of the active language; needed
    from right to left only. Plain text, for paper and emails: templates have <bdi>.
    """
    return apart(words) if table.active().is_rtl else words


def whatsapp_to(phone: PhoneNumber | None, text: str = "") -> str:
    """Return the link to a WhatsApp conversation with this number, with the text prepared; empty without a
    number.
    """
    if not phone:
        return ""
    return f"https://wa.me/{phone.as_e164.lstrip('+')}" + (f"?text={quote(text)}" if text else "")


def one_line(text: str, most: int) -> str:
    """Return text on one line, cut to this length, without what databases cannot store (NUL, lone
    surrogates). No-break spaces stay, as before a French colon.
    """
    return BREAKS.sub(" ", text.replace("\0", "").encode("utf-8", "ignore").decode()).strip()[:most]


def key_in(typed: str | None) -> int | None:
    """Return the primary key in a request's value; None for what cannot be one in any database (words, signs,
    more than 18 digits).
    """
    return int(typed) if typed and typed.isdecimal() and len(typed) <= 18 else None


class Hours(str):
    """Words with hours such as "14:00–15:15". On a web page they never break at the dash; in emails, papers
    and files they are plain text, without joiners that a font or a program may not know.
    """

    def __html__(self) -> SafeString:
        return mark_safe(BETWEEN_HOURS.sub(f"{JOINER}–{JOINER}", escape(str(self))))


BETWEEN_HOURS = re.compile(r"(?<=\d\d:\d\d)–(?=\d\d:\d\d)")


def spelled_words(day: date, starts: time, ends: time) -> Hours:
    """Return "samedi 28 novembre 2026, 14:00–15:15" in the active language."""
    return Hours(_("%(day)s, %(hours)s") % {"day": day_words(day), "hours": hours_words(starts, ends)})


def hours_words(starts: time, ends: time) -> Hours:
    """Return "15:00–16:30", isolated so that Arabic text does not reverse it."""
    run = f"{starts:%H:%M}–{ends:%H:%M}"
    return Hours(left_to_right(run) if table.active().is_rtl else run)
