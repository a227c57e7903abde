"""The report of a term on A4. Pure functions: a report in, a PDF out."""

import io
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enrollments.learning.term_report import ReportedClass, ReportedProject, TermReport
from enrollments.models import Child, ClassNote
from enrollments.models.certificates import name_on_paper
from enrollments.printing import badges
from enrollments.printing.sheets import shown_name
from enrollments.printing.typesetting import LARGE, NORMAL, SMALL, Sheet, as_printed
from home.language.dates import date_words, day_short, isolated
from home.language.lists import labelled, listed

if TYPE_CHECKING:
    from enrollments.printing.paper import Paper  # loads fpdf2, which no page needs

PICTURE = 55.0  # millimetres: the longer side of a project's picture


def more_words(count: int) -> str:
    return ngettext("and %(count)s more project", "and %(count)s more projects", count) % {"count": count}


def lesson_words(one: ReportedClass) -> str:
    return one.meeting.lesson.title if one.meeting.lesson else ""


def sheets_of(report: TermReport) -> list[Sheet]:
    """Return the parts of the report, each a heading with lines or a table, in the active language."""
    found = []
    for course in report.courses:
        rows = [
            [
                day_short(row.meeting.on),
                row.meeting.lesson.title if row.meeting.lesson else "",
                row.mark or "–",
            ]
            for row in course.classes
        ]
        head = [_("Day"), _("Lesson"), _("Attendance")]
        found.append(
            Sheet(course.session.course.title, [course.attended.words], head if rows else [], rows, [3, 6, 3])
        )
    if report.skills:
        rows = [
            [one.skill.name, *([] if one.is_once else [one.first_words]), one.last_words]
            for one in report.skills
        ]
        head = [_("Skill"), _("Seen first"), _("Seen last")]
        found.append(Sheet(_("What your child can do"), [], head, rows, [6, 4, 4]))
    if report.noted:
        lines = [line for row in report.noted if row.note for line in _note_lines(row.meeting.on, row.note)]
        found.append(Sheet(_("Notes from class"), lines))
    if report.next_sessions:
        lines = [
            f"{session.course.title} · {session.rhythm} · {session.room.venue.name}"
            for session in report.next_sessions
        ]
        found.append(Sheet(_("What your child can join next"), lines))
    return found


def _note_lines(on: date, note: ClassNote) -> list[str]:
    """Return the day with the chips, then the instructor's own words apart: they may be in another language,
    from the other side.
    """
    said = labelled(day_short(on), f"{listed(note.chip_labels)}.") if note.chip_labels else day_short(on)
    return [said, isolated(note.text)] if note.text else [said]


def report_pdf(report: TermReport, *, language: str, made_at: datetime) -> bytes:
    """Return the report as PDF. Call it with the language active."""
    from enrollments.printing.paper import Paper  # loads fpdf2, which no page needs

    made = _("As of %(day)s.") % {"day": date_words(timezone.localdate(made_at))}
    top = as_printed(Sheet(_("Report of a term"), [_name(report.child), report.term.name, made]))
    parts = [as_printed(sheet) for sheet in sheets_of(report)]
    projects = [(as_printed(_story(project)), project) for project in report.projects]
    paper = Paper(language, made_at)
    paper.add_letters([top, *parts, *(sheet for sheet, _project in projects)])
    paper.set_title(top.title)
    paper.add_page()
    name, term, made = top.lines
    paper.paragraph(top.title, NORMAL)
    paper.paragraph(name, LARGE + 3, bold=True)
    paper.paragraph(f"{term} · {made}")
    badges.belt(paper, left=paper.l_margin, top=paper.get_y() + 1, width=paper.epw, coloured=True, rows=1)
    paper.set_y(paper.get_y() + 9)
    after = len(report.courses) + bool(report.skills) + bool(report.noted)
    for sheet in parts[:after]:
        _part(paper, sheet)
    if projects:
        _heading(paper, _("What your child made"))
        for sheet, project in projects:
            _project_of(paper, sheet, project)
        if report.more_projects:
            paper.paragraph(more_words(report.more_projects))
    for sheet in parts[after:]:
        _part(paper, sheet)
    if foot := next((sheet.foot for sheet in [top, *parts] if sheet.foot), ""):
        paper.paragraph(foot, SMALL)
    return bytes(paper.output())


def _name(child: Child) -> str:
    """Return the name in the reader's script; initials for a protected child (domain §7)."""
    return shown_name(child, full=True) if child.is_protected else name_on_paper(child)


def _story(project: ReportedProject) -> Sheet:
    return Sheet(isolated(project.title), [isolated(text) for text in project.story.splitlines()])


def _heading(paper: "Paper", words: str) -> None:
    if paper.get_y() > paper.h - 55:
        paper.add_page()
    paper.ln(2)
    paper.paragraph(words, NORMAL + 3, bold=True)


def _part(paper: "Paper", sheet: Sheet) -> None:
    _heading(paper, sheet.title)
    for line in sheet.lines:
        paper.paragraph(line)
    if sheet.head:
        paper.grid(sheet)


def _project_of(paper: "Paper", sheet: Sheet, project: ReportedProject) -> None:
    picture = project.picture()
    if picture and paper.get_y() > paper.h - PICTURE - 45:
        paper.add_page()
    paper.paragraph(sheet.title, NORMAL + 1, bold=True)
    if picture:
        x = paper.w - paper.r_margin - PICTURE if paper.is_rtl else paper.l_margin
        paper.image(io.BytesIO(picture), x=x, w=PICTURE, h=PICTURE, keep_aspect_ratio=True)
        paper.ln(2)
    for line in sheet.lines:
        paper.paragraph(line)
