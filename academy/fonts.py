"""The site's single typeface, Rubik (Arabic and Latin), built from its package into an ignored static folder.

`build()` writes four files: two variable woff2 for screens (one per script, weights 300 to 900) and two
static TTF with both scripts for PDFs and social images. A second call with the same sources does nothing.

    python -m academy.fonts [folder]
"""

import hashlib
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools import __version__ as fonttools_version
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).resolve().parent / "static" / "academy" / "fonts"
STAMP = "rubik.stamp"

# The ranges are also written in css/fonts.css as `unicode-range`: change both together.
LATIN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *(
        0x152,
        0x153,
        0x178,
        0x2011,
        0x2013,
        0x2014,
        0x2018,
        0x2019,
        0x201C,
        0x201D,
        0x2022,
        0x2026,
        0x2039,
        0x203A,
    ),
    *(0x20AC, 0x2192, 0x2212, 0x00D7),
]
ARABIC = [
    *(0x60C, 0x61B, 0x61F, 0x640, 0x66A, 0x66B, 0x66C),
    *range(0x621, 0x63B),
    *range(0x641, 0x656),
    *(0x670, 0x671, 0x67E, 0x686, 0x6A4, 0x6A9, 0x6AF, 0x6CC),
    *(0x200C, 0x200D, 0x200E, 0x200F),
]
FEATURES = [
    "ccmp",
    "locl",
    "kern",
    "liga",
    "mark",
    "mkmk",
    "init",
    "medi",
    "fina",
    "rlig",
    "tnum",
    "rvrn",
    "rclt",
]


@cache
def source() -> Path:
    """Return the path of the variable font inside its package, without importing the package."""
    package = Path(find_spec("fontpkg_rubik").origin).parent
    return package / "files" / "Rubik[wght].ttf"


def fingerprint() -> str:
    """Return a hash that changes when the font, this recipe or the tool changes."""
    digest = hashlib.sha256(source().read_bytes())
    digest.update(Path(__file__).read_bytes())
    digest.update(fonttools_version.encode())
    return digest.hexdigest()


def cut(font: TTFont, codepoints: list[int]) -> None:
    """Subset the font in place to these characters."""
    options = Options()
    options.layout_features = FEATURES
    options.name_IDs = [1, 2, 3, 4, 5, 6, 13, 14]  # names, and the licence that must travel with the font
    options.hinting = False
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codepoints)
    subsetter.subset(font)


def write_screen(path: Path, codepoints: list[int]) -> None:
    font = TTFont(source())
    cut(font, codepoints)
    font.flavor = "woff2"
    font.save(path)


def write_paper(path: Path, weight: int) -> None:
    font = TTFont(source())
    cut(font, LATIN + ARABIC)
    style = "Bold" if weight >= 700 else "Regular"
    static = instantiateVariableFont(font, {"wght": weight}, inplace=True)
    for name_id, text in {1: "Rubik", 2: style, 4: f"Rubik {style}", 6: f"Rubik-{style}"}.items():
        static["name"].setName(text, name_id, 3, 1, 0x409)
    static["OS/2"].usWeightClass = weight
    static.save(path)


def build(folder: Path | str = FOLDER) -> Path:
    """Write the font files into `folder` unless they are already there; returns the folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = ["rubik-latin.woff2", "rubik-arabic.woff2", "Rubik-Regular.ttf", "Rubik-Bold.ttf"]
    stamp, mark = folder / STAMP, fingerprint()
    if stamp.exists() and stamp.read_text() == mark and all((folder / name).exists() for name in names):
        return folder
    write_screen(folder / names[0], LATIN)
    write_screen(folder / names[1], ARABIC)
    write_paper(folder / names[2], 400)
    write_paper(folder / names[3], 700)
    stamp.write_text(mark)
    return folder


if __name__ == "__main__":
    print(build(*sys.argv[1:2]))
