"""Phonetic keys for name search, so that Lamrani, El Amrani and العمراني match, and Abd El Kader Abdelkader.

Pure functions, plus the model field that stores the keys.

Names are spelled in several ways across two scripts, so their folded words are stored with a skeleton:
consonants only, one letter per sound, without the article. Compounds are written in one word or in several:
neighbouring words are also stored joined. After Holmes and McCabe's consonant codes for Arabic names; kept
simple, since a person reads the results.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import models

from home.language.folding import fold

ARTICLES = {"el", "al", "ال", "l"}
MOST_WORDS = 5  # of what is typed
LONGEST_JOIN = 4  # words of one compound: Abd Er Rahman, Ben Abd El Kader
_PAIRS = (
    ("tch", "C"),
    ("sch", "C"),
    ("ch", "C"),
    ("sh", "C"),
    ("kh", "X"),
    ("gh", "G"),
    ("ph", "f"),
    ("dj", "j"),
    ("th", "t"),
    ("dh", "d"),
    ("gu", "k"),
    ("qu", "k"),
)
_LATIN = str.maketrans({"q": "k", "c": "k", "v": "f", "p": "b", "x": "ks", "h": "", "'": "", "’": ""})
_ARABIC = str.maketrans(
    {
        "ا": "a",
        "ب": "b",
        "ت": "t",
        "ث": "t",
        "ج": "j",
        "ح": "",
        "خ": "X",
        "د": "d",
        "ذ": "d",
        "ر": "r",
        "ز": "z",
        "س": "s",
        "ش": "C",
        "ص": "s",
        "ض": "d",
        "ط": "t",
        "ظ": "d",
        "ع": "a",
        "غ": "G",
        "ف": "f",
        "ق": "k",
        "ك": "k",
        "ل": "l",
        "م": "m",
        "ن": "n",
        "ه": "",
        "و": "u",
        "ي": "i",
        "ء": "",
    }
)
_VOWELS = re.compile("[aeiouyw]")
_UNWRITTEN = re.compile("(?<=.)a")  # a short vowel that Arabic leaves out, after the first letter
_FIRST_VOWEL = re.compile("^[ui]")
_SUN = "تثدذرزسشصضطظن"  # the article's l is not heard before them: عبد الرحمن is Abderrahmane
_HEARD_AS_ONE = re.compile(f"(?<=..)ال(?=[{_SUN}])")
_ABD_EL = re.compile("(?<=abd)[eao]l(?=[tdrzsn])")
_DOUBLED = re.compile(r"(.)\1+")
_IS_ARABIC = re.compile("[\u0600-\u06ff]")


def _sounds(word: str, h: str = "") -> str:
    """Return the letters of a folded word, one per sound, vowels included; `h` stands for each h."""
    if _IS_ARABIC.search(word):
        if word.endswith("ه") and len(word) > 2:
            word = word[:-1] + "ا"  # ta marbuta sounds like a
        return word.translate(_ARABIC | dict.fromkeys(map(ord, "حه"), h))
    word = re.sub("c(?=[eiy])", "s", word)
    word = re.sub("g(?=[eiy])", "j", word)
    word = re.sub("^rh", "gh", word)
    for pair, letter in _PAIRS:
        word = word.replace(pair, letter)
    word = word.replace("ou", "u").replace("oo", "u")
    return word.translate(_LATIN | {ord("h"): h}).translate(str.maketrans("ywoe", "iuua"))


def _skeletons(word: str) -> set[str]:
    """Return the consonants only, one way. A word with fewer than two would match anybody: it keeps the
    vowels that both scripts write (Alaoui and العلوي are "alui", Oumayma and أميمة "amim"), or its h (Houda
    and هدى).
    """
    sounds = _DOUBLED.sub(r"\1", _sounds(word))
    bare = _DOUBLED.sub(r"\1", _VOWELS.sub("", sounds))
    if len(bare) > 1:
        return {bare}
    short = _DOUBLED.sub(r"\1", _UNWRITTEN.sub("", sounds))
    with_h = _DOUBLED.sub(r"\1", _VOWELS.sub("", _sounds(word, "h")))
    return {short, _FIRST_VOWEL.sub("a", short), *([with_h] if len(with_h) > 1 else [])}


def skeletons(word: str) -> set[str]:
    """Return a folded word's possible skeletons: with and without a merged article (Lamrani, العمراني,
    Elamrani).
    """
    ways = {word}
    if _IS_ARABIC.search(word):
        if word.startswith("ال") and len(word) > 4:
            ways.add(word[2:])
        ways |= {_HEARD_AS_ONE.sub("", way) for way in ways}
    else:
        ways.add(_ABD_EL.sub("", word))
        for article in ("el", "al"):
            if word.startswith(article) and len(word) > 5:
                ways.add(word[2:])
        if re.match("l[aeiou]", word) and len(word) > 4:
            ways.add(word[1:])
    return {found for way in ways for found in _skeletons(way) if found}


def words_of(name: str) -> list[str]:
    """Return a name's folded words without articles."""
    words = _words(name)
    return [word for word in words if word not in ARTICLES] or words


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold(name.replace("'", " ").replace("’", " ")))


