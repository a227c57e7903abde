"""Files of Wagtail's reports whose cells are text (trust 26): no spreadsheet takes what somebody typed for a
formula. Wagtail sees to it in XLSX files, not in CSV (OWASP: CSV injection).
"""

from collections.abc import Callable
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(value: Any) -> str:
    """Return the words of a cell; an apostrophe before what a spreadsheet would calculate."""
    words = "" if value is None else str(value)
    return f"'{words}" if words.startswith(FORMULA) else words


def text_columns(*names: str) -> dict[str, dict[str, Callable[[Any], str]]]:
    """Return what Wagtail's `custom_field_preprocess` makes of these columns: text."""
    return {name: {"csv": as_text} for name in names}
