"""Folding and stemming of search words, the same for what is indexed and what is asked. Pure.

Arabic: diacritics and tatweel go, alef, ya and ta marbuta are unified, the article and its prefixes drop.
French and English: accents go, then Snowball's stemmers. Both databases then see one plain run of words.
"""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

_ARABIC = re.compile("[\u0600-\u06ff]")
_TATWEEL = "\u0640"
_UNIFY = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "گ": "ك", "ڤ": "ف"}
)
_PREFIXES = ("وبال", "وال", "بال", "كال", "فال", "لل", "ال")
_SMALL = frozenset(  # folded, as they are compared
    "le la les un une des de du d l et ou a au aux en pour par avec sur dans son sa ses ce cette "
    "qui que mon ma mes "
    "the an of to and or for with in on my من في علي الي عن مع و او".split()
)


def fold(text: str) -> str:
    """Lower case, no accent, no Arabic diacritic, one form for each letter."""
    plain = unicodedata.normalize("NFKD", text).lower().replace(_TATWEEL, "")
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_UNIFY)


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """The stem of one folded word, by its script and the page's language."""
    if _ARABIC.search(word):
        for prefix in _PREFIXES:
            if word.startswith(prefix) and len(word) - len(prefix) >= 3:
                word = word[len(prefix) :]
                break
        for suffix in ("ات", "ون", "ين", "ها", "ه", "ي"):
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                return word[: -len(suffix)]
        return word
    stemmer = snowballstemmer.stemmer("english" if language == "en" else "french")
    return fold(stemmer.stemWord(word))


def folded_words(text: str, language: str) -> list[str]:
    """The stems of a text, small words left out."""
    return [stem(word, language) for word in re.findall(r"\w+", fold(text)) if word not in _SMALL]
