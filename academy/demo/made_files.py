"""Small files such as children make, drawn and written here: nothing of them comes from anybody's work."""

import json
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from math import cos, pi, sin
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

Point = tuple[float, float]

PROGRAM = """\
import random

secret = random.randint(1, 20)
essais = 0
trouve = False

while not trouve:
    reponse = int(input("Un nombre entre 1 et 20 ? "))
    essais = essais + 1
    if reponse < secret:
        print("Plus grand !")
    elif reponse > secret:
        print("Plus petit !")
    else:
        trouve = True

print("Bravo, trouvé en", essais, "essais")
"""
# The scripts of a game: blocks by opcode, and how deep each lies.
GAME = (
    ("event_whenflagclicked", "data_setvariableto", "control_forever", "motion_goto", "control_wait"),
    ("event_whenthisspriteclicked", "data_changevariableby", "sound_play", "motion_pointindirection"),
    ("event_whenflagclicked", "control_repeat_until", "motion_movesteps", "motion_ifonedgebounce"),
    ("event_whenbroadcastreceived", "looks_sayforsecs", "control_stop"),
    ("event_whenkeypressed", "control_if", "event_broadcast"),
)


def upload(name: str) -> SimpleUploadedFile:
    """Return one of the files by its name, as a browser sends it."""
    return SimpleUploadedFile(name, FILES[name](), "application/octet-stream")


# ---- programs


def program() -> bytes:
    return PROGRAM.encode()


def game() -> bytes:
    """Return a Scratch 3 project."""
    blocks: dict[str, Any] = {}
    for number, script in enumerate(GAME):
        keys = [f"s{number}b{place}" for place in range(len(script))]
        for place, (key, opcode) in enumerate(zip(keys, script, strict=True)):
            blocks[key] = {
                "opcode": opcode,
                "parent": keys[place - 1] if place else None,
                "next": keys[place + 1] if place + 1 < len(keys) else None,
                "inputs": {},
                "fields": {},
                "shadow": False,
                "topLevel": not place,
            }
    usual: dict[str, Any] = {"variables": {}, "lists": {}, "costumes": [], "sounds": []}
    stage = usual | {"isStage": True, "name": "Stage", "blocks": {}}
    bubble = usual | {"isStage": False, "name": "Bulle", "blocks": blocks}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        project = {"targets": [stage, bubble], "monitors": [], "meta": {"semver": "3.0.0"}}
        archive.writestr(zipfile.ZipInfo("project.json"), json.dumps(project))
    return out.getvalue()


# ---- 3D models: millimetres


def star() -> bytes:
    """Return a keyring: a star with eight points."""
    return _prism([_on_circle(place, 16, 24 if place % 2 else 17) for place in range(16)], 4)


def token() -> bytes:
    """Return a game token: a hexagon."""
    return _prism([_on_circle(place, 6, 18) for place in range(6)], 6)


def plate() -> bytes:
    """Return a name plate with cut corners."""
    return _prism([(4, 0), (76, 0), (80, 4), (80, 26), (76, 30), (4, 30), (0, 26), (0, 4)], 3)


def _on_circle(place: int, of: int, radius: float) -> Point:
    return radius * cos(2 * pi * place / of), radius * sin(2 * pi * place / of)


def _prism(outline: list[Point], height: float) -> bytes:
    """Return a closed solid over this outline (counter-clockwise, seen from its middle) as a binary STL."""
    middle = tuple(sum(values) / len(outline) for values in zip(*outline, strict=True))
    facets = []
    for (x, y), (u, v) in zip(outline, outline[1:] + outline[:1], strict=True):
        facets += [
            ((*middle, height), (x, y, height), (u, v, height)),
            ((*middle, 0), (u, v, 0), (x, y, 0)),
            ((x, y, 0), (u, v, 0), (u, v, height)),
            ((x, y, 0), (u, v, height), (x, y, height)),
        ]
    rows = [struct.pack("<12fH", 0, 0, 0, *(n for corner in facet for n in corner), 0) for facet in facets]
    return b"demonstration".ljust(80, b"\0") + struct.pack("<I", len(rows)) + b"".join(rows)


