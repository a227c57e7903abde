"""After the class, on one page: observed skills, notes for families, a note for the next instructor, "today
in class".
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.models import Course, Meeting
from enrollments.classes import class_reports, next_level, progress, roster
from enrollments.models import ClassDiary, ClassNote, ReadRecord, Recommendation, SkillObservation
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required
from enrollments.privacy import access_log
from enrollments.views.class_access import open_meeting
from enrollments.views.desk import typed_after
from enrollments.views.lock_timeouts import patiently
from enrollments.views.redirects import to_part
from home.forms_only import form_of

REFUSALS = {
    class_reports.Reason.TOLD: gettext_lazy("We have already notified the families."),
    class_reports.Reason.NOT_OVER: gettext_lazy("The class has not started."),
    class_reports.Reason.NOBODY: gettext_lazy("Nobody would receive it. Take the register first."),
}


def _grid(meeting: Meeting) -> tuple[list, list[dict]]:
    """Return the lesson's skills, and a row for each child who attended: levels observed in this class, the
    note.
    """
    skills = list(meeting.lesson.skills.all()) if meeting.lesson else []
    seen = {
        (row.child_id, row.skill_id): row.level
        for row in SkillObservation.objects.filter(meeting=meeting).only("child", "skill", "level")
    }
    notes = {note.child_id: note for note in ClassNote.objects.filter(meeting=meeting)}
    came = [line for line in roster.lines(meeting) if line.presence.came]
    rows = [
        {
            "line": line,
            "skills": [(skill, seen.get((line.child.pk, skill.pk))) for skill in skills],
            "note": notes.get(line.child.pk),
        }
        for line in came
    ]
    return skills, rows


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_after(request, meeting_id):
    """Show the grid and notes; each change is saved separately (204), or all by the button. 409: somebody
    else has changed a field in the meantime, whose newer value stays.
    """
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    if request.method == "POST":
        if newer := save_typed(request, meeting, at):
            return shown_beside(request, meeting, at, newer)
        if not is_touch(request):
            messages.success(request, _("Saved."))
        return answered(request, meeting)
    return _page(request, meeting, at, set())


def _page(request, meeting: Meeting, at: datetime, newer: set[str]) -> HttpResponse:
    skills, rows = _grid(meeting)
    access_log.record_read(
        ReadRecord.What.ROSTER, children=[row["line"].child.pk for row in rows], by=request.user, at=at
    )
    diary = ClassDiary.objects.filter(meeting=meeting).first() or ClassDiary(meeting=meeting)
    left = max(0, round((diary.told_at + class_reports.UNDO - at).total_seconds())) if diary.told_at else 0
    found, may_tell = class_reports.readers(meeting), has_role(request.user, INSTRUCTOR, MANAGER)
    context = {
        "words": typed_after.put_fields(request, rows, diary, newer),
        "newer": newer,
        "meeting": meeting,
        "session": meeting.session,
        "skills": skills,
        "rows": rows,
        "levels": SkillObservation.Level.choices,
        "chips": ClassNote.Chip.choices,
        "diary": diary,
        "left": left,
        "ready": _ready(meeting, rows, at) if may_tell else [],
        "has_begun": at >= meeting.starts_at,
        "may_tell": may_tell,
        "came": len(found["in_class"]),
        "missed": len(found["catch_up"]),
    }
    return render(request, "enrollments/desk/after.html", context, status=409 if newer else 200)


def save_typed(request, meeting: Meeting, at: datetime) -> set[str]:
    """Save what the form of the page holds. Every button of the page sends it, so that nothing typed is lost;
    fields that were not sent stay as they are.

    Return the fields that somebody else has changed in the meantime: do nothing more then, and show them.
    """
    skills, rows = _grid(meeting)
    newer = typed_after.save(request, meeting, rows, at)
    if not newer:
        _save_for_all(request, meeting, skills, rows, at)
    return newer


def shown_beside(request, meeting: Meeting, at: datetime, newer: set[str]) -> HttpResponse:
    """Show what was typed beside the newer value of these fields (409); the script sends its form again to
    get this page.
    """
    if is_touch(request):
        return HttpResponse(status=409)
    return _page(request, meeting, at, newer)


def is_touch(request) -> bool:
    """Return whether the page's script asks, which shows by itself what was done."""
    return "X-Touch" in request.headers


def answered(request, meeting: Meeting, part: str = "") -> HttpResponse:
    """Lead back to the page, to the part whose button was pressed, or answer its script."""
    if is_touch(request):
        return HttpResponse(status=204)
    return to_part("desk_after", meeting.pk, part=part)


@dataclass(frozen=True)
class ReadyLine:
    """A child and a course this one leads to: whether it was found ready, and whether that can be undone."""

    line: roster.RosterLine
    course: Course
    given: Recommendation | None
    may_undo: bool

    @property
    def place(self) -> str:
        """Return the id of its button."""
        return ready_place(self.line.child.pk, self.course.pk)


def ready_place(child_id: int, course_id: int) -> str:
    """Return the id of the button of a child and a course."""
    return f"ready-{child_id}-{course_id}"


def _ready(meeting: Meeting, rows: list[dict], at: datetime) -> list[ReadyLine]:
    """Return a line for each child who came and each course that this one leads to. Three queries."""
    courses = next_level.next_courses(meeting) if rows else []
    given = next_level.given_in(meeting, [row["line"].child for row in rows]) if courses else {}
    undoable = next_level.undoable(given.values(), at)
    found = []
    for row in rows:
        for course in courses:
            said = given.get((row["line"].child.pk, course.pk))
            may_undo = said is not None and said.pk in undoable
            found.append(ReadyLine(row["line"], course, said, may_undo))
    return found


def _save_for_all(request, meeting: Meeting, skills, rows, at) -> None:
    """Apply the button for everybody (`every`: skill.level), after what the form says of each child."""
    asked, _dot, level = request.POST.get("every", "").partition(".")
    skill = next((skill for skill in skills if str(skill.pk) == asked), None)
    if skill is None or level not in {"", "1", "2", "3", "4"}:
        return
    children = [row["line"].child for row in rows]
    progress.observe_all(
        children, skill, meeting, level=int(level) if level else None, by=request.user, at=at
    )


@role_required(INSTRUCTOR, MANAGER)
@form_of("desk_after", "meeting_id")
@patiently
def class_tell(request, meeting_id):
    """Save what is typed, then send "today in class", or undo it within 30 seconds. Nothing is sent while a
    colleague's newer words were not read.
    """
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    newer = save_typed(request, meeting, at)
    if request.POST.get("act") == "back":
        done = class_reports.call_back(meeting, at=at)
        messages.info(
            request, _("Sending cancelled. Nobody received it.") if done else _("It has already been sent.")
        )
        return shown_beside(request, meeting, at, newer) if newer else answered(request, meeting, "tell")
    if newer:
        return shown_beside(request, meeting, at, newer)
    try:
        count = class_reports.tell(meeting, by=request.user, at=at)
    except class_reports.Refused as refusal:
        messages.error(request, REFUSALS[refusal.code])
    else:
        told = ngettext(
            "%(count)s email will be sent in 30 seconds.",
            "%(count)s emails will be sent in 30 seconds.",
            count,
        )
        messages.success(request, told % {"count": count})
    return answered(request, meeting, "tell")
