"""Listings of Python and Arduino: the code for everybody, the words in the reader's language."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from pypdf import PdfReader

from courses.code_blocks import drawings
from courses.faces import LessonFace
from courses.models import LessonBlock
from courses.templatetags.courses_tags import drawn_blocks
from enrollments.printing.lesson_sheets import lesson_pdf
from tests import factories

PRICE = """python
# le prix | الثمن | the price
price = 12
if price > 10:
    print("C'est cher # | غال # | Dear #", price)  # dit | يقول | says
print('|', "a|b")
"""


@pytest.mark.parametrize(
    ("language", "first", "said"),
    [
        ("fr", "# le prix", '    print("C\'est cher #", price)  # dit'),
        ("ar", "# الثمن", '    print("غال #", price)  # يقول'),
        ("en", "# the price", '    print("Dear #", price)  # says'),
    ],
)
def test_the_words_are_the_readers_and_the_code_is_everybodys(language, first, said):
    lines = drawings.read(PRICE).said(language)
    assert lines == [first, "price = 12", "if price > 10:", said, "print('|', \"a|b\")"]


def test_a_listing_of_arduino_has_its_own_comments():
    lines = drawings.read("arduino\nint led = 9; // la LED | المصباح | the LED\n#define A 1").said("en")
    assert lines == ["int led = 9; // the LED", "#define A 1"]


def test_an_apostrophe_in_a_comment_opens_no_text():
    assert drawings.read("python\nx = 1  # l'âge | العمر | the 'age").said("fr") == ["x = 1  # l'âge"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("python\n", "Line 1: there is no code."),
        ("python\nx = 1\nif x\n", "Line 3: Python cannot read this line."),
        ("python\nprint('a | b' c' | d')", "Line 2: Python cannot read this line."),
        ("arduino\n\tint x;", "Line 2: indent with spaces."),
        ("arduino\n" + "x" * 45, "Line 2: a line has at most 44 characters."),
        ("arduino\n" + "x;\n" * 21, "Line 22: a listing has at most 20 lines."),
        ("ruby\nputs 1", "Line 1: start with scratch / microbit / python / arduino."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, fault):
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        drawings.read(text)
    assert refused.value.messages == [fault]


def test_the_limit_counts_one_language_alone():
    words = " | ".join(["m" * 36] * 3)
    assert drawings.read(f'python\nx = "{words}"')


def test_a_listing_is_a_list_of_numbered_lines_from_left_to_right():
    with translation.override("ar"):
        shown = drawn_blocks("python\nx = '<b>'\nprint(x)")
    assert shown == (
        '<ol class="listing" dir="ltr" translate="no" aria-label="Python">'
        "<li><code>x = &#x27;&lt;b&gt;&#x27;</code></li><li><code>print(x)</code></li></ol>"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_childs_sheet_prints_it(language):
    lesson = factories.LessonFactory()
    LessonBlock.objects.create(
        lesson=lesson, position=1, kind="step", for_learner=True, text="Essaie.", drawing=PRICE
    )
    with translation.override(language):
        body = lesson_pdf(lesson, LessonFace.CHILD, made_at=timezone.now())
    text = PdfReader(io.BytesIO(body)).pages[0].extract_text()
    assert "price = 12" in text
    assert "if price > 10:" in text
