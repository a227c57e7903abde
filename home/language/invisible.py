"""Characters nobody sees, which phones paste along with a name, a number or an address."""

import re
import unicodedata

MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]")


def visible(text: str) -> str:
    """Return the text without zero-width characters, direction marks and soft hyphens, composed (NFC): è is
    one character, however it was typed.

    For what is compared or looked up: names, addresses, codes, references, searches. Not for prose, where
    they join emoji and order mixed scripts.
    """
    return unicodedata.normalize("NFC", MARKS.sub("", text))
