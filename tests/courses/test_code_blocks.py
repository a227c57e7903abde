"""Blocks of Scratch and micro:bit: typed once, kept by opcode, drawn and said in three languages."""

import re
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from courses.code_blocks import notation, svg
from courses.code_blocks.layout import COLOURS, INK, Label, Shape, lay_out
from courses.code_blocks.words import TOOLS

CATCH = """scratch
event_whenflagclicked
data_setvariableto [score | النقاط | score] 0
control_forever {
  control_if_else (operator_and (sensing_touchingobject [Pomme | تفاحة | Apple]) (sensing_mousedown)) {
    motion_turnright 15
    motion_goto [random position]
  } else {
    looks_sayforsecs "Salut <b> | سلام | Hi" -2
  }
}

event_whenkeypressed [left arrow]
motion_changexby (operator_random -5 5)
"""
HEART = """microbit
device_button_event [A] {
  device_show_leds ".#.#. / ##### / ##### / .###. / ..#.."
  controls_repeat_ext 3 {
    device_print_message "Bonjour | مرحبا | Hello"
  }
}
"""
LANGUAGES = ("fr", "ar", "en")


def labels(text: str, language: str) -> list[str]:
    return [
        part.text for part in lay_out(notation.read(text), language, None).parts if isinstance(part, Label)
    ]


