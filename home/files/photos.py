"""Judge a photo by its content, and write it again: nothing but its pixels is stored (trust 23 and 24).

The only judge of photos. Every door asks it: pictures of the CMS, by form, API or code, and portraits of the
team. It knows neither models nor requests.
"""

from enum import StrEnum
from io import BytesIO
from pathlib import PurePath

from django.core.files.base import ContentFile, File
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

from home.files import pixels
from home.files.pixels import MOST_BYTES, MOST_PIXELS
from home.refusals import CodedRefusal

register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What a file carries besides pixels, by Pillow's name of it.
LUGGAGE = {
    "exif": "EXIF",
    "xmp": "XMP",
    "XML:com.adobe.xmp": "XMP",
    "photoshop": "IPTC",
    "comment": "comment",
    "icc_profile": "ICC",
}


class Reason(StrEnum):
    KIND = "kind"
    SIZE = "size"
    PIXELS = "pixels"
    BROKEN = "broken"


class Refused(CodedRefusal[Reason]):
    """The file is not stored."""


SENTENCES = {
    Reason.KIND: _("We cannot read this file as a picture. Choose a JPEG, PNG, WebP, AVIF or HEIC file."),
    Reason.SIZE: _("This picture is larger than 8 MB. Make it smaller, then try again."),
    Reason.PIXELS: _("This picture has more than 40 million pixels. Make it smaller, then try again."),
    Reason.BROKEN: _("This picture is damaged or incomplete. Export it or copy it again, then try again."),
}


class Photo(ContentFile):  # type: ignore[type-arg]  # Django's stubs alone make it generic
    """A photo that this module has written: upright, sRGB, 8 bits, without metadata."""

    @property
    def suffix(self) -> str:
        """Return the ending of the file's name that says its format."""
        return PurePath(self.name or "").suffix


def clean(file: File, *, longest: int | None = None, most_bytes: int | None = MOST_BYTES) -> Photo:  # type: ignore[type-arg]
    """Return the photo in this file, written again as JPEG, or as PNG if it was one or is transparent.

    `longest` limits its longer side, in pixels. A moving picture keeps its first frame. Raises Refused.
    """
    if most_bytes is not None and file.size > most_bytes:
        raise Refused(Reason.SIZE)
    image = _opened(file)
    try:
        photo, kind = pixels.written(pixels.decoded(image, longest), as_png=image.format == "PNG")
    except Exception as fault:
        # Each decoder gives up in its own way: OSError, SyntaxError, ValueError, struct.error and more.
        raise Refused(Reason.BROKEN) from fault
    return Photo(photo, name=f"{PurePath(file.name or '').stem or 'picture'}{kind}")


def luggage(file: File) -> list[str]:  # type: ignore[type-arg]
    """Return what the file carries besides its pixels, such as EXIF, and "GPS" if it says where it was taken.

    Raises Refused if it is no photo.
    """
    image = _opened(file)
    try:
        image.load()
        found = {words for name, words in LUGGAGE.items() if image.info.get(name)}
        if image.getexif().get_ifd(ExifTags.IFD.GPSInfo):
            found.add("GPS")
    except Exception as fault:
        raise Refused(Reason.BROKEN) from fault
    return sorted(found)


def _opened(file: File) -> Image.Image:  # type: ignore[type-arg]
    """Return the image, not decoded yet, with an allowed format and number of pixels."""
    file.seek(0)
    try:
        image = Image.open(BytesIO(file.read()), formats=FORMATS)
    except BOMBS as fault:
        raise Refused(Reason.PIXELS) from fault
    except Exception as fault:
        raise Refused(Reason.KIND) from fault
    if image.width * image.height > MOST_PIXELS:
        raise Refused(Reason.PIXELS)
    return image
