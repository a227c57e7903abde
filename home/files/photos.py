"""Judge a photo by its content, and write it again: nothing but its pixels is stored (trust 23 and 24).

The only judge of photos. Every door asks it: pictures of the CMS, by form, API or code, and portraits of the
team. It knows neither models nor requests.
"""

from enum import StrEnum
from io import BytesIO
from math import sqrt
from pathlib import PurePath

from django.core.files.base import ContentFile, File
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener

from home.refusals import CodedRefusal

register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000  # of an upload; Pillow alone would open more than four times as many
KEPT_PIXELS = 12_000_000
QUALITY = 88
SRGB = ImageCms.createProfile("sRGB")
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
        photo, kind = _written(_decoded(image, longest), as_png=image.format == "PNG")
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


def _decoded(image: Image.Image, longest: int | None) -> Image.Image:
    """Decode every pixel; return the image upright, within its size, in RGB or RGBA of 8 bits."""
    size = _size(image.width, image.height, longest)
    image.draft(None, size)  # a JPEG is decoded at half its size or less where that is enough
    image.load()
    image = _upright(eight_bits(image))
    size = _size(image.width, image.height, longest)
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    return _in_srgb(image)


def _size(width: int, height: int, longest: int | None) -> tuple[int, int]:
    share = min(1.0, sqrt(KEPT_PIXELS / (width * height)))
    if longest is not None:
        share = min(share, longest / max(width, height))
    return max(1, int(width * share)), max(1, int(height * share))


def _upright(image: Image.Image) -> Image.Image:
    """Return the image as its EXIF says it is held. Pillow has turned HEIC already."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 — what is wrong is the note, not the picture
        return image


def eight_bits(image: Image.Image) -> Image.Image:
    """Return the image in a mode of 8 bits that can be resized, with its transparency if it has any."""
    if image.mode.startswith("I"):  # 16 bits: Pillow alone would cut what is above 255
        image.info.pop("transparency", None)  # a value of 16 bits
        return image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode in {"RGB", "RGBA", "CMYK"} and "transparency" not in image.info:
        return image
    if image.mode == "L" and "transparency" not in image.info:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the image in RGB or RGBA; colours described by a profile are converted."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    profile = image.info.get("icc_profile")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that is damaged, or of other colours than the image's
    return image.convert(mode)


def _written(image: Image.Image, *, as_png: bool) -> tuple[bytes, str]:
    """Return the file's bytes and the ending of its name."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.info = {}  # Pillow would write the comment, the profile and the resolution again
    out = BytesIO()
    if as_png or image.mode == "RGBA":
        image.save(out, "PNG")
        if image.mode == "RGBA" or out.tell() <= MOST_BYTES:
            return out.getvalue(), ".png"
        out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), ".jpg"
