"""Photos: judged by content, turned, 8 bits, no metadata, by every door; no original has an address."""

import re
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageCms
from wagtail.models import UploadedFile

from academy.urls import PUBLIC_MEDIA
from home.files import photos
from home.models import Picture
from home.pictures import cleaning, preparing
from home.pictures.recipes import RECIPE, SPECS
from tests.factories import grant_roles
from tests.photos import DOORS, ENDINGS, SECRET, by_form, lying, refused, saved, taken, upload

MODES = (
    "1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV",
    "I", "I;16", "I;16B", "I;16L", "I;16N", "F",
)  # fmt: skip


@pytest.fixture
def writer(site_tree, logged_in, editor):
    """Return the client of an editor in the CMS."""
    grant_roles()
    return logged_in(editor)


def only_pixels(file) -> bool:
    file.seek(0)
    return photos.luggage(file) == [] and SECRET.encode() not in (file.seek(0), file.read())[1]


def is_upright(image) -> bool:
    red, blue = image.convert("RGB").getpixel((5, 5)), image.convert("RGB").getpixel((5, image.height - 5))
    return image.height > image.width and red[0] > 200 > 60 > red[2] and blue[2] > 200 > 60 > blue[0]


@pytest.mark.parametrize("kind", ENDINGS)
@pytest.mark.parametrize("door", DOORS)
def test_a_photo_is_stored_upright_and_without_a_word_about_it(writer, door, kind):
    assert "GPS" in photos.luggage(ContentFile(taken(kind))) and SECRET.encode() in taken(kind)
    response = DOORS[door](writer, upload(taken(kind), f"photo.{ENDINGS[kind]}"))
    assert response.status_code in {200, 302}, response.content
    picture = Picture.objects.get()
    with picture.open_file() as file:
        assert only_pixels(file)
        image = Image.open(file)
        assert is_upright(image) and (picture.width, picture.height) == image.size == (40, 60)
        assert image.format == ("PNG" if kind == "PNG" else "JPEG") and picture.file_size == file.size
    assert picture.is_clean and picture.file_hash


def test_another_file_for_a_picture_is_judged_too_and_prepared_again(writer):
    by_form(writer, upload(saved(lying(), "PNG"), "first.png"))
    picture = Picture.objects.get()
    assert preparing.prepare(picture.pk, timezone.now())
    url = reverse("wagtailimages:edit", args=[picture.pk])
    assert "original_images" not in writer.get(url).content.decode()
    assert refused(writer.post(url, {"title": "Robot", "collection": 1, "file": upload(b"no", "x.jpg")}))
    assert Picture.objects.get().recipe == RECIPE
    writer.post(url, {"title": "Robot", "collection": 1, "file": upload(taken(), "second.jpg")})
    picture = Picture.objects.get()
    with picture.open_file() as file:
        assert only_pixels(file) and is_upright(Image.open(file))
    assert picture.recipe == "" and not picture.renditions.exists()


def test_a_file_whose_form_is_finished_later_is_judged_too(writer):
    title = "R" * 256  # too long: the file waits for the rest of its form
    answer = writer.post(
        reverse("wagtailimages:add_multiple"),
        {"title": title, "files[]": upload(taken(), "photo.jpg"), "collection": 1},
        headers={"X-Requested-With": "XMLHttpRequest"},
    ).json()
    waits, key = UploadedFile.objects.get(), answer["uploaded_file_id"]
    writer.post(
        reverse("wagtailimages:create_multiple_from_uploaded_image", args=[key]),
        {f"uploaded-image-{key}-title": "Robot", f"uploaded-image-{key}-collection": 1},
    )
    picture = Picture.objects.get()
    with picture.open_file() as file:
        assert only_pixels(file) and (picture.width, picture.height) == (40, 60)
    assert not waits.file.storage.exists(waits.file.name)


def test_a_file_that_waits_for_its_form_is_dropped_after_a_day(writer):
    by_many = DOORS["many"]
    by_many(writer, upload(taken(), f"{'R' * 90}.jpg"))
    waits = UploadedFile.objects.create(file=upload(taken(), "photo.jpg"))
    name, now = waits.file.name, timezone.now()
    assert cleaning.drop_unfinished(now) == 0 and UploadedFile.objects.exists()
    assert cleaning.drop_unfinished(now + cleaning.UNFINISHED) == 1
    assert not UploadedFile.objects.exists() and not waits.file.storage.exists(name)