def joined(name: str) -> list[str]:
    """Return neighbouring words of a name written as one, articles included: "abdel", "abdelkader", "elkader"
    of Abd El Kader.
    """
    words = _words(name)
    return [
        "".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 2, min(first + LONGEST_JOIN, len(words)) + 1)
    ]


def keys_of(*names: str) -> str:
    """Return a name's stored keys: its folded words, and neighbours joined, each with its "=skeleton"s,
    space-separated; empty without a name.
    """
    found = dict.fromkeys(
        key
        for name in names
        for word in (*words_of(name), *joined(name))
        for key in (word, *(f"={bare}" for bare in sorted(skeletons(word))))
    )
    return f" {' '.join(found)} " if found else ""


def _segments(words: list[str]) -> list[list[str]]:
    """Return every way to read these words with neighbours joined, articles left out when alone; the way
    they are written first.
    """
    if not words:
        return [[]]
    ways = []
    for last in range(1, min(LONGEST_JOIN, len(words)) + 1):
        word = "".join(words[:last])
        for rest in _segments(words[last:]):
            ways.append(rest if word in ARTICLES and (rest or len(words) > last) else [word, *rest])
    return ways


def is_spelled_as(name: str, other: str) -> bool:
    """Return whether two names are the same word for word: case, accents, spaces and hyphens do not count
    (Inès, INÈS, Ines; Nour-Eddine, Noureddine). For one person's own rows; `may_be_one` compares strangers'.
    """
    return "".join(_words(name)) == "".join(_words(other))


PARTICLES = frozenset(
    "el al ait ben bin ibn bent bint bou abou abu ould oulad beni de da di du des van von le la st san "
    "بن ابن بنت بو ابو ايت ولد اولاد بني ال".split()
)


def family_name_in(name: str) -> str:
    """Return the family name of a full name, particles included ("El Amrani" of Salwa El Amrani); empty for
    one name alone, which is nobody's family name.
    """
    words = name.split()
    first = len(words) - 1
    while first > 1 and fold(words[first - 1]) in PARTICLES:
        first -= 1
    return " ".join(words[first:]) if first > 0 else ""


def may_be_one(name: str, other: str) -> bool:
    """Return whether two names may be the same person's: every word of one sounds like one of the other's, in
    either script, whether compounds are written in one word or in several. The order does not matter.
    """
    return _is_heard_in(name, other) or _is_heard_in(other, name)


def _is_heard_in(name: str, other: str) -> bool:
    """Return whether every word of a name, read one way or another, sounds like one of the other name."""
    heard = [skeletons(word) for word in (*words_of(other), *joined(other))]
    return any(
        words and all(any(skeletons(word) & one for one in heard) for word in words)
        for words in _segments(_words(name)[:MOST_WORDS])
    )


def asked_for(text: str, field: str = "name_keys") -> models.Q | None:
    """Return the condition that matches a name typed in a search box, in any order, either script and with
    compounds written either way; None without letters.
    """
    words = _words(text)[:MOST_WORDS]
    if not words:
        return None
    condition = models.Q(pk__in=[])
    for segments in _segments(words):
        way = models.Q()
        for word in segments:
            one = models.Q(**{f"{field}__contains": f" {word}"})
            for bare in skeletons(word):
                one |= models.Q(**{f"{field}__contains": f" ={bare} "})
            way &= one
        condition |= way
    return condition


def written_as(text: str, field: str = "name_keys") -> models.Q:
    """Return the condition for names that hold every word as it is typed: the hits to show first."""
    condition = models.Q()
    for word in words_of(text)[:MOST_WORDS]:
        condition &= models.Q(**{f"{field}__contains": f" {word} "})
    return condition


class NameKeysField(models.TextField[str, str]):
    """Field with the keys of other fields, updated on save: `NameKeysField("first_name", "last_name")`."""

    def __init__(self, *sources: str, **kwargs: Any):
        self.sources = sources
        defaults: dict[str, Any] = {"editable": False, "blank": True, "default": ""}
        super().__init__(**defaults | kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, _args, kwargs = super().deconstruct()
        return name, path, list(self.sources), kwargs

    def pre_save(self, instance: models.Model, add: bool) -> str:
        value = keys_of(*(getattr(instance, source) or "" for source in self.sources))
        setattr(instance, self.attname, value)
        return value
