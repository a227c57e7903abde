"""Names after "de" and "que" in French sentences: "d’Adam", "de Salma", "qu’Hicham".

Names are alone in the other languages. A sentence takes them under a key of their own, such as `of_child`
or `that_child`, and its French leaves out the preposition. Pure functions.
"""

import unicodedata

from django.utils.translation import get_language

APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
VOWELS = frozenset("aeiouœæ")

# First names whose h is spoken: "de Hans". The h of Arabic and French names is mute here ("d’Hamza").
SPOKEN_H = frozenset(
    """hal hank hannes hans harald harold harris harrison harry harvey hayden heath heather heidi heinz
    henning holger holly howard hubertus humphrey""".split()
)


def of_name(name: str) -> str:
    """Return the name after "of": with "de" or "d’" in French, alone in other languages."""
    return _after("de", "d", name)


def that_name(name: str) -> str:
    """Return the name after "that": with "que" or "qu’" in French, alone in other languages."""
    return _after("que", "qu", name)


def _after(whole: str, short: str, name: str) -> str:
    if get_language() != "fr":
        return name
    return f"{short}{APOSTROPHE}{name}" if begins_with_vowel(name) else f"{whole} {name}"


def begins_with_vowel(name: str) -> bool:
    """Return whether French elides before this name: a vowel or a mute h, but not the w sound of "Ouafae",
    nor the y of "Yasmine".
    """
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", name.strip().lower()) if not unicodedata.combining(c)
    )
    padded = plain + "   "
    first, second, third = padded[0], padded[1], padded[2]
    if first == "h":
        words = plain.replace("-", " ").split()
        return second != " " and words[0] not in SPOKEN_H
    if first == "y":
        return second.isalpha() and second not in VOWELS
    if first == "o" and second == "u":
        return third not in VOWELS
    return first in VOWELS
