"""The texts of a page, each with the way to its field in the form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.rich_text import RichText

FOR_ROBOTS = ("seo_title", "search_description")  # fields of the page that only search engines show
ENDS = re.compile(r"</(?:p|h\d|li|div|td)>|<br\s*/?>")


@dataclass(frozen=True)
class TypedText:
    """A text of a page.

    field   the way to it in the form, as in home.cms.gate.problems.Problem
    text    what is read, a line for each paragraph
    source  rich text as it is stored, empty for plain text
    """

    field: str
    text: str
    source: str = ""


def passages(page: Page) -> list[TypedText]:
    """Return every text that somebody typed into this version of a page, in the order of its form."""
    found = []
    for name in dict.fromkeys((*getattr(page, "words_fields", ("title",)), *FOR_ROBOTS)):
        field, value = page._meta.get_field(name), getattr(page, name)
        if isinstance(field, StreamField):
            for block in value:
                found += [TypedText(f"{name}.{block.id}", *pair) for pair in _texts(block.value)]
        elif isinstance(field, RichTextField):
            found.append(TypedText(name, plain(value or ""), value or ""))
        else:
            found.append(TypedText(name, value or ""))
    return [passage for passage in found if passage.text.strip() or passage.source]


def plain(source: str) -> str:
    """Return the text of rich text, a line for each paragraph, heading and line of a list."""
    return unescape(strip_tags(ENDS.sub("\n", source)))


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Yield text and source of the texts inside a block's value."""
    if isinstance(value, RichText):
        yield plain(value.source), value.source
    elif isinstance(value, str):
        yield value, ""
    elif hasattr(value, "values") and callable(value.values):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple) or hasattr(value, "stream_block") or hasattr(value, "list_block"):
        for inner in value:
            yield from _texts(getattr(inner, "value", inner))
