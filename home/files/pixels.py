"""Decode a photo and write it again: upright, sRGB, 8 bits, without metadata (trust 24).

Pure functions of Pillow, which the process that reads children's files uses too: no Django here. Each decoder
gives up in its own way, so a caller expects any exception.
"""

from io import BytesIO
from math import sqrt

from PIL import Image, ImageCms, ImageOps

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000  # of an upload; Pillow alone would open more than four times as many
KEPT_PIXELS = 12_000_000
QUALITY = 88
SRGB = ImageCms.createProfile("sRGB")


def decoded(image: Image.Image, longest: int | None = None) -> Image.Image:
    """Decode every pixel; return the image upright, within its size, in RGB or RGBA of 8 bits."""
    size = _size(image.width, image.height, longest)
    image.draft(None, size)  # a JPEG is decoded at half its size or less where that is enough
    image.load()
    image = eight_bits(image)
    size = _size(image.width, image.height, longest)
    if size != image.size:  # before it is turned: turning makes a copy
        image = image.resize(size, Image.Resampling.LANCZOS)
    return _in_srgb(_upright(image))


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


def written(image: Image.Image, *, as_png: bool) -> tuple[bytes, str]:
    """Return the file's bytes and the ending of its name: PNG if asked or transparent, else JPEG."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.info = {}  # Pillow would write the comment, the profile and the resolution again
    out = BytesIO()
    if as_png or image.mode == "RGBA":
        image.save(out, "PNG")
        while image.mode == "RGBA" and out.tell() > MOST_BYTES:  # what was small as WebP is large as PNG
            image, out = image.resize((image.width // 2, image.height // 2)), BytesIO()
            image.save(out, "PNG")
        if out.tell() <= MOST_BYTES:
            return out.getvalue(), ".png"
        out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), ".jpg"
