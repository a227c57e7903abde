"""The style sheet: its parts, how they are joined, light and dark, and that nothing in it is unused."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from academy import style_sheet
from tests import used_names

PARTS = sorted(path for path in style_sheet.FOLDER.rglob("*.css") if path.name != "site.css")
LONGEST = 110


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def name_of(path: Path) -> str:
    return path.relative_to(style_sheet.FOLDER).as_posix()


# ---- one file per layer, one request


def test_every_part_is_joined_once():
    entry = (style_sheet.FOLDER / "site.css").read_text()
    assert sorted(found["part"] for found in style_sheet.IMPORT.finditer(entry)) == sorted(
        map(name_of, PARTS)
    )
    assert "@import" not in style_sheet.joined(), (
        "an import that the pattern does not know would stay as it is"
    )


def test_a_part_stands_in_the_layer_of_its_folder():
    entry = (style_sheet.FOLDER / "site.css").read_text()
    without_layer = {"fonts", "tokens", "motion", "print"}
    for found in style_sheet.IMPORT.finditer(entry):
        name = found["part"].split("/")[0].removesuffix(".css")
        assert found["layer"] == (None if name in without_layer else name), found["part"]
    order = re.search(r"@layer ([\w, ]+);", entry).group(1).split(", ")
    assert [found["layer"] for found in style_sheet.IMPORT.finditer(entry) if found["layer"]] == sorted(
        (found["layer"] for found in style_sheet.IMPORT.finditer(entry) if found["layer"]), key=order.index
    )


def test_no_part_opens_a_layer_or_names_a_file_from_a_folder():
    """The entry file says the layer.

    Addresses are read from where the joined file is: only a part beside it may use one.
    """
    assert [name_of(path) for path in PARTS if "@layer" in without_comments(path.read_text())] == []
    addressed = {name_of(path) for path in PARTS if re.search(r"url\(\"(?!data:)", path.read_text())}
    assert addressed == {"fonts.css"}


def test_joining_drops_comments_and_indents_and_nothing_else(tmp_path):
    (tmp_path / "site.css").write_text(
        '/* Why */\n@layer base;\n\n@import "a.css";\n@import "b/c.css" layer(base);\n'
    )
    (tmp_path / "a.css").write_text(":root {\n  --x: 1px; /* a\n  word */\n}\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.css").write_text('p::before { content: "  x"; }\n')
    assert style_sheet.joined(tmp_path) == (
        '@layer base;\n:root {\n--x: 1px;\n}\n@layer base {\np::before { content: "  x"; }\n}\n'
    )


@pytest.fixture
def finder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return style_sheet.Finder()


def test_static_files_hold_the_joined_style_sheet_and_no_part(finder):
    offered = {path: storage for path, storage in finder.list([]) if path.startswith("academy/css/")}
    assert list(offered) == [style_sheet.SHEET]
    with offered[style_sheet.SHEET].open(style_sheet.SHEET) as sheet:
        assert sheet.read().decode() == style_sheet.joined()
    assert "academy/js/site.js" in {path for path, _storage in finder.list([])}


def test_a_change_is_seen_without_a_build_step(finder, monkeypatch):
    path = Path(finder.find(style_sheet.SHEET))
    written = path.stat().st_mtime_ns
    assert finder.find(style_sheet.SHEET, find_all=True) == [str(path)]
    assert path.stat().st_mtime_ns == written, "nothing changed, nothing is written"
    monkeypatch.setattr(style_sheet, "joined", lambda: "p { color: red; }\n")
    assert Path(finder.find(style_sheet.SHEET)).read_text() == "p { color: red; }\n"
    assert list(path.parent.iterdir()) == [path]


def test_the_site_is_served_from_this_finder():
    assert Path(finders.find(style_sheet.SHEET)).read_text() == style_sheet.joined()


# ---- light and dark


def test_older_browsers_get_the_light_colours():
    """Written from the tokens themselves, so that no colour stands twice; after them and before what paper
    wants.
    """
    sheet, opening = style_sheet.joined(), "@supports not (color: light-dark(#000, #fff)) {\n:root {\n"
    pairs = dict(
        re.findall(
            r"(--[\w-]+):\s*light-dark\((#\w+), #\w+\);", (style_sheet.FOLDER / "tokens.css").read_text()
        )
    )
    start = sheet.index(opening) + len(opening)
    written = sheet[start : sheet.index("}", start)]
    assert dict(re.findall(r"(--[\w-]+): (#\w+);", written)) == pairs and len(pairs) > 20
    assert "--shadow:\n0 1px 2px rgb(22 33 58 / 8%),\n0 6px 20px rgb(22 33 58 / 7%);" in written
    assert (
        max(sheet.index("--bg: light-dark"), sheet.rindex("@property")) < start < sheet.index("@media print")
    )


def test_only_tokens_choose_between_light_and_dark():
    """Elsewhere a browser without `light-dark()` would drop the line."""
    assert [name_of(path) for path in PARTS if "light-dark(" in without_comments(path.read_text())] == [
        "tokens.css"
    ]


# ---- nothing unused

# Written by others or outside a class attribute, so that no search of ours finds them.
CLASSES_OF_OTHERS = {
    "errorlist": "Django's list of the errors of a field",
    "htmx-swapping": "htmx, while a part of the page is replaced",
    "button--whatsapp": "the tag link_button, from its kind",
    "manage": "the template block `room` of the pages about an account",
}
# Names that end with what is known only at run time. What follows must be written somewhere as a word of its
# own.
BUILT = {
    "band--": "the letter of an age band",
    "chip--": "the tone of a session's state",
    "hero--": "the code of a track",
    "notice--": "the tone of a notice",
    "track--": "the code of a track",
}


@pytest.fixture(scope="module")
def names():
    return used_names.found()


@pytest.fixture(scope="module")
def rules() -> str:
    """All parts, without comments, addresses and quoted words."""
    text = without_comments("\n".join(path.read_text() for path in PARTS))
    return re.sub(r'"[^"]*"', '""', text)


@pytest.fixture(scope="module")
def selectors(rules) -> str:
    heads = re.findall(r"([^{};]+){", rules)
    return "\n".join(head.strip() for head in heads if not head.strip().startswith("@"))


def test_every_class_is_written_somewhere(names, selectors):
    def is_built(name: str) -> bool:
        beginning, dashes, end = name.partition("--")
        return beginning + dashes in BUILT and end in names.strings

    asked = set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))
    unused = {name for name in asked - names.classes if not is_built(name)}
    assert unused - set(CLASSES_OF_OTHERS) == set()
    assert set(CLASSES_OF_OTHERS) <= unused, "an exception that is none any more"
    assert set(BUILT) <= names.beginnings, "a name that is not built any more"


def test_every_attribute_is_written_somewhere(names, selectors):
    asked = set(re.findall(r"\[([\w-]+)", selectors)) - {"class"}
    unused = {
        name for name in asked if not re.search(rf"\b{name}\b", names.text.replace("dataset.", "data-"))
    }
    assert unused == set()


def test_every_element_is_written_somewhere(names, selectors):
    bare = re.sub(r"\[[^\]]*\]|::?[\w-]+|[.#][\w-]+|:root", " ", selectors)
    asked = set(re.findall(r"(?<![\w-])[a-z]+[1-6]?(?![\w-])", bare)) - {"n", "fr", "ar", "en"}
    unused = {name for name in asked if not re.search(rf"<{name}\b", names.text)}
    assert unused == set()


def test_every_custom_property_is_declared_and_used(names, rules):
    declared, used = (
        set(re.findall(r"(?<![\w-])(--[\w-]+)\s*:", rules)),
        set(re.findall(r"var\((--[\w-]+)", rules)),
    )
    assert {name for name in declared - used if f'"{name}"' not in names.text} == set()
    assert used - declared == set()


# ---- how a part is written


def test_no_line_is_longer_than_a_screen():
    long = [
        f"{name_of(path)}:{number}"
        for path in PARTS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST and "url(" not in line
    ]
    assert long == []
