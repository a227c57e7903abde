"""How dates, hours and money read in each language of the house. Pure; the active language decides.

CLDR knows Morocco's Arabic (`ar_MA`: دجنبر، غشت، Latin digits); Django's own `ar` months are Levantine.
"""

import unicodedata
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from urllib.parse import quote

from babel.dates import format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from home.language import table

NO_BREAK = "\N{NO-BREAK SPACE}"
LTR, POP = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def _cldr(language: str | None = None) -> str:
    return table.language(language or get_language()).locale


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, locale: str) -> str:
    """A date by a CLDR pattern; lists say the same days many times."""
    return format_date(day, pattern, locale=locale)


def _local(day: date | datetime) -> date:
    """The calendar day in the academy's zone."""
    return timezone.localtime(day).date() if isinstance(day, datetime) else day


def day_words(day: date | datetime) -> str:
    """ "samedi 5 décembre 2026": a day in full, in the active language."""
    return _written(_local(day), "EEEE d MMMM y", _cldr())


def day_short(day: date | datetime) -> str:
    """ "sam. 5 déc.": for lists, where the year is plain."""
    pattern = "EEEE d MMMM" if _cldr() == "ar_MA" else "EEE d MMM"
    return _written(_local(day), pattern, _cldr())


def day_tile(day: date) -> tuple[str, str, str]:
    """("sam.", "5", "déc."): weekday, number and month, for a small calendar leaf."""
    return _written(day, "EEE", _cldr()), str(day.day), _written(day, "MMM", _cldr())


def date_words(day: date | datetime) -> str:
    """ "5 décembre 2026": a date without its weekday."""
    return _written(_local(day), "d MMMM y", _cldr())


def weekday_words(weekday: int) -> str:
    """0 is Monday: "lundi"."""
    return _written(date(2024, 1, 1 + weekday), "EEEE", _cldr())


def clock_words(moment: time | datetime) -> str:
    """ "15:00": always the 24-hour clock; an instant is told in the academy's zone."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment).time()
    return f"{moment:%H:%M}"


def money_words(amount: Decimal | int | None) -> str:
    """Dirhams (MAD), half up to the centime: "1 200,00 DH" in French and Arabic, "1,200.00 MAD" in English.

    The run never breaks, and stands in an isolate where the text around it may read right to left.
    """
    if amount is None:
        return ""
    cents = Decimal(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if get_language() == "en":
        return f"{cents:,.2f}{NO_BREAK}MAD"
    run = f"{cents:,.2f}".replace(",", NO_BREAK).replace(".", ",") + f"{NO_BREAK}DH"
    return f"{LTR}{run}{POP}" if table.active().is_rtl else run


def is_plain(text: str) -> bool:
    """Whether a text is one line of letters that show as they are: no control, no line break, no mark that
    turns the direction.
    """
    joiners = "\u200c\u200d"  # written inside Persian or Arabic words and between parts of an emoji
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c not in joiners for c in text)


def ltr(value) -> SafeString:
    """A telephone, a reference, a range of hours: left to right whatever stands around it."""
    return format_html('<bdi dir="ltr">{}</bdi>', value)


def whatsapp_to(phone, text: str = "") -> str:
    """The address that opens a WhatsApp conversation with this number, the words prepared; empty without a
    number.
    """
    if not phone:
        return ""
    return f"https://wa.me/{phone.as_e164.lstrip('+')}" + (f"?text={quote(text)}" if text else "")


def one_line(text: str, most: int) -> str:
    """What somebody typed, on one line and at most so long: without what a database cannot keep (NUL, halves
    of a character).
    """
    return " ".join(text.replace("\0", "").encode("utf-8", "ignore").decode().split())[:most]


def key_in(typed: str | None) -> int | None:
    """The primary key that somebody's request names; None for what can be none in any database (words, signs,
    more than 18 digits).
    """
    return int(typed) if typed and typed.isdecimal() and len(typed) <= 18 else None


def spelled_words(day: date, starts: time, ends: time) -> str:
    """ "samedi 28 novembre 2026, 14:00–15:15", in the active language."""
    return _("%(day)s, %(hours)s") % {"day": day_words(day), "hours": hours_words(starts, ends)}


def hours_words(starts: time, ends: time) -> str:
    """ "15:00–16:30"; isolated, so that Arabic text does not turn it round."""
    run = f"{starts:%H:%M}–{ends:%H:%M}"
    return f"{LTR}{run}{POP}" if table.active().is_rtl else run