def test_code_that_stores_a_picture_stores_pixels_only(db):
    picture = Picture.objects.create(title="Robot", file=ContentFile(taken(), name="robot.jpeg"))
    picture.refresh_from_db()
    assert (picture.width, picture.height, picture.is_clean) == (40, 60, True)
    with picture.open_file() as file:
        assert only_pixels(file)
    with pytest.raises((photos.Refused, OSError)):  # the latter is Wagtail's, which asks for the size first
        Picture.objects.create(title="Robot", file=ContentFile(taken()[:-200], name="robot.jpeg"))
    assert Picture.objects.count() == 1


# ---- modes


def tone(mode: str) -> Image.Image:
    """An image of one grey in the middle of the mode's range: 128 of 255."""
    if mode.startswith("I"):
        return Image.new(mode, (20, 30), 128 * 257)
    if mode == "1":
        return Image.new("1", (20, 30), 1)
    if mode == "P":
        palette = Image.new("P", (20, 30), 9)
        palette.putpalette([part for value in range(256) for part in 3 * (max(0, 137 - value),)])
        return palette
    if mode == "LAB":
        return Image.new("LAB", (20, 30), (137, 0, 0))
    grey, by_way_of = Image.new("L", (20, 30), 128), {"La": "LA", "PA": "LA", "RGBa": "RGBA"}
    return grey.convert(by_way_of.get(mode, "L" if mode == "F" else "RGB")).convert(mode)


def each_file() -> list:
    """Each mode in each allowed format that can carry it, and in TIFF for those that none carries."""
    found = []
    for mode in MODES:
        carried = []
        for kind in (*ENDINGS, "TIFF"):
            if kind == "TIFF" and carried:
                continue
            try:
                carried.append(pytest.param(kind, saved(tone(mode), kind), id=f"{mode}-{kind}"))
            except (OSError, ValueError, KeyError, DeprecationWarning):  # the last is pillow-heif's
                continue
        found += carried
    frames = [Image.new("RGBA", (20, 30), (128, 128, 128, 255)), Image.new("RGBA", (20, 30), "red")]
    for kind in ("PNG", "WEBP", "AVIF"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        found.append(pytest.param(kind, data, id=f"moving-{kind}"))
    for mode, value in (("1", 0), ("L", 7), ("P", 7), ("RGB", (1, 2, 3)), ("I;16", 65535)):
        data = saved(tone(mode), "PNG", transparency=value)
        found.append(pytest.param("PNG", data, id=f"{mode}-transparent-PNG"))
    return found


@pytest.mark.parametrize("kind, data", each_file())
def test_each_mode_of_pillow_becomes_eight_bits_or_is_refused_with_a_sentence(writer, kind, data):
    response = by_form(writer, upload(data, f"grey.{ENDINGS.get(kind, 'tiff')}"))
    if kind == "TIFF":
        assert refused(response) and not Picture.objects.exists()
        return
    assert response.status_code == 302, response.content
    sent = Image.open(ContentFile(data))
    meant = 3 * (128,) if sent.mode.startswith("I") else sent.convert("RGB").getpixel((10, 15))
    picture = Picture.objects.get()
    with picture.open_file() as file:
        image = Image.open(file)
        assert image.mode in {"RGB", "RGBA"} and getattr(image, "n_frames", 1) == 1
        assert near(image, meant)
    assert preparing.prepare(picture.pk, timezone.now())
    for rendition in Picture.objects.get().renditions.all():
        with rendition.open_file() as file:
            assert near(Image.open(file), meant), rendition.filter_spec


def near(image: Image.Image, meant: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 6 for a, b in zip(image.convert("RGB").getpixel((9, 9)), meant, strict=True))


def test_sixteen_bits_of_grey_keep_their_tones():
    steps = Image.new("I;16", (3, 1))
    for at, value in enumerate((0, 128 * 257, 65535)):
        steps.putpixel((at, 0), value)
    photo = photos.clean(ContentFile(saved(steps, "PNG"), name="a.png"))
    shown = Image.open(photo)
    assert [shown.getpixel((at, 0))[0] for at in range(3)] == [0, 128, 255]


def test_a_profile_that_does_not_fit_is_dropped_and_the_colours_stay():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    sent = saved(Image.new("RGB", (8, 8), (200, 40, 40)), "PNG", icc_profile=profile)
    photo = photos.clean(ContentFile(sent, name="a.png"))
    assert photos.luggage(photo) == []
    photo.seek(0)
    assert Image.open(photo).getpixel((1, 1)) == (200, 40, 40)


# ---- sizes, damage, disguise


def test_twelve_megapixels_at_most_are_kept():
    photo = photos.clean(ContentFile(saved(Image.new("RGB", (6000, 5000), "teal"), "JPEG"), name="a.jpg"))
    width, height = Image.open(photo).size
    assert width * height <= 12_000_000 and width * height > 11_900_000 and abs(width / height - 1.2) < 0.01
    kept = photos.clean(ContentFile(saved(Image.new("1", (4000, 3000)), "PNG"), name="a.png"))
    assert Image.open(kept).size == (4000, 3000)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ENDINGS)