# ---- pictures: drawn, with nobody in them that could be known

SAND, WOOD, INK, BLUE, SAFFRON, MINT, CORAL = (
    "#f1eee6", "#d9b98a", "#16213a", "#1f4fd8", "#f5b324", "#0a7357", "#c2361f",
)  # fmt: skip


def _paper(size: tuple[int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return a picture of a table against a wall, and what draws on it."""
    image = Image.new("RGB", size, SAND)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, size[1] * 0.66, *size), fill=WOOD)
    return image, pen


def _saved(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def robot_picture() -> bytes:
    """Draw a robot with two wheels."""
    image, pen = _paper((960, 640))
    pen.rounded_rectangle((330, 250, 630, 490), 36, fill=BLUE)
    pen.rounded_rectangle((390, 130, 570, 260), 28, fill=MINT)
    for left in (430, 500):
        pen.ellipse((left, 170, left + 36, 206), fill=SAND)
    pen.line((480, 130, 480, 80), fill=INK, width=10)
    pen.ellipse((460, 50, 500, 90), fill=SAFFRON)
    for left in (340, 500):
        pen.ellipse((left, 430, left + 120, 550), fill=INK)
        pen.ellipse((left + 40, 470, left + 80, 510), fill=SAND)
    return _saved(image)


def star_picture() -> bytes:
    """Draw the star on its ring."""
    image, pen = _paper((900, 675))
    pen.ellipse((390, 90, 510, 210), outline=INK, width=14)
    points = [_on_circle(place, 16, 210 if place % 2 else 150) for place in range(16)]
    pen.polygon([(450 + x, 400 + y) for x, y in points], fill=SAFFRON, outline=INK, width=8)
    pen.ellipse((425, 215, 475, 265), fill=SAND, outline=INK, width=6)
    return _saved(image)


def town_picture() -> bytes:
    """Draw a town of cardboard with a road for a robot."""
    image, pen = _paper((960, 640))
    for left, top, colour in ((90, 210, CORAL), (330, 130, MINT), (610, 240, BLUE)):
        pen.rectangle((left, top, left + 190, 460), fill=colour)
        pen.polygon([(left - 20, top), (left + 95, top - 90), (left + 210, top)], fill=INK)
        for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
            x, y = left + 35 + column * 75, top + 40 + row * 90
            pen.rectangle((x, y, x + 45, y + 50), fill=SAND)
    pen.rectangle((0, 520, 960, 580), fill=INK)
    for left in range(30, 960, 130):
        pen.rectangle((left, 545, left + 70, 555), fill=SAFFRON)
    return _saved(image)


def class_picture() -> bytes:
    """Draw a class around a table: coloured figures without faces."""
    image, pen = _paper((1200, 800))
    for place, colour in enumerate((BLUE, CORAL, MINT, SAFFRON)):
        left = 110 + place * 260
        pen.rounded_rectangle((left, 330, left + 200, 640), 80, fill=colour)
        pen.ellipse((left + 45, 200, left + 155, 310), fill=INK)
    pen.rectangle((0, 570, 1200, 800), fill=WOOD)
    for left in (330, 620):
        pen.rounded_rectangle((left, 600, left + 220, 730), 20, fill=SAND, outline=INK, width=8)
    return _saved(image)


FILES: dict[str, Callable[[], bytes]] = {
    "devine.py": program,
    "bulles.sb3": game,
    "etoile.stl": star,
    "jeton.stl": token,
    "plaque.stl": plate,
    "robot.jpg": robot_picture,
    "etoile.jpg": star_picture,
    "ville.jpg": town_picture,
    "seance.jpg": class_picture,
}
