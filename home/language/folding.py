"""Folding and stemming of search words, for index and query alike. Pure functions.

Arabic: remove diacritics and tatweel, unify alef, ya and ta marbuta, drop the article and its prefixes.
French and English: remove accents, then apply Snowball's stemmers. Both databases then search plain words.
"""

import re
import unicodedata
from functools import lru_cache

_ARABIC = re.compile("[\u0600-\u06ff]")
_TATWEEL = "\u0640"
_UNIFY = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "گ": "ك", "ڤ": "ف"}
)
_PREFIXES = ("وبال", "وال", "بال", "كال", "فال", "لل", "ال")
_SMALL = frozenset(  # folded for comparison
    "le la les un une des de du d l et ou a au aux en pour par avec sur dans son sa ses ce cette "
    "qui que mon ma mes "
    "the an of to and or for with in on my من في علي الي عن مع و او".split()
)


def fold(text: str) -> str:
    """Return the text in lower case, without accents and Arabic diacritics, one form for each letter."""
    plain = unicodedata.normalize("NFKD", text).lower().replace(_TATWEEL, "")
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_UNIFY)


def is_arabic(word: str) -> bool:
    """Return whether a word has an Arabic letter."""
    return bool(_ARABIC.search(word))


def is_small(word: str) -> bool:
    """Return whether a folded word is one that search leaves out."""
    return word in _SMALL


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """Return the stem of one folded word, by its script and the page's language."""
    if is_arabic(word):
        for prefix in _PREFIXES:
            if word.startswith(prefix) and len(word) - len(prefix) >= 3:
                word = word[len(prefix) :]
                break
        for suffix in ("ات", "ون", "ين", "ها", "ه", "ي"):
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                return word[: -len(suffix)]
        return word
    import snowballstemmer  # large: it loads the stemmers of all languages

    stemmer = snowballstemmer.stemmer("english" if language == "en" else "french")
    return fold(stemmer.stemWord(word))


def folded_words(text: str, language: str) -> list[str]:
    """Return a text's stems, without stop words."""
    return [stem(word, language) for word in re.findall(r"\w+", fold(text)) if not is_small(word)]
