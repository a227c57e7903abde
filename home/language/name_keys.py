"""Phonetic keys for name search, so that Lamrani, El Amrani and العمراني match.

Pure functions, plus the model field that stores the keys.

Names are spelled in several ways across two scripts, so their folded words are stored with a skeleton:
consonants only, one letter per sound, without the article. After Holmes and McCabe's consonant codes for
Arabic names; kept simple, since a person reads the results.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import models

from home.language.folding import fold

ARTICLES = {"el", "al", "ال", "l"}
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
_DOUBLED = re.compile(r"(.)\1+")
_IS_ARABIC = re.compile("[\u0600-\u06ff]")


def _sounds(word: str) -> str:
    """Return the letters of a folded word, one per sound, vowels included."""
    if _IS_ARABIC.search(word):
        if word.endswith("ه") and len(word) > 2:
            word = word[:-1] + "ا"  # ta marbuta sounds like a
        return word.translate(_ARABIC)
    word = re.sub("c(?=[eiy])", "s", word)
    word = re.sub("g(?=[eiy])", "j", word)
    for pair, letter in _PAIRS:
        word = word.replace(pair, letter)
    word = word.replace("ou", "u").replace("oo", "u")
    return word.translate(_LATIN).translate(str.maketrans("ywoe", "iuua"))


def _skeleton(word: str) -> str:
    """Return the consonants only; a word with fewer than two keeps its vowels, or Aya and Ali would match
    anybody.
    """
    sounds = _DOUBLED.sub(r"\1", _sounds(word))
    bare = _DOUBLED.sub(r"\1", _VOWELS.sub("", sounds))
    return bare if len(bare) > 1 else sounds


def skeletons(word: str) -> set[str]:
    """Return a folded word's possible skeletons: with and without a merged article (Lamrani, العمراني,
    Elamrani).
    """
    ways = {word}
    if _IS_ARABIC.search(word):
        if word.startswith("ال") and len(word) > 4:
            ways.add(word[2:])
    else:
        for article in ("el", "al"):
            if word.startswith(article) and len(word) > 5:
                ways.add(word[2:])
        if re.match("l[aeiou]", word) and len(word) > 4:
            ways.add(word[1:])
    return {found for way in ways if (found := _skeleton(way))}


def words_of(name: str) -> list[str]:
    """Return a name's folded words without articles."""
    words = re.findall(r"[^\W\d_]+", fold(name.replace("'", " ").replace("’", " ")))
    return [word for word in words if word not in ARTICLES] or words


def keys_of(*names: str) -> str:
    """Return a name's stored keys: folded words and "=skeleton" for each, space-separated; empty without a
    name.
    """
    found = dict.fromkeys(
        key
        for name in names
        for word in words_of(name)
        for key in (word, *(f"={bare}" for bare in sorted(skeletons(word))))
    )
    return f" {' '.join(found)} " if found else ""


def may_be_one(name: str, other: str) -> bool:
    """Return whether two names may be the same person's: every word of the shorter sounds like one of the
    longer, in either script.
    """
    short, long = sorted(([skeletons(word) for word in words_of(text)] for text in (name, other)), key=len)
    return bool(short) and all(any(word & heard for heard in long) for word in short)


def asked_for(text: str, field: str = "name_keys") -> models.Q | None:
    """Return the condition that matches a name typed in a search box, in any order and either script; None
    without letters.
    """
    words = words_of(text)
    if not words:
        return None
    condition = models.Q()
    for word in words[:6]:
        one = models.Q(**{f"{field}__contains": f" {word}"})
        for bare in skeletons(word):
            one |= models.Q(**{f"{field}__contains": f" ={bare} "})
        condition &= one
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
