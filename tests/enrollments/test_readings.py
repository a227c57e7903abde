"""What a reading says to a family: words in three languages, and a drawing of our own."""

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from academy import env
from enrollments.portfolio import drawings, readings, said
from enrollments.portfolio.readers.blocks import ideas
from tests.children_files.models import binary, box, opened, together
from tests.children_files.scratch import FLAG, block, lego, own_block, sb3, target

ISOLATES = re.compile("[\u2066-\u2069]")
GAME = sb3(
    target(
        [
            *(block(name) for name in (FLAG, "control_forever", "control_if", "event_broadcast")),
            *own_block("jump %n"),
        ]
    )
)


def plain(lines: list[str]) -> list[str]:
    return [ISOLATES.sub("", line).replace("\u00a0", " ") for line in lines]


@pytest.fixture
def read(tmp_path):
    def reading(data: bytes, name: str = "file") -> readings.FileReading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return readings.read(path, name=name)

    return reading


SAID = {
    "en": [
        "Scratch project: 6 blocks, 1 sprite",
        "Ideas used: loops, conditions, messages, own blocks",
        "Own blocks: jump …",
        "Made with: Scratch 3",
    ],
    "fr": [
        "Projet Scratch : 6 blocs, 1 lutin",
        "Idées utilisées : boucles, conditions, messages, blocs personnels",
        "Blocs personnels : jump …",
        "Réalisé avec : Scratch 3",
    ],
}


@pytest.mark.parametrize("language", SAID)
def test_a_project_of_blocks_is_said_in_words(language, read):
    reading = read(GAME)
    with translation.override(language):
        assert plain(readings.words(reading.kind, reading.facts)) == SAID[language]


def test_a_project_is_said_in_arabic_with_the_arabic_comma_and_forms(read):
    reading = read(sb3(target([block("control_forever"), block("control_if")]), target([])))
    with translation.override("ar"):
        first, used, _made_with = plain(readings.words(reading.kind, reading.facts))
    assert first == "مشروع Scratch: لبنتان، كائنان"
    assert used == "الأفكار المستعملة: الحلقات، الشروط"


def test_the_name_of_a_program_and_the_number_behind_it_are_two_runs_in_arabic():
    with translation.override("ar"):
        assert said.words("mblock", {"blocks": 23}) == ["\u2068مشروع mBlock\u2069: 23 لبنة"]


def test_the_number_of_the_machine_that_runs_a_project_is_not_called_its_program(read):
    facts = {"blocks": 1, "program": "Scratch", "program_version": "0.2.0-prerelease.20"}
    with translation.override("en"):
        assert plain(said.words("scratch3", facts))[-1] == "Made with: Scratch 3", "stored ones too"
        assert plain(said.words("scratch3", facts | {"program": "TurboWarp"}))[-1] == "Made with: TurboWarp"
        named = {"blocks": 1, "program": "mBlock", "program_version": "5.4.3"}
        assert plain(said.words("mblock", named))[-1] == "Made with: mBlock 5.4.3"


def test_a_model_is_said_with_its_size_weight_and_whether_it_fits(read, settings):
    settings.PRINTER_MM = [220, 220, 250]
    reading = read(binary(box(42, 30, 12)))
    with translation.override("en"):
        assert plain(readings.words(reading.kind, reading.facts)) == [
            "3D model: 42 × 30 × 12 mm",
            "About 8 g of PLA with walls of 1.2 mm and 15% infill",
            "Small enough for our printer",
        ]
    with translation.override("fr"):
        assert (
            "parois de 1,2 mm et un remplissage de 15 %"
            in plain(readings.words(reading.kind, reading.facts))[1]
        )


@pytest.mark.parametrize(
    "mesh, line",
    [
        (opened(box()), "Its surface has holes, so its volume and weight cannot be told."),
        (together(box(), box(at=(10, 10, 3))), "Parts of it overlap: at most about 16 g of PLA."),
        (box(2, 2, 2), "Less than 1 g of PLA"),
    ],
)
def test_what_is_not_sure_is_not_said_as_if_it_were(mesh, line, read):
    reading = read(binary(mesh))
    with translation.override("en"):
        assert line in plain(readings.words(reading.kind, reading.facts))


