"""Addresses of names with whole numbers and plain texts as arguments, whose pattern is found once.

`reverse` goes through all patterns of a name and matches the result again, at each link of each row.
"""

from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import escape
from django.utils.translation import get_language

MARKS: dict[type, str] = {int: "98765{}43210", str: "mark-{}-AZ"}  # stand for an argument in a pattern
Place = tuple[str, tuple[type, ...], str | None, str, str]
_patterns: dict[Place, str] = {}


def kept_address(name: str, args: Any = ()) -> str:
    """Return `reverse(name, args=args)`. Raises NoReverseMatch as that does."""
    kinds = tuple([type(arg) for arg in args])
    place = (name, kinds, get_language(), settings.ROOT_URLCONF, get_script_prefix())
    pattern = _patterns.get(place)
    if pattern is None:
        pattern = _patterns[place] = _pattern(name, kinds)
    if pattern and all(map(_is_plain, args)):
        return pattern.format(*args)
    return reverse(name, args=args)


def _is_plain(arg: Any) -> bool:
    """Return whether every pattern that takes one number, or one text, takes this one, and as it is."""
    if type(arg) is int:
        return arg >= 0
    return bool(arg.isascii() and arg.replace("-", "").isalnum())


def _pattern(name: str, kinds: tuple[type, ...]) -> str:
    """Return the address with places for the arguments; "" if it must be found each time."""
    if ":" in name or not MARKS.keys() >= set(kinds):
        return ""
    marks = [MARKS[kind].format(number) for number, kind in enumerate(kinds)]
    try:
        found = reverse(name, args=[kind(mark) for kind, mark in zip(kinds, marks, strict=True)])
    except NoReverseMatch:
        return ""
    if escape(found) != found or "{" in found or any(found.count(mark) != 1 for mark in marks):
        return ""
    for number, mark in enumerate(marks):
        found = found.replace(mark, f"{{{number}}}")
    return found