def test_blocks_are_kept_by_opcode_with_their_mouths():
    program = notation.read(CATCH)
    first, second = program.scripts
    assert [block.opcode for block in first] == [
        "event_whenflagclicked",
        "data_setvariableto",
        "control_forever",
    ]
    (choice,) = first[2].mouths[0]
    assert choice.opcode == "control_if_else"
    assert [[block.opcode for block in mouth] for mouth in choice.mouths] == [
        ["motion_turnright", "motion_goto"], ["looks_sayforsecs"],
    ]  # fmt: skip
    assert second[1].arguments[0].arguments[0] == notation.Value("number", ("-5",))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Line 1: start with scratch / microbit."),
        ("scratch", "Line 1: there is no block."),
        ("scratch\nmotion_movestep 10", "“motion_movestep”. Did you mean “motion_movesteps”?"),
        ("scratch\nqqqqqq", "Line 2: there is no block “qqqqqq”."),
        ("scratch\n10", "Line 2: a block starts with its name."),
        ("scratch\nmotion_movesteps", "Line 2: “motion_movesteps” takes 1 values, not 0."),
        ('scratch\nmotion_movesteps "a"', "Line 2: “motion_movesteps” does not take such a value."),
        ("scratch\ndata_showvariable (sensing_answer)", "“data_showvariable” does not take such a value."),
        ("scratch\ncontrol_wait_until 1", "Line 2: “control_wait_until” does not take such a value."),
        ("scratch\nsensing_mousedown", "Line 2: “sensing_mousedown” cannot stand here."),
        ("scratch\nmotion_movesteps (motion_movesteps 1)", "Line 2: “motion_movesteps” cannot stand here."),
        ("scratch\nmotion_movesteps (operator_add 1 2", "Line 2: a bracket is not closed."),
        ("scratch\nmotion_movesteps 1)", "Line 2: a bracket is closed that was not opened."),
        ("scratch\n}", "Line 2: a bracket is closed that was not opened."),
        ("scratch\n\ncontrol_repeat 4 {\nlooks_show", "Line 3: “control_repeat” is not closed."),
        ("scratch\ncontrol_repeat 4", "“control_repeat” holds blocks in { } as many times as it has"),
        ("scratch\nlooks_show {\n}", "“looks_show” holds blocks in { } as many times as it has mouths: 0."),
        ("scratch\ncontrol_if (sensing_mousedown) {\n} else {\n}", "as many times as it has mouths: 1."),
        ('scratch\nlooks_say "a | b"', "Line 2: enter the words once, or in French | Arabic | English."),
        ('scratch\nlooks_say "a | | c"', "Line 2: enter the words once, or in French | Arabic | English."),
        ("scratch\nlooks_show\nevent_whenflagclicked", "“event_whenflagclicked” cannot stand here."),
        ("scratch\ncontrol_stop [all]\nlooks_show", "“looks_show” cannot stand here."),
        ("scratch\ncontrol_forever {\n}\nlooks_show", "“looks_show” cannot stand here."),
        ("scratch\ndata_showvariable []", "enter the words once, or in French | Arabic | English."),
        ("microbit\ndevice_show_leds '###/'", "cannot be read."),
        ('microbit\ndevice_show_leds "###/"', "“device_show_leds” does not take such a value."),
        ("scratch\nlooks_say " + "(operator_length " * 30 + '"a"' + ")" * 30, "the line is too long."),
        ("scratch\nlooks_say 'a'", "Line 2: “'a'” cannot be read."),
        ("scratch\n" + "looks_show\n" * 60, "Line 61: a drawing has at most 60 lines."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(text, fault):
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        notation.read(text)
    assert fault in refused.value.messages[0]


def test_a_drawing_speaks_the_readers_language_and_says_arguments_in_its_order():
    assert "quand" in labels(CATCH, "fr") and "est cliqué" in labels(CATCH, "fr")
    assert (
        "عند نقر" in labels(CATCH, "ar")
        and "النقاط" in labels(CATCH, "ar")
        and "score" not in labels(CATCH, "ar")
    )
    assert "when" in labels(CATCH, "en") and "random position" in labels(CATCH, "en")
    change = "scratch\ndata_changevariableby [x] 7"
    assert (labels(change, "fr"), labels(change, "en")) == (
        ["ajouter", "7", "à", "x"],
        ["change", "x", "by", "7"],
    )


@pytest.mark.parametrize("text", [CATCH, HEART])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawing_is_one_svg_without_style_or_script(text, language):
    drawn = svg.drawn(notation.read(text), language, None)
    root = ET.fromstring(drawn)
    width, height = float(root.get("width")), float(root.get("height"))
    assert 100 < width < 900 and 100 < height < 900
    assert "style" not in drawn and "<script" not in drawn and "<b>" not in drawn
    for path in root.iter("path"):
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d"))]
        assert max(numbers) <= max(width, height) and min(numbers) >= -16, "nothing lies outside the picture"


def test_an_arabic_drawing_is_mirrored_but_for_words_and_lights():
    french, arabic = (lay_out(notation.read(CATCH), language, None) for language in ("fr", "ar"))
    assert (french.rtl, arabic.rtl) == (False, True)
    drawn = svg.drawn(notation.read(CATCH), "ar", None)
    assert 'direction="ltr">-2<' in drawn, "a negative number keeps its sign before it"
    lights = [
        re.findall(r'fill="#(ff5a4d|3b4663)"', svg.drawn(notation.read(HEART), one, None))
        for one in LANGUAGES
    ]
    assert len(lights[0]) == 25 and lights[0].count("ff5a4d") == 16


def test_a_comparison_points_the_same_way_in_a_mirrored_block():
    text = "scratch\ncontrol_wait_until (operator_lt (data_variable [temps | الوقت | time]) 1)"
    french, arabic = (svg.drawn(notation.read(text), language, None) for language in ("fr", "ar"))
    assert ">&lt;<" in french and ">&lt;<" in arabic
    sign = re.search(r"<text([^>]*)>&lt;<", arabic)[1]
    assert "direction" not in sign, "the page is right to left, so the reader's browser mirrors a lone sign"
    ovals = lay_out(notation.read(text), "fr", None)
    assert sum(isinstance(part, Shape) for part in ovals.parts) == 4, (
        "block, question, oval, box of the number"
    )


def test_english_words_in_an_arabic_drawing_keep_their_order_and_say_their_language():
    drawn = svg.drawn(notation.read(HEART), "ar", None)
    found = [(float(x), words) for x, words in re.findall(r'<text x="([\d.]+)"[^>]*>([^<]*)</text>', drawn)]
    places = {words: x for x, words in found}
    assert places["repeat"] < places["3"] < places["times"]
    assert 'direction="ltr" lang="en">repeat<' in drawn


def test_the_same_words_are_said_as_nested_lists():
    said = svg.said(notation.read(CATCH), "fr")
    assert said.startswith("<ol><li>quand le drapeau vert est cliqué</li><li>mettre score à 0</li>")
    assert "<li>tourner vers la droite de 15 degrés</li>" in said and "<span>sinon</span>" in said
    assert "Salut &lt;b&gt;" in said
    assert "(touche le Pomme ?)" in said or "touche le Pomme" in said


def test_every_word_of_the_table_is_composed_and_names_its_arguments():
    for tool in TOOLS.values():
        for opcode, kind in tool.blocks.items():
            for language, words in kind.words.items():
                assert unicodedata.is_normalized("NFC", words) and words == " ".join(words.split()), (
                    opcode,
                    language,
                )
                numbers = [piece for piece in kind.pieces(language) if isinstance(piece, int)]
                wanted = [*range(len(kind.takes)), *([-1] if kind.icon else [])]
                assert sorted(numbers) == sorted(wanted), (opcode, language)
        for menu in tool.menus.values():
            assert set(menu) >= set(LANGUAGES)
    assert all(set(kind.words) >= set(LANGUAGES) for kind in TOOLS["scratch"].blocks.values())


def test_words_on_blocks_can_be_read():
    """Contrast of at least 4.5 between the ink and every colour."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    ink = light(INK)
    assert {
        group for group, (fill, _edge) in COLOURS.items() if (light(fill) + 0.05) / (ink + 0.05) < 4.5
    } == set()
    assert {kind.group for tool in TOOLS.values() for kind in tool.blocks.values()} <= set(COLOURS)