FITS = {
    (220, 220, 250): True,
    (250, 220, 220): True,
    (220.1, 220, 220): True,
    (220, 220, 250.1): False,
    (230, 219, 9): True,
    (230, 221, 221): False,
}


@pytest.mark.parametrize("size", FITS)
def test_a_model_fits_when_it_does_on_one_of_its_sides(size, read, settings):
    settings.PRINTER_MM = [220, 220, 250]
    assert read(binary(box(*size))).facts["fits"] is FITS[size]


def test_the_printer_is_three_numbers_of_the_environment(monkeypatch):
    monkeypatch.setenv("PRINTER_MM", "180, 180,180")
    assert env.numbers("PRINTER_MM", "220,220,250") == [180, 180, 180]
    monkeypatch.setenv("PRINTER_MM", "180x180")
    with pytest.raises(env.Missing, match="PRINTER_MM must be whole numbers"):
        env.numbers("PRINTER_MM", "220,220,250")


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_every_kind_and_idea_has_words(language):
    assert set(said.KINDS) == set(readings.FileKind)
    codes = {*ideas.ORDER, *ideas.IDEAS.values(), *ideas.BY_PREFIX.values(), *ideas.BY_GROUP.values()}
    assert codes == set(said.IDEAS)
    with translation.override(language):
        for kind in readings.FileKind:
            assert readings.words(kind, {"ideas": list(codes)})[0]


def test_a_name_from_a_file_cannot_turn_the_line_round(read):
    reading = read(sb3(target(own_block("evil\u202egnp"))))
    lines = readings.words(reading.kind, reading.facts)
    assert "\u202e" not in "".join(lines)


# ---- the drawing


def shown(kind: str, facts: dict) -> str:
    return render_to_string("enrollments/portfolio/reading.html", {"kind": kind, "facts": facts})


def test_a_drawing_is_made_of_the_colours_of_the_blocks_by_their_share(read):
    reading = read(sb3(target([block("motion_movesteps")] * 3 + [block("looks_say")])))
    wide, narrow = drawings.bars(reading.kind, reading.facts)
    assert (wide.fill, narrow.fill) == (drawings.COLOURS["motion"][0], drawings.COLOURS["looks"][0])
    assert float(wide.width) == pytest.approx(3 * float(narrow.width), abs=0.2)


@pytest.mark.parametrize("kind", readings.FileKind)
def test_every_kind_has_a_drawing_without_any_facts(kind):
    assert shown(kind, {}).count("<rect") >= 1


def test_a_project_without_blocks_has_no_drawing_of_blocks(read):
    reading = read(sb3(target([])))
    page = shown(reading.kind, reading.facts)
    assert reading.facts["blocks"] == 0 and "<svg" not in page and "reading__words" in page


def test_a_drawing_stays_in_its_frame(read):
    for data in (
        binary(box(1, 90, 3)),
        binary(box()),
        GAME,
        lego(python="for i in a:\n" + " " * 80 + "x()\n"),
    ):
        reading = read(data)
        for bar in drawings.bars(reading.kind, reading.facts):
            x, y, width, height = map(float, (bar.x, bar.y, bar.width, bar.height))
            assert x >= -0.1 and x + width <= 96.1 and y >= -0.1 and y + height <= 64.1


def test_numbers_of_a_drawing_have_a_point_in_french():
    with translation.override("fr"):
        assert (
            re.findall(
                r'width="\d+,\d', shown("stl", {"drawing": {"columns": 7, "rows": 3, "layers": [[0, 1, 2]]}})
            )
            == []
        )


def test_what_a_child_named_is_text_on_the_page():
    html = shown(
        "scratch3", {"blocks": 1, "own_blocks": ["<b>jump</b>"], "drawing": {"bars": [["evil", 100]]}}
    )
    assert "<b>" not in html and "&lt;b&gt;jump" in html


# ---- the document of formats


def test_each_row_of_the_formats_names_its_test():
    text = (settings.BASE_DIR / "academy/docs/formats.md").read_text()
    tables = text.partition("## Limits")[0]
    rows = [
        line for line in tables.splitlines() if line.startswith("| ") and not line.startswith("| format ")
    ]
    assert len(rows) > 35
    for row in rows:
        found = re.search(r'`(tests/[\w/]+\.py)`: "([^"]+)" \|$', row)
        assert found, row
        assert found[2] in (settings.BASE_DIR / found[1]).read_text(), row
