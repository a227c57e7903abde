"""Hints for editors: missing search descriptions and alternative text. Never blocks publishing."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page


def pictures_without_words(page: Page) -> int:
    """Return how many pictures of this page lack alternative text in its language,
    without decorative ones.
    """
    count = 0
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            count += sum(
                1
                for picture in pictures_in(getattr(page, field.name))
                if not _has_words(picture, page.language)
            )
        elif (
            field.is_relation
            and field.related_model is get_image_model()
            and field.concrete
            and field.name != "social_image"
        ):
            picture = getattr(page, field.name)
            count += bool(picture and not getattr(picture, f"alt_{page.language}", ""))
    return count


def pictures_in(value: Any) -> Iterator[AbstractImage]:
    """Yield the pictures anywhere inside a block's value."""
    if isinstance(value, AbstractImage):
        yield value
    elif hasattr(value, "values") and callable(value.values):
        for inner in value.values():
            yield from pictures_in(inner)
    elif isinstance(value, list | tuple) or hasattr(value, "stream_block") or hasattr(value, "list_block"):
        for inner in value:
            yield from pictures_in(getattr(inner, "value", inner))


def _has_words(picture: AbstractImage, language: str) -> bool:
    return bool(
        getattr(picture, "decorative", False)
        or getattr(picture, "contextual_alt_text", "")
        or getattr(picture, f"alt_{language}", "")
    )


def notices(page: Page) -> list[str]:
    """Return the hints in the active language; empty if nothing is missing."""
    said = []
    if not page.search_description:
        said.append(
            _("“%(page)s” has no description for search engines yet (tab “Promote”).") % {"page": page.title}
        )
    if count := pictures_without_words(page):
        words = ngettext(
            "%(count)s picture on “%(page)s” has no alternative text.",
            "%(count)s pictures on “%(page)s” have no alternative text.",
            count,
        )
        said.append(words % {"count": count, "page": page.title})
    return said
