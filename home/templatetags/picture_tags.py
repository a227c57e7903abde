"""Template tag for the editors' pictures: no page makes a rendition while a visitor waits."""

from django import template
from django.utils.translation import get_language

from home.models import Picture
from home.pictures.showing import element

register = template.Library()


@register.simple_tag(takes_context=True)
def shown_picture(context, picture: Picture | None, use: str, **attrs) -> str:
    """Return the HTML of a picture for one of the uses in home.pictures.recipes; empty if there is none."""
    if not picture:
        return ""
    language = getattr(context.get("page"), "language", None) or get_language()
    return element(picture, use, language=language, **attrs)
