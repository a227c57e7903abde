"""The site's single typeface, Rubik (Arabic and Latin), built from its package into an ignored static folder.

`build()` writes two variable woff2 for screens (one per script, weights 300 to 900) and two static TTF with
both scripts for PDFs and social images. For names on paper in other letters it writes two weights of Noto
Sans (extended Latin, Vietnamese, Greek, Cyrillic) and of our Tifinagh (academy.tifinagh): a screen has the
fonts of its device, a PDF only what it brings. A second call with the same sources does nothing.

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

from academy import tifinagh

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
NAMES = [  # of Noto Sans, where Rubik has no glyph
    *range(0x20, 0x7F),  # a mark stands with its letter
    *range(0xA0, 0x250),
    *range(0x250, 0x2B0),
    *range(0x2B0, 0x370),  # modifiers and combining marks: a name that has no composed form
    *range(0x370, 0x530),
    *range(0x1E00, 0x2000),
    *range(0x2010, 0x2028),
    *range(0x2C60, 0x2C80),
    *range(0xA720, 0xA800),
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


RUBIK = ("fontpkg_rubik", "Rubik[wght].ttf")
NOTO = ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf")


@cache
def source(package: str, name: str) -> Path:
    """Return the path of a variable font inside its package, without importing the package."""
    return Path(find_spec(package).origin).parent / "files" / name


def fingerprint() -> str:
    """Return a hash that changes when a font, its recipe or the tool changes."""
    digest = hashlib.sha256()
    for path in (source(*RUBIK), source(*NOTO), Path(__file__), Path(tifinagh.__file__)):
        digest.update(path.read_bytes())
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
    font = TTFont(source(*RUBIK))
    cut(font, codepoints)
    font.flavor = "woff2"
    font.save(path)


def write_paper(path: Path, weight: int, of: tuple[str, str], family: str, codepoints: list[int]) -> None:
    font = TTFont(source(*of))
    cut(font, codepoints)
    style = "Bold" if weight >= 700 else "Regular"
    axes = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes} | {"wght": weight}
    static = instantiateVariableFont(font, axes, inplace=True)
    title = family.replace(" ", "")
    for name_id, text in {1: family, 2: style, 4: f"{family} {style}", 6: f"{title}-{style}"}.items():
        static["name"].setName(text, name_id, 3, 1, 0x409)
    static["OS/2"].usWeightClass = weight
    static.save(path)


def build(folder: Path | str = FOLDER) -> Path:
    """Write the font files into `folder` unless they are already there; returns the folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    families = ("Rubik", "NotoSans", "Tifinagh")
    papers = [f"{family}-{style}.ttf" for family in families for style in ("Regular", "Bold")]
    names = ["rubik-latin.woff2", "rubik-arabic.woff2", *papers]
    stamp, mark = folder / STAMP, fingerprint()
    if stamp.exists() and stamp.read_text() == mark and all((folder / name).exists() for name in names):
        return folder
    write_screen(folder / names[0], LATIN)
    write_screen(folder / names[1], ARABIC)
    for style, weight in {"Regular": 400, "Bold": 700}.items():
        write_paper(folder / f"Rubik-{style}.ttf", weight, RUBIK, "Rubik", LATIN + ARABIC)
        write_paper(folder / f"NotoSans-{style}.ttf", weight, NOTO, "Noto Sans", NAMES)
        tifinagh.write(folder / f"Tifinagh-{style}.ttf", weight)
    stamp.write_text(mark)
    return folder


if __name__ == "__main__":
    print(build(*sys.argv[1:2]))
