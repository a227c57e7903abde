"""Photos and PDF among children's files: what is kept of a photo is its pixels, upright."""

from io import BytesIO

import pytest
from PIL import Image

from tests.children_files import understood
from tests.photos import ENDINGS, SECRET, lying, pdf, saved, taken

KINDS = ["JPEG", "PNG", "WEBP", "HEIF"]
SIZES = [(60, 40), (40, 60), (1, 1), (300, 20), (641, 479)]
PICTURES = {f"{kind} of {size}": (kind, size) for kind in KINDS for size in SIZES}


@pytest.mark.parametrize("label", PICTURES)
def test_a_photo_is_kept_upright_and_without_what_it_carried(label, tmp_path):
    kind, size = PICTURES[label]
    assert len(PICTURES) >= 20
    found = understood(tmp_path, taken(kind, size), "project.sb3")
    assert found["kind"] == "picture"
    assert found["extension"] == ("png" if kind == "PNG" else "jpg")
    image = Image.open(BytesIO(found["clean"]))
    assert image.size == (size[1], size[0]) == (found["facts"]["width"], found["facts"]["height"])
    assert SECRET.encode() not in found["clean"] and not image.getexif()
    assert {"exif", "xmp", "icc_profile", "comment"} & set(image.info) == set()


def test_a_photo_has_twelve_megapixels_at_most(tmp_path):
    found = understood(tmp_path, saved(Image.new("RGB", (6000, 4000), "red"), "JPEG"))
    assert found["facts"]["width"] * found["facts"]["height"] <= 12_000_000
    assert found["facts"]["width"] / found["facts"]["height"] == pytest.approx(1.5, abs=0.01)


def test_a_moving_picture_keeps_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    moving = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    kept = Image.open(BytesIO(understood(tmp_path, moving)["clean"]))
    assert kept.convert("RGB").getpixel((5, 5))[0] > 200 and getattr(kept, "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_picture_is_written_again(mode, tmp_path):
    found = understood(tmp_path, saved(Image.new(mode, (30, 20)), "PNG"))
    assert Image.open(BytesIO(found["clean"])).size == (30, 20)


@pytest.mark.parametrize("kind", ["AVIF", "GIF", "BMP", "TIFF"])
def test_other_kinds_of_picture_are_unknown(kind, tmp_path):
    data = taken(kind) if kind in ENDINGS else saved(lying(), kind)
    assert understood(tmp_path, data, "a.gif")["fault"] == "unknown_kind"


PDFS = {f"version {major}.{minor}, {blanks} blanks": (f"{major}.{minor}", blanks)
        for major, minors in ((1, range(8)), (2, range(2))) for minor in minors for blanks in (0, 3)}  # fmt: skip


@pytest.mark.parametrize("label", PDFS)
def test_a_pdf_is_kept_as_it_is(label, tmp_path):
    version, blanks = PDFS[label]
    assert len(PDFS) >= 20
    data = pdf().replace(b"%PDF-1.3", f"%PDF-{version}".encode()) + b"\n" * blanks
    found = understood(tmp_path, data, "photo.jpg")
    assert (found["kind"], found["extension"], found["clean"]) == ("pdf", "pdf", None)
    assert found["facts"]["program_version"] == version
