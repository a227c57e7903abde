"""What a line must not break within, where no style sheet reaches: emails, and texts typed by the team."""

import re

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

NO_BREAK, JOINER = "\u00a0", "\u2060"
BETWEEN_DIGITS = re.compile(r"(?<=\d) (?=\d)")  # a phone number, an account: "+212 6 12", "000 780 0001"
AFTER_ONE_LETTER = re.compile(r"(?<!\w)([^\W\d_]-)(?=[^\W\d_])")  # the French word for email


def unbroken(words: object) -> SafeString:
    """Return the words as HTML, escaped, with no break inside a number or after one letter and a hyphen."""
    kept = BETWEEN_DIGITS.sub(NO_BREAK, conditional_escape(str(words)))
    return mark_safe(AFTER_ONE_LETTER.sub(rf"\1{JOINER}", kept))
