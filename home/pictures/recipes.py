"""Which renditions pages show of a picture. The worker makes all of them for each picture."""

import hashlib

from wagtail.images.models import Filter

RECIPES: dict[str, tuple[str, ...]] = {
    "body": tuple(
        f"format-{kind}|width-{width}" for kind in ("avif", "webp", "jpeg") for width in (480, 960)
    ),
    "portrait": ("fill-320x320|format-webp", "fill-320x320|format-jpeg"),
    "sharing": ("fill-1200x630|format-jpeg|jpegquality-80",),
}
# Shown until they are made: small enough to be made while a visitor waits.
STAND_IN = "width-800|format-jpeg|jpegquality-75"

SPECS = (STAND_IN, *(spec for specs in RECIPES.values() for spec in specs))
# A picture notes by which recipes its renditions were made: after a change of them, all are made again.
RECIPE = hashlib.sha256(" ".join(SPECS).encode()).hexdigest()[:16]


def filters(use: str) -> list[Filter]:
    return [Filter(spec=spec) for spec in RECIPES[use]]
