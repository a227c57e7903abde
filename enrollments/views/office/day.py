"""The office's first page: the classes of a day."""

from datetime import date, timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.timetable import bulk_changes, teaching
from enrollments.classes import diary, missing_children
from enrollments.classes.schedule import meetings_of_day
from enrollments.models import ClassDiary, Equivalence
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.views.office.sessions import readable_sessions
from home.forms_only import form_of


def _day(request, today: date) -> date:
    """Return the requested day; today if there is none or it is invalid."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office(request):
    """Show one day's classes, with rooms, times and counts."""
    today = timezone.localdate()
    day = _day(request, today)
    declared = (
        Equivalence.objects.filter(confirmed_at=None)
        .select_related("child", "course")
        .order_by("declared_at")
    )
    at, is_manager = timezone.now(), has_role(request.user, MANAGER)
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
        "is_manager": is_manager,
        "readable": readable_sessions(request.user, today),
        "missing": missing_children.missing_by_class(at),
        "untaught": teaching.without_instructor(at),
        "on_closures": bulk_changes.count_on_closures(at) if is_manager else 0,
    }
    return render(request, "enrollments/office/office.html", context)


@role_required(FRONT_DESK, MANAGER)
@form_of("office")
def kit_right(request, diary_id):
    """Record that missing or broken kit, in the `words` the page showed, has been put right."""
    row = get_object_or_404(ClassDiary, pk=diary_id)
    if diary.put_kit_right(row, request.POST.get("words", ""), by=request.user, at=timezone.now()):
        messages.success(request, _("Saved."))
    else:
        messages.info(request, _("This has changed in the meantime. Check again."))
    return redirect("office")
