"""The office's first page: what waits now, the most urgent first, and the classes of a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from courses.timetable import bulk_changes, teaching
from enrollments.classes import diary, dismissal
from enrollments.classes.schedule import meetings_of_day
from enrollments.families import pickup
from enrollments.models import ClassDiary, Equivalence, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.staff.worklist import Worklist, with_places
from enrollments.views.lock_timeouts import patiently
from enrollments.views.office.sessions import readable_sessions
from home.forms_only import form_of

FIRST = 5  # rows of each list; the others are one tap away


@dataclass(frozen=True)
class Section:
    """A list of Today. `code` names its template, templates/enrollments/office/today/<code>.html."""

    code: str
    title: Promise
    url: str
    count: int
    rows: list[Any]

    @property
    def template(self) -> str:
        return f"enrollments/office/today/{self.code}.html"


LISTS = (
    ("children", _("Children to call about"), "office_calls"),
    ("registers", _("Registers not taken"), "office_calls"),
    ("late", _("Children not collected"), "office_calls"),
    ("decisions", _("Decisions due"), "office_decisions"),
    ("offers", _("Places to offer by phone"), "office_calls"),
    ("unpaid", _("Payments due"), "office_unpaid"),
    ("failed", _("Messages that could not be sent"), "office_letters"),
)


def _day(request, today: date) -> date:
    """Return the requested day; today if there is none or it is invalid."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today


def _sections(work: Worklist) -> list[Section]:
    """Return every list this person has, the most urgent first, with its first rows."""
    found = []
    for code, title, route in LISTS:
        if code == "decisions" and not work.is_manager:
            continue
        count = work.counts[code]
        rows = list(getattr(work, code)[:FIRST]) if count else []
        found.append(Section(code, title, reverse(route), count, rows))
    return found


def _furnish(sections: dict[str, list], work: Worklist) -> None:
    """Add what the rows show: whom to phone, the steps of a late pick-up, the places of a payment. The
    children shown with a phone number count as viewed.
    """
    late, offered = sections["late"], sections["offers"]
    for row in late:
        row.step = dismissal.step_due(row.child, row.meeting, work.at)
    children = [row.child for row in (*sections["children"], *late, *offered)]
    pickup.note_contacts(children)
    classes = [group.meeting for group in sections["registers"]]
    prefetch_related_objects(classes, "instructors", "session__instructors")
    access_log.record_read(ReadRecord.What.FILE, children=children, by=work.user, at=work.at)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office(request):
    """Show what waits, the first rows of each list with what to do; then the classes of the day. Another day
    shows its classes only.
    """
    at = timezone.now()
    today = timezone.localdate(at)
    day = _day(request, today)
    work = Worklist(request.user, at)
    sections = _sections(work) if day == today else []
    if sections:
        _furnish({section.code: section.rows for section in sections}, work)
    for section in sections:
        if section.code == "unpaid":
            section.rows[:] = with_places(section.rows)
    declared = (
        Equivalence.objects.filter(confirmed_at=None)
        .select_related("child", "course")
        .order_by("declared_at")
    )
    meetings, here = meetings_of_day(day), set(teaching.instructors())
    for meeting in meetings:
        meeting.taught_by = [person for person in meeting.teachers if meeting.ends_at <= at or person in here]
    context = {
        "day": day,
        "today": today,
        "before": day - timedelta(days=1) if day > date.min else day,
        "after": day + timedelta(days=1) if day < date.max else day,
        "meetings": meetings,
        "declared": declared[:50],
        "is_manager": work.is_manager,
        "readable": readable_sessions(request.user, today),
        "work": work,
        "next_decision": work.next_decision,
        "sections": sections,
        "nothing_waits": not any(section.count for section in sections),
        "untaught": teaching.without_instructor(at),
        "on_closures": bulk_changes.count_on_closures(at) if work.is_manager else 0,
    }
    return render(request, "enrollments/office/office.html", context)


@role_required(FRONT_DESK, MANAGER)
@form_of("office")
@patiently
def kit_right(request, diary_id):
    """Record that missing or broken kit, in the `words` the page showed, has been put right."""
    row = get_object_or_404(ClassDiary, pk=diary_id)
    if diary.put_kit_right(row, request.POST.get("words", ""), by=request.user, at=timezone.now()):
        messages.success(request, gettext("Saved."))
    else:
        messages.info(request, gettext("This has changed in the meantime. Check again."))
    return redirect("office")
