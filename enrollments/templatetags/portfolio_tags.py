"""Template tags of children's files."""

from typing import Any

from django import template

from enrollments.models import ProjectFile
from enrollments.portfolio import contents, drawings, said
from home.language.sizes import size_words

register = template.Library()

register.filter("dimensions", said.dimensions)
register.filter("grams", said.grams)
register.filter("grams_changed", said.grams_changed)


@register.filter
def download_size(file: ProjectFile) -> str:
    """Return the size of what a download brings. The row of a picture counts the small one too, so that the
    storage is asked for the whole one; "" if it does not say.
    """
    size = contents.size_of(file.stored_as) if file.small_as else file.size
    return "" if size is None else size_words(size)


@register.simple_tag
def file_words(kind: str, facts: dict[str, Any]) -> list[str]:
    """Return what a file shows, line by line, in the active language."""
    return said.words(kind, facts)


@register.simple_tag
def file_bars(kind: str | None, facts: dict[str, Any] | None) -> list[drawings.Bar]:
    """Return the bars of our drawing of a file; none without a file."""
    return drawings.bars(kind, facts or {}) if kind else []