def test_a_truncated_photo_is_refused_with_a_sentence(writer, kind, door):
    data = saved(Image.effect_noise((300, 200), 80).convert("RGB"), kind)
    response = DOORS[door](writer, upload(data[: int(len(data) * 0.6)], f"photo.{ENDINGS[kind]}"))
    assert refused(response), response.content
    assert not Picture.objects.exists() and not UploadedFile.objects.exists()


def head_of_png(width: int, height: int) -> bytes:
    """A PNG that says it is so large, without the pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + bytes(40)
    )


BAD = {
    "text": (b"not a picture", "a.jpg"),
    "empty but for its start": (b"\xff\xd8\xff", "a.jpg"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "a.png"),
    "gif": (saved(lying(), "GIF"), "a.gif"),
    "tiff named jpeg": (saved(lying(), "TIFF"), "a.jpg"),
    "41 megapixels": (head_of_png(6834, 6000), "a.png"),
    "more than Pillow opens": (head_of_png(20_000, 10_000), "a.png"),
    "larger than 8 MB": (saved(lying(), "JPEG") + bytes(8 * 1024 * 1024), "a.jpg"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_photo_or_too_large_is_refused_with_a_sentence(writer, name):
    assert refused(by_form(writer, upload(*BAD[name]))) and not Picture.objects.exists()


def test_the_name_decides_nothing_and_what_hangs_on_the_file_is_lost(writer):
    by_form(writer, upload(saved(lying(), "HEIF") + b"PK\x03\x04<script>", "IMG_0001.JPG"))
    picture = Picture.objects.get()
    with picture.open_file() as file:
        assert b"<script>" not in file.read() and picture.filename == "IMG_0001.jpg"


# ---- addresses


def test_the_original_has_no_address_and_a_rendition_has_one(client, db):
    picture = Picture.objects.create(title="Robot", file=ContentFile(taken(), name="robot.jpg"))
    rendition = picture.get_rendition(SPECS[0])
    assert Image.open(BytesIO(client.get(rendition.url).getvalue())).width == rendition.width
    name = picture.filename
    for url in (
        picture.file.url,
        f"/media/images/../original_images/{name}",
        f"/media/images/%2e%2e/original_images/{name}",
        f"/media/images//../original_images/{name}",
        f"/media/original_images/{name}",
        "/media/wagtail_uploads/x.jpg",
        "/media/documents/x.pdf",
        f"/images/1/original/{name}",
    ):
        assert client.get(url).status_code in {400, 404}, url


def test_the_web_server_serves_the_same_folders_and_no_other():
    said = (Path(settings.BASE_DIR) / "academy/deploy/nginx.conf").read_text()
    served = re.findall(r"location \^~ /media/(\w+)/ \{", said)
    assert tuple(served) == PUBLIC_MEDIA and re.search(r"location /media/ \{ return 404; \}", said)
    assert "alias /srv/academy/media/;" not in said


def test_the_limits_that_scripts_say_are_the_judges():
    assert settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE == photos.MOST_BYTES
    assert {"heic", *ENDINGS.values()} <= set(settings.WAGTAILIMAGES_EXTENSIONS)
