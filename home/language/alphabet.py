"""Alphabetical order for the reader, the same on every database.

Databases order by code point or by the server's locale: Élias comes last on one and between Adam and Inès on
another. So lists of people are sorted here, in Python, by `order_of`; `tests/home/test_alphabet.py` finds the
places that let a database do it.

A simplified Unicode collation (UTS #10): letters first, accents and case only between equal letters, words
before longer words. The script of the reader's language comes first, then the others in Unicode's order.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar, overload

from django.db.models import Model, QuerySet
from django.utils.translation import get_language

T = TypeVar("T")
M = TypeVar("M", bound=Model)
Order = tuple[tuple[int, ...], str]

# Letters that have no decomposition, by the letters a reader looks under.
_AS = str.maketrans(
    {
        "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "ı": "i",
        "ħ": "h", "ŋ": "n", "ə": "e", "ɛ": "e", "ɣ": "g",
        "ٱ": "ا", "ی": "ي", "ى": "ي", "ک": "ك", "گ": "ك", "ڭ": "ك", "پ": "ب", "چ": "ج", "ڤ": "ف", "ڥ": "ف",
        "ة": "ه", "ـ": None,
    }
)  # fmt: skip
_ARABIC = range(0x0600, 0x0700)
_LATIN = range(0x0041, 0x0250)
_FIRST = {"ar": _ARABIC}  # whose letters come first; Latin for every other language


@lru_cache(maxsize=20_000)
def _ordered(text: str, language: str) -> Order:
    composed = unicodedata.normalize("NFC", text).casefold()
    plain = unicodedata.normalize("NFKD", composed)
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_AS)
    first = _FIRST.get(language, _LATIN)
    weights: list[int] = []
    for sign in letters:
        if sign.isalnum():
            weights.append(ord(sign) + (0x1000 if ord(sign) in first or sign.isdigit() else 0x200000))
        elif weights and weights[-1]:
            weights.append(0)  # spaces, hyphens and apostrophes part words: Ben Ali before Benali
    while weights and not weights[-1]:
        weights.pop()
    return tuple(weights), composed


def order_of(*texts: str) -> tuple[Order, ...]:
    """Return the sort key of these texts, such as a first and a family name, in the active language."""
    language = (get_language() or "fr")[:2]
    return tuple(_ordered(text or "", language) for text in texts)


def name_of(row: Any, *fields: str) -> tuple[Order, ...]:
    """Return the sort key of a row by its fields: `name_of(tie, "child__first_name", "child__last_name")`."""
    texts = []
    for field in fields:
        value: Any = row
        for step in field.split("__"):
            value = getattr(value, step)
        texts.append(str(value or ""))
    return order_of(*texts)


def in_alphabet(rows: Iterable[T], *fields: str) -> list[T]:
    """Return the rows sorted by these fields, then by primary key."""
    return sorted(rows, key=lambda row: (name_of(row, *fields), getattr(row, "pk", 0)))


class Alphabetical(Sequence[M]):
    """A queryset in alphabetical order, read page by page: one query for all keys, one for each slice.

    `rank` names an expression of the queryset that is sorted by first.
    """

    def __init__(self, rows: "QuerySet[M]", *fields: str, rank: str = "") -> None:
        self.rows, self.fields, self.rank = rows.order_by(), fields, rank
        self._keys: list[int] | None = None

    @property
    def keys(self) -> list[int]:
        if self._keys is None:
            columns = ([self.rank] if self.rank else []) + [*self.fields]
            found = {row[0]: row[1:] for row in self.rows.prefetch_related(None).values_list("pk", *columns)}
            ranks = 1 if self.rank else 0
            self._keys = sorted(
                found, key=lambda key: (found[key][:ranks], order_of(*found[key][ranks:]), key)
            )
        return self._keys

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, wanted: int) -> M: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[M]: ...

    def __getitem__(self, wanted: int | slice) -> M | list[M]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1 or None][0]
        keys = self.keys[wanted]
        by_key = {row.pk: row for row in self.rows.filter(pk__in=keys)}
        return [by_key[key] for key in keys if key in by_key]

    def __iter__(self) -> Iterator[M]:
        return iter(self[:])


def sorted_by(fields: Callable[[T], Iterable[str]], rows: Iterable[T]) -> list[T]:
    """Return the rows sorted by the texts that `fields` returns of each; equal ones stay in their order."""
    return sorted(rows, key=lambda row: order_of(*fields(row)))
