"""Template tags of children's files."""

from typing import Any

from django import template

from enrollments.portfolio import drawings, said

register = template.Library()


@register.simple_tag
def file_words(kind: str, facts: dict[str, Any]) -> list[str]:
    """Return what a file shows, line by line, in the active language."""
    return said.words(kind, facts)


@register.simple_tag
def file_bars(kind: str, facts: dict[str, Any]) -> list[drawings.Bar]:
    """Return the bars of our drawing of a file."""
    return drawings.bars(kind, facts)
