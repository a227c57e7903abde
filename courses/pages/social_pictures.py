"""Social sharing image: 1200 × 630, generated here, cached in a folder.

The academy's colours, one colour per track, the age band's shape and print layers. No photograph.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404
from django.utils import translation
from PIL import Image, ImageDraw

from courses.catalogue.course_cards import Told, told
from courses.pages import lettering
from home.language.table import LANGUAGES
from home.models import AcademySettings

SIZE, SMOOTH, RECIPE = (1200, 630), 2, "3"
GENERAL = "active-labs"
SAND, INK, INK_2, WHITE = "#FBF9F4", "#16213A", "#4A5570", "#FFFFFF"
BLUE, CORAL, MINT, SAFFRON, VIOLET = "#1F4FD8", "#C2361F", "#0A7357", "#F5B324", "#6B3FD4"
TONES = {"CODE": (BLUE, "#E6EDFF"), "ROBOT": (CORAL, "#FDECE7"), "PRINT": (MINT, "#E1F4ED")}
Box = Callable[[float, float, float, float, float, str], None]  # x, y, width, height, radius and colour
BANDS = {"A": MINT, "B": BLUE, "C": VIOLET}


def picture(language: str, code: str) -> Path:
    """Return the image file of a course or of the academy; redrawn when its text changes.

    Raises Http404 for an unknown code.
    """
    with translation.override(language):
        course = None
        if code != GENERAL:
            course = next(
                (course for course in told(language).values() if course.code.lower() == code.lower()), None
            )
            if course is None:
                raise Http404
        academy = AcademySettings.objects.first() or AcademySettings()
        words = (
            [academy.name, course.title, course.band_name, course.track_name]
            if course
            else [academy.name, academy.tagline]
        )
        digest = hashlib.sha256("|".join([RECIPE, *map(str, words)]).encode()).hexdigest()[:12]
        folder = Path(settings.DATA_DIR) / "social"
        path = folder / f"{language}-{(course.code if course else GENERAL).lower()}-{digest}.jpg"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            keep(paint(course, academy, rtl=LANGUAGES[language].is_rtl), path)
    return path


def keep(image: Image.Image, path: Path) -> None:
    """Write the file atomically."""
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        image.save(file, "JPEG", quality=86, optimize=True, progressive=True)
    Path(draft).replace(path)


def font(weight: str) -> Path | None:
    """Return the font built during setup; None before that, so that the image has no text."""
    found: str | Path | None = finders.find(f"academy/fonts/Rubik-{weight}.ttf")
    if not found and settings.STATIC_ROOT:
        collected = Path(settings.STATIC_ROOT) / "academy" / "fonts" / f"Rubik-{weight}.ttf"
        found = collected if collected.exists() else None
    return Path(found) if found else None


def paint(course: Told | None, academy: AcademySettings, *, rtl: bool) -> Image.Image:
    """Draw the picture, mirrored for right-to-left languages; text is drawn over it afterwards."""
    tone, soft = TONES.get(course.track if course else "", (BLUE, "#E6EDFF"))
    image = Image.new("RGB", (SIZE[0] * SMOOTH, SIZE[1] * SMOOTH), SAND)
    pen = ImageDraw.Draw(image)

    def box(x: float, y: float, w: float, h: float, r: float, fill: str) -> None:
        pen.rounded_rectangle(
            [x * SMOOTH, y * SMOOTH, (x + w) * SMOOTH, (y + h) * SMOOTH], r * SMOOTH, fill=fill
        )

    box(740, -40, 520, 720, 48, soft)
    {"ROBOT": robot, "PRINT": printer}.get(course.track if course else "", blocks)(box, tone)
    for x, y, w, colour in [
        (64, 590, 208, MINT),
        (288, 590, 112, SAFFRON),
        (96, 566, 120, BLUE),
        (232, 566, 40, CORAL),
        (120, 542, 56, SAFFRON),
    ]:
        box(x, y, w, 16, 8, colour)
    image = image.resize(SIZE, Image.Resampling.LANCZOS)
    if rtl:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    bold, plain = font("Bold"), font("Regular")
    if bold and plain:
        write(image, course, academy, bold, plain, rtl=rtl)
    return image


def write(
    image: Image.Image, course: Told | None, academy: AcademySettings, bold: Path, plain: Path, *, rtl: bool
) -> None:
    """Write academy, title, age band with its shape, and track."""
    edge = SIZE[0] - 64 if rtl else 64

    def line(text: str, y: float, size: float, colour: str, file: Path) -> None:
        lettering.draw(image, text, at=(edge, y), size=size, colour=colour, font=file, end=rtl)

    line(academy.name, 108, 34, INK_2, bold)
    title = course.title if course else academy.tagline or academy.name
    size = 68
    while (
        (lines := lettering.wrap(title, size=size, width=640, font=bold))
        and len(lines) > (2 if size > 56 else 3)
        and size > 40
    ):
        size -= 4
    step = size * (1.35 if rtl else 1.18)
    y = 212.0
    for text in lines:
        line(text, y, size, INK, bold)
        y += step
    if course:
        pen = ImageDraw.Draw(image)
        shape(pen, course.band, edge - 36 if rtl else edge, y - 8)
        text_edge = edge - 52 if rtl else edge + 52
        lettering.draw(
            image, course.band_name, at=(text_edge, y + 22), size=36, colour=INK, font=bold, end=rtl
        )
        line(course.track_name, y + 82, 32, INK_2, plain)


def shape(pen: ImageDraw.ImageDraw, band: str, x: float, y: float) -> None:
    """Draw a circle, square or triangle, 36 pixels wide."""
    colour = BANDS.get(band, BLUE)
    if band == "A":
        pen.ellipse([x, y, x + 36, y + 36], fill=colour)
    elif band == "B":
        pen.rounded_rectangle([x, y, x + 36, y + 36], 5, fill=colour)
    else:
        pen.polygon([(x + 18, y), (x + 36, y + 35), (x, y + 35)], fill=colour)


def blocks(box: Box, tone: str) -> None:
    """Draw a program: stacked bars, each nested in the one that holds it."""
    rows = [
        (810, 120, 230, SAFFRON),
        (810, 190, 300, tone),
        (850, 260, 220, MINT),
        (850, 330, 270, CORAL),
        (850, 400, 180, tone),
        (810, 470, 200, SAFFRON),
    ]
    for x, y, w, colour in rows:
        box(x, y, w, 56, 16, colour)
        box(x + 24, y + 50, 44, 12, 6, colour)
        box(x + w - 60, y + 20, 36, 16, 8, WHITE)


def robot(box: Box, tone: str) -> None:
    """Draw a robot on two wheels."""
    box(958, 96, 12, 60, 6, INK)
    box(944, 76, 40, 40, 20, SAFFRON)
    box(850, 150, 228, 170, 36, tone)
    box(880, 186, 168, 84, 24, WHITE)
    box(904, 206, 36, 44, 18, INK)
    box(988, 206, 36, 44, 18, INK)
    box(920, 286, 88, 14, 7, WHITE)
    box(880, 334, 168, 130, 28, INK)
    box(908, 362, 48, 20, 10, SAFFRON)
    box(908, 396, 112, 16, 8, WHITE)
    box(908, 426, 80, 16, 8, MINT)
    box(810, 350, 52, 26, 13, tone)
    box(1066, 350, 52, 26, 13, tone)
    box(848, 440, 96, 96, 48, INK)
    box(984, 440, 96, 96, 48, INK)
    box(878, 470, 36, 36, 18, SAFFRON)
    box(1014, 470, 36, 36, 18, SAFFRON)


def printer(box: Box, tone: str) -> None:
    """Draw a printer, half-way through printing an object."""
    box(820, 110, 290, 30, 12, INK)
    box(820, 110, 30, 420, 12, INK)
    box(1080, 110, 30, 420, 12, INK)
    box(800, 500, 330, 40, 14, INK)
    box(850, 190, 230, 18, 9, INK_2)
    box(930, 170, 76, 66, 16, tone)
    box(956, 232, 24, 26, 8, SAFFRON)
    for index, (width, colour) in enumerate(
        [
            (180, CORAL),
            (180, SAFFRON),
            (150, tone),
            (150, BLUE),
            (120, CORAL),
            (120, SAFFRON),
            (90, tone),
            (60, BLUE),
        ]
    ):
        box(965 - width / 2, 468 - index * 29, width, 26, 12, colour)
