"""The badge to colour: outlines alone, one for each track, on one sheet."""

import io
import re

import pytest
from django.utils import translation
from pypdf import PdfReader

from courses.models import Track
from enrollments.printing import badges

pytestmark = pytest.mark.usefixtures("academy_settings")


@pytest.mark.parametrize("code", ["CODE", "ROBOT", "PRINT", "OTHER"])
def test_a_badge_is_outlines_alone_and_stays_in_its_box(code):
    drawn = badges.svg(code, "Badge")
    assert set(re.findall(r'fill="([^"]+)"', drawn)) <= {"#ffffff", "none", badges.INK}
    assert "<script" not in drawn and "style=" not in drawn and 'aria-label="Badge"' in drawn
    for shape in badges.shapes(code):
        if shape.kind in {"line", "area"}:
            assert all(0 <= number <= badges.BOX for number in shape.numbers)
    assert badges.shapes("CODE") != badges.shapes("ROBOT") != badges.shapes("PRINT")


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_each_track_has_its_badge_on_one_sheet(now, language):
    track = Track(code="ROBOT", name_fr="Robotique", name_ar="الروبوتيك", name_en="Robotics")
    with translation.override(language):
        pdf = badges.badge_pdf(track, language=language, made_at=now)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
