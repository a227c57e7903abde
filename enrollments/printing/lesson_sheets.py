"""A lesson on A4, one of its three faces, with its drawn blocks. Pure functions: a lesson in, a PDF out."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from math import cos, radians, sin
from pathlib import Path

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from courses import faces
from courses.code_blocks.layout import SIZE, Drawing, Label, Shape, Sign, Step, lay_out
from courses.code_blocks.listings import Listing
from courses.faces import LessonFace
from courses.models import Lesson
from enrollments.printing.paper import Paper
from enrollments.printing.typesetting import LARGE, MARGIN, NORMAL, POINT, SMALL, font

PIXEL = 0.245  # millimetres of paper for a pixel of a drawing
LINE, INDENT = 5.2, 1.6  # millimetres: a line of code, a space before it
STEPS = {"M": "move_to", "L": "line_to", "Q": "quadratic_curve_to"}
# The signs of courses.code_blocks.svg, as outlines in a box of 22.
FLAG = [
    ("M", (5, 20)), ("L", (5, 3)), ("Q", (9, 0, 12, 3)), ("Q", (15, 6, 18, 3)), ("L", (18, 13)),
    ("Q", (15, 16, 12, 13)), ("Q", (9, 10, 5, 13)),
]  # fmt: skip


def _turn() -> list[tuple[str, tuple[float, float]]]:
    """Return a bent arrow to the right: three quarters of a ring, and its head."""
    angles = [radians(degrees) for degrees in range(150, 391, 20)]
    outer = [(11 + 8.5 * cos(angle), 11 + 8.5 * sin(angle)) for angle in angles]
    inner = [(11 + 6 * cos(angle), 11 + 6 * sin(angle)) for angle in reversed(angles)]
    x, y = 11 + 7.25 * cos(angles[-1]), 11 + 7.25 * sin(angles[-1])
    points = [*outer, (x + 4.5, y - 1), (x - 1, y + 6), (x - 5.5, y - 2), *inner]
    return [("L" if index else "M", point) for index, point in enumerate(points)]


ARROW = _turn()


class LessonPaper(Paper):
    """An A4 document that can hold drawn blocks."""

    @contextmanager
    def _unbroken(self) -> Iterator[None]:
        """Write at the very place told: neither page breaks nor margins in cells."""
        margin, inset = self.b_margin, self.c_margin
        self.set_auto_page_break(False)
        self.c_margin = 0
        try:
            yield
        finally:
            self.c_margin = inset
            self.set_auto_page_break(True, margin=margin)

    def draw_blocks(self, text: str, language: str) -> None:
        """Draw blocks at the reader's side: smaller on a narrow sheet, on a new page if this one is full.

        A listing is printed instead.
        """
        found = faces.drawing_of(text)
        if found is None:
            return
        if isinstance(found, Listing):
            self._list(found.said(language))
            return
        drawing = lay_out(found, language, Path(font("Regular")))
        room = self.h - self.t_margin - self.b_margin - 10
        scale = min(PIXEL, self.epw / drawing.width, room / drawing.height)
        if self.get_y() + drawing.height * scale > self.h - self.b_margin:
            self.add_page()
        left = self.w - self.r_margin - drawing.width * scale if self.is_rtl else self.l_margin
        top = self.get_y()
        with self._unbroken():
            for part in drawing.parts:
                self._part(part, drawing, left, top, scale)
        self.set_xy(self.l_margin, top + drawing.height * scale + 3)

    def _list(self, lines: list[str]) -> None:
        """Print numbered lines of code, from left to right in every language."""
        if self.get_y() + (len(lines) + 1) * LINE > self.h - self.b_margin:
            self.add_page()
        self.turn(rtl=False)
        self.set_font("Rubik", "", SMALL)
        top = self.get_y() + 1
        with self._unbroken():
            for number, line in enumerate(lines, start=1):
                code = line.lstrip()
                self.set_xy(self.l_margin, top)
                self.cell(8, LINE, str(number), align="R")
                self.set_xy(self.l_margin + 11 + (len(line) - len(code)) * INDENT, top)
                self.cell(0, LINE, code)
                top += LINE
        self.turn(rtl=self.is_rtl)
        self.set_xy(self.l_margin, top + 3)

    def _part(
        self, part: Shape | Label | Sign, drawing: Drawing, left: float, top: float, scale: float
    ) -> None:
        def x(value: float) -> float:
            return left + (drawing.width - value if drawing.rtl else value) * scale

        if isinstance(part, Label):
            self.set_font("Rubik", "", SIZE * scale / POINT)
            width, high = part.width * scale, SIZE * scale
            middle, baseline = x(part.x + part.width / 2), top + part.y * scale
            self.set_xy(middle - width / 2 - 1, baseline - 0.8 * high)
            is_latin = self.is_rtl and part.text.isascii() and any(mark.isalnum() for mark in part.text)
            self.turn(rtl=self.is_rtl and not is_latin)  # -15 keeps its sign before it
            self.cell(width + 2, high, part.text, align="C")
            self.turn(rtl=self.is_rtl)
        elif isinstance(part, Shape):
            self._trace(part.steps, part.fill, part.edge, x, top, scale)
        else:
            points = FLAG if part.name == "flag" else ARROW
            is_left = part.name == "turn-left"
            steps = [
                (name, tuple(
                    value + part.y if odd % 2 else part.x + (22 - value if is_left != drawing.rtl else value)
                    for odd, value in enumerate(values)
                ))
                for name, values in points
            ]  # fmt: skip
            self._trace(steps, "#2f9e44" if part.name == "flag" else "#16213a", "#16213a", x, top, scale)

    def _trace(
        self,
        steps: Iterable[Step],
        fill: str,
        edge: str,
        x: Callable[[float], float],
        top: float,
        scale: float,
    ) -> None:
        with self.new_path() as path:
            path.style.fill_color, path.style.stroke_color = fill, edge
            path.style.stroke_width = 0.2
            for name, values in steps:
                placed = [top + v * scale if odd % 2 else x(v) for odd, v in enumerate(values)]
                getattr(path, STEPS[name])(*placed)
            path.close()


def lesson_pdf(lesson: Lesson, face: LessonFace, *, made_at: datetime) -> bytes:
    """Return one face of a lesson as an A4 PDF in the active language. It holds no name, place or hour."""
    language = get_language() or "fr"
    paper = LessonPaper(language, made_at)
    paper.set_title(lesson.title)
    paper.add_page()
    paper.paragraph(lesson.title, LARGE, bold=True)
    paper.paragraph(
        f"{lesson.course.title} · " + _("Lesson %(number)s") % {"number": lesson.number}, SMALL + 1
    )
    if lesson.objective:
        paper.paragraph(lesson.objective, NORMAL + 1, bold=True)
    {LessonFace.INSTRUCTOR: _plan, LessonFace.CHILD: _child, LessonFace.FAMILY: _family}[face](
        paper, lesson, language
    )
    return bytes(paper.output())


def _heading(paper: Paper, words: str) -> None:
    if paper.get_y() > paper.h - MARGIN - 40:
        paper.add_page()
    paper.ln(2)
    paper.paragraph(words, NORMAL + 2, bold=True)


def _plan(paper: LessonPaper, lesson: Lesson, language: str) -> None:
    if lesson.hazards:
        paper.paragraph(" · ".join(lesson.hazard_labels))
    if lesson.kit:
        _heading(paper, _("Kit"))
        for line in lesson.kit:
            paper.paragraph(f"{line['qty']} × {line.get(language) or line['fr']} ({_for_whom(line['per'])})")
    plan = faces.plan_of(lesson)
    length = ngettext("The lesson, %(minutes)s minute", "The lesson, %(minutes)s minutes", plan.minutes)
    _heading(paper, length % {"minutes": plan.minutes})
    for part in plan.parts:
        words = part.block.get_kind_display()
        if part.block.minutes:
            words += " · " + _("minute %(from)s to %(to)s") % {"from": part.begins, "to": part.ends}
        paper.paragraph(words, bold=True)
        paper.paragraph(part.block.text)
        paper.draw_blocks(part.block.drawing, language)


def _for_whom(per: str) -> str:
    words = {"child": _("for each child"), "pair": _("for two children")}
    return words.get(per) or _("for the group")


def _child(paper: LessonPaper, lesson: Lesson, language: str) -> None:
    face = faces.child_face(lesson)
    for slide in face.slides:
        _heading(paper, slide.heading)
        paper.paragraph(slide.text, NORMAL + 2)
        paper.draw_blocks(slide.drawing, language)
    _words(paper, face.words)


def _family(paper: LessonPaper, lesson: Lesson, language: str) -> None:
    face = faces.family_face(lesson)
    for heading, texts in (
        (_("What we did"), [face.done] if face.done else []),
        (_("To ask your child"), face.ask),
        (_("To try at home"), face.home),
    ):
        if texts:
            _heading(paper, heading)
            for text in texts:
                paper.paragraph(text)
    _words(paper, face.words)


def _words(paper: LessonPaper, words: list[faces.Word]) -> None:
    if words:
        _heading(paper, _("Words to know"))
        for word in words:
            paper.paragraph(_("%(word)s: %(meaning)s") % {"word": word.word, "meaning": word.meaning})
