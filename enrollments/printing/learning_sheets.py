"""What a child has learned, on A4: the map of each track on a sheet of its own, then first and last levels.
Pure but for the queries of enrollments.classes.learning_record: a child in, a PDF out.
"""

from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses.skill_map import LINE, SIGN_HIGH, SIGN_WIDE, SIZE, SMALL, SkillBox
from enrollments.classes import learning_record
from enrollments.classes.learning_record import SkillSeen, TrackMap
from enrollments.models import Child
from enrollments.printing.paper import Paper
from enrollments.printing.sheets import shown_name
from enrollments.printing.typesetting import LARGE, NORMAL, POINT, Sheet, as_printed, font
from home.language.dates import date_words
from home.language.lists import labelled

LARGEST = 0.26  # millimetres of paper for a pixel of a map
INK, EDGE, PALE = (22, 33, 58), (31, 79, 216), (124, 130, 148)


class MapPaper(Paper):
    """An A4 document that can hold the map of a track."""

    def draw_map(self, track_map: TrackMap) -> None:
        """Draw the map as large as what is left of the sheet allows."""
        drawing = track_map.drawing
        room = self.h - self.get_y() - self.b_margin
        scale = min(LARGEST, self.epw / drawing.width, room / drawing.height)
        left = self.w - self.r_margin - drawing.width * scale if self.is_rtl else self.l_margin
        top, inset, margin = self.get_y(), self.c_margin, self.b_margin
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.set_draw_color(*PALE)
        self.set_line_width(0.4)
        for link in drawing.links:
            half = (link.x + link.to_x) / 2
            with self.new_path() as path:
                path.style.fill_color, path.style.stroke_color = None, "#7c8294"
                path.style.auto_close = False
                path.style.stroke_width = 0.4
                path.move_to(left + link.x * scale, top + link.y * scale)
                path.curve_to(
                    left + half * scale, top + link.y * scale, left + half * scale,
                    top + link.to_y * scale, left + link.to_x * scale, top + link.to_y * scale,
                )  # fmt: skip
        for row, box in track_map.boxes:
            self._box(box, row.bars, is_seen=row.seen is not None, left=left, top=top, scale=scale)
        self.c_margin = inset
        self.set_auto_page_break(True, margin=margin)
        self.set_xy(self.l_margin, top + drawing.height * scale + 3)

    def _box(
        self, box: SkillBox, bars: list[bool], *, is_seen: bool, left: float, top: float, scale: float
    ) -> None:
        x, y = left + box.x * scale, top + box.y * scale
        self.set_fill_color(255, 255, 255)
        self.set_draw_color(*(EDGE if is_seen else PALE))
        self.set_line_width(0.3)
        if not is_seen:
            self.set_dash_pattern(dash=1, gap=0.8)
        self.rect(
            x, y, box.width * scale, box.height * scale, style="DF", round_corners=True, corner_radius=2
        )
        self.set_dash_pattern()
        for baseline, line in box.baselines:
            self._words(line, box, box.start, baseline, SIZE, left, top, scale, bold=True)
        self._words(box.caption, box, box.caption_x, box.foot, SMALL, left, top, scale)
        self.set_draw_color(*EDGE)
        self.set_line_width(0.15)
        for number, is_full in enumerate(bars):
            height = box.sign_y + SIGN_HIGH - 3 - number * 5
            self.set_fill_color(*(EDGE if is_full else (255, 255, 255)))
            self.rect(
                left + (box.sign_x + 1) * scale, top + height * scale, (SIGN_WIDE - 2) * scale, 3 * scale,
                style="DF",
            )  # fmt: skip

    def _words(
        self, words: str, box: SkillBox, x: int, baseline: int, size: int, left: float, top: float,
        scale: float, *, bold: bool = False,
    ) -> None:  # fmt: skip
        self.set_font("Rubik", "B" if bold else "", size * scale / POINT)
        self.set_text_color(*INK)
        wide, at = box.width * scale, left + x * scale
        self.set_xy(at - wide if self.is_rtl else at, top + (baseline - 0.8 * size) * scale)
        self.cell(wide, LINE * scale * 0.8, words, align=self.side)
        self.set_text_color(0, 0, 0)


def learning_pdf(child: Child, *, made_at: datetime) -> bytes:
    """Return what a child has learned as a PDF in the active language; initials for a protected child."""
    seen = learning_record.skills_seen(child)
    language, name = get_language() or "fr", shown_name(child, full=True)
    paper = MapPaper(language, made_at)
    paper.set_title(_("Learning over time"))
    paper.words = date_words(timezone.localdate(made_at))
    sheet = as_printed(_table(name, seen))
    paper.add_letters([sheet])
    for track_map in learning_record.track_maps(seen, font=Path(font("Bold"))):
        paper.add_page(orientation="L")
        paper.paragraph(labelled(sheet.title, track_map.track.name), LARGE, bold=True)
        paper.draw_map(track_map)
    paper.add_page(orientation="P")
    paper.paragraph(sheet.title, LARGE, bold=True)
    for line in sheet.lines:
        paper.paragraph(line, NORMAL)
    if sheet.rows:
        paper.grid(sheet)
    return bytes(paper.output())


def _table(name: str, seen: list[SkillSeen]) -> Sheet:
    return Sheet(
        title=name,
        lines=[_("What instructors saw in class. We give no marks, and we do not compare children.")],
        head=[_("Skill"), _("Seen first"), _("Seen last")],
        rows=[
            [
                one.skill.name,
                *([] if one.is_once else [f"{one.first_words}\n{date_words(one.first_on)}"]),
                f"{one.last_words}\n{date_words(one.last_on)}",
            ]
            for one in seen
        ],
        widths=[4, 3, 3],
    )
