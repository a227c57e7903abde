"""Punctuation of the active language: the comma and semicolon of a list, the colon after a label."""

from collections.abc import Iterable

from django.utils.translation import gettext as _


def comma() -> str:
    """Return the comma between two items, with its space."""
    return _(", ")


def listed(items: Iterable[object]) -> str:
    """Return "Salma, Adam" or "سلمى، آدم"."""
    return comma().join(map(str, items))


def semicolon() -> str:
    """Return the semicolon between two items, with its spaces."""
    return _("; ")


def listed_apart(items: Iterable[object]) -> str:
    """Return items that hold commas or are whole phrases: "Salwa, 06 12 34 56 78; Karim"."""
    return semicolon().join(map(str, items))


def labelled(label: object, value: object) -> str:
    """Put a label before a value: "Register: Scratch"; in French with a no-break space before the colon."""
    return f"{label}" + _(": ") + f"{value}"
