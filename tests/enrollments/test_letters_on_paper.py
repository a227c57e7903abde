"""Names in every alphabet that families here have: printed, or said plainly that they cannot be."""

import io
import unicodedata

import pytest
from django.utils import timezone
from django.utils.translation import override
from fontTools.ttLib import TTFont
from openpyxl import load_workbook
from pypdf import PdfReader

from enrollments.printing.pdf import as_pdf
from enrollments.printing.spreadsheets import as_sheet
from enrollments.printing.typesetting import OTHERS, STYLES, UNPRINTED, Sheet, font, printable, signs_of

NAMES = {
    "Latin": "Łukasz Çağla Žofie Ștefan Ḥaǧǧa Ɛli Ɣiles",
    "Vietnamese": "Nguyễn Thị Phượng",
    "Cyrillic": "Ярослав Їжакевич Ґалина",
    "Greek": "Ελένη",
    "Tifinagh": "ⵎⴰⵙⵉⵏ ⵜⵉⵣⵉⵔⵉ ⴽⵯ",
    "Arabic": "إيناس",
}


def drawn(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def paper(name, language="fr", **more):
    sheet = Sheet("Liste", [name], ["Enfant", "Mot"], [[name, "x"]], [1, 1], **more)
    with override(language):
        return as_pdf([sheet], language=language, title="x", made_at=timezone.now())


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("script", [script for script in NAMES if script != "Arabic"])
def test_a_name_in_these_letters_is_printed_and_holds_no_box(script, form, caplog):
    words = drawn(paper(unicodedata.normalize(form, NAMES[script])))
    for word in NAMES[script].split():
        assert words.count(unicodedata.normalize("NFC", word)) == 2, word
    assert UNPRINTED not in words and "\ufffd" not in words
    assert not [record for record in caplog.records if "glyph" in record.getMessage().lower()]


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_papers_of_both_directions_take_every_script(script, language, caplog):
    assert paper(NAMES[script], language).startswith(b"%PDF")
    assert not [record for record in caplog.records if "glyph" in record.getMessage().lower()]
    assert printable(NAMES[script]) == NAMES[script]


@pytest.mark.parametrize("name", ["王小明", "אבגד", "สมชาย", "🙂"])
def test_letters_that_no_typeface_has_are_said_to_be_missing(name):
    words = drawn(paper(f"Lina {name}"))
    assert "Lina" in words and UNPRINTED in words and name not in words
    assert words.count(UNPRINTED) >= 3, "in the line, in the table and at the foot"
    assert drawn(paper("Lina", foot="Merci")).count(UNPRINTED) == 0


def test_a_paper_in_our_own_letters_brings_no_other_typeface():
    assert b"NotoSans" not in paper("Élodie إيناس") and b"Tifinagh" not in paper("Élodie")


def test_every_letter_of_tifinagh_has_ink_in_both_weights():
    for style in STYLES.values():
        file = TTFont(font(style, "Tifinagh"))
        glyphs, advances = file["glyf"], file["hmtx"]
        for code, name in file.getBestCmap().items():
            if code != 0x20:
                glyph = glyphs[name]
                assert glyph.numberOfContours > 0 and glyph.yMin >= -80 and glyph.yMax <= 800
                assert advances[name][0] > glyph.xMax > glyph.xMin >= 0
    assert len(signs_of("Tifinagh")) == 33 and set(OTHERS) == {"NotoSans", "Tifinagh"}


@pytest.mark.parametrize(("language", "rtl"), [("ar", True), ("fr", False), ("en", False)])
def test_a_spreadsheet_runs_in_the_direction_of_its_reader(language, rtl):
    with override(language):
        book = load_workbook(io.BytesIO(as_sheet("S-1", ["a"], [["إيناس"]])))
    assert bool(book.active.sheet_view.rightToLeft) is rtl
