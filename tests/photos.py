"""Photos and documents as cameras, phones and strangers make them, and the doors of the CMS they come by."""

import html
import json
from functools import cache
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from fpdf import FPDF
from PIL import ExifTags, Image, ImageCms

from home.files import documents, photos  # the latter registers HEIC with Pillow

SECRET = "Salma"
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "HEIF": "heic"}
assert set(ENDINGS) == set(photos.FORMATS)
UPRIGHT_IS_TURNED = 6  # EXIF: turn it by 90° clockwise


def lying(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A picture that is red on its left and blue on its right: red above when it stands."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return image


def taken(kind: str = "JPEG", size: tuple[int, int] = (60, 40)) -> bytes:
    """A photo as a phone takes it: turned by its EXIF, with a place, a name in each note, and a profile."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = UPRIGHT_IS_TURNED
    exif[ExifTags.Base.ImageDescription] = SECRET
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (35.0, 46.0, 12.0), 3: "W", 4: (5.0, 48.0, 0.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    notes = {"exif": exif.tobytes(), "icc_profile": profile.tobytes()}
    if kind != "PNG":
        notes["xmp"] = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{SECRET}</x:xmpmeta>'.encode()
    if kind == "JPEG":
        notes["comment"] = SECRET.encode()
    out = BytesIO()
    lying(size).save(out, kind, quality=90, **notes)
    return out.getvalue()


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def pdf() -> bytes:
    document = FPDF()
    document.add_page()
    return bytes(document.output())


def upload(data: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "application/octet-stream")


# ---- the doors: each sends the file and returns the response


def by_form(client, file, area="images", **data):
    return client.post(
        reverse(f"wagtail{area}:add"), {"title": "Robot", "file": file, "collection": 1} | data
    )


def by_many(client, file, area="images"):
    return client.post(
        reverse(f"wagtail{area}:add_multiple"),
        {"title": "Robot", "files[]": file, "collection": 1},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )


def by_chooser(client, file, area="images"):
    prefix = {"images": "image", "docs": "document"}[area] + "-chooser-upload-"
    return client.post(
        reverse(f"wagtail{area}_chooser:create"),
        {f"{prefix}title": "Robot", f"{prefix}file": file, f"{prefix}collection": 1},
    )


DOORS = {"form": by_form, "many": by_many, "chooser": by_chooser}


def refused(response, language: str = "fr") -> bool:
    """Whether the answer is a page, or what one of the CMS's scripts reads, with a sentence of a judge."""
    text = response.content.decode()
    if response["Content-Type"].startswith(("application/json", "text/json")):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    with translation.override(language):
        said = [str(one) for table in (photos.SENTENCES, documents.SENTENCES) for one in table.values()]
    return response.status_code == 200 and any(one in html.unescape(text) for one in said)
