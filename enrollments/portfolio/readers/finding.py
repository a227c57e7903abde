"""What a reader found in a file."""

from dataclasses import dataclass, field
from typing import Any

LONGEST = 120  # characters of a title or a name that is shown
MOST_NAMES = 20  # names that are listed: functions, own blocks, imported modules


@dataclass
class Finding:
    """`facts` can be written as JSON; `clean` is to be kept in place of the file, None: keep it as it is."""

    kind: str
    extension: str
    facts: dict[str, Any] = field(default_factory=dict)
    clean: bytes | None = None


def words(value: object) -> str:
    """Return a title or a name from a file, on one line and short; empty if it is no text."""
    if not isinstance(value, str):
        return ""
    shown = "".join(letter if letter.isprintable() else " " for letter in value[: LONGEST * 4])
    return " ".join(shown.split())[:LONGEST]


def names(values: list[str]) -> list[str]:
    """Return these names once each, in their order, those that can be shown."""
    return list(dict.fromkeys(name for value in values if (name := words(value))))[:MOST_NAMES]


def table(value: object) -> dict[str, Any]:
    """Return the value if it is a JSON object, else an empty one: files lie about their shape."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    """Return the value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []
