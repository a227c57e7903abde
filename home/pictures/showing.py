"""What a page shows of a picture: its renditions, or a small JPEG until the worker has made them."""

import logging
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from wagtail.images.models import Picture as PictureElement

from home.models import Picture, PictureRendition
from home.pictures.recipes import STAND_IN, filters

log = logging.getLogger("home.pictures")


def element(picture: Picture, use: str, *, language: str, **attrs: Any) -> SafeString:
    """Return the HTML of this picture on a page in that language; empty if the file cannot be read."""
    words = "" if picture.decorative else picture.contextual_alt_text or picture.alt_in(language)
    attrs["alt"] = words
    found = renditions(picture, use)
    if found:
        markup: SafeString = mark_safe(PictureElement(found, attrs).__html__())
        return markup
    try:
        stand_in = picture.get_rendition(STAND_IN)
    except OSError:
        log.warning("picture %s cannot be read", picture.pk)
        return SafeString("")
    attrs.pop("sizes", None)
    tag: SafeString = stand_in.img_tag(attrs)
    return tag


def renditions(picture: Picture, use: str) -> dict[str, PictureRendition]:
    """Return all renditions of this use by specification; empty until they are made."""
    wanted = filters(use)
    found = picture.find_existing_renditions(*wanted)
    if len(found) < len(wanted):
        return {}
    keys = {
        PictureRendition.construct_cache_key(picture, one.focal_point_key, one.filter_spec): one
        for one in found.values()
        if not getattr(one, "_from_cache", False)
    }
    if keys:
        PictureRendition.cache_backend.set_many(keys)
    return {one.spec: found[one] for one in wanted}
