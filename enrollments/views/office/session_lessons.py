"""Bring the lessons of a running session up to date with its course: differences first, then the button."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from courses.models import Session
from courses.timetable import lesson_plan
from enrollments.permissions import MANAGER, role_required
from enrollments.views.lock_timeouts import patiently

REFUSALS = {
    lesson_plan.Reason.CHANGED: gettext_lazy("The differences have changed. Please read them again."),
    lesson_plan.Reason.CANCELLED: gettext_lazy("This session has been cancelled."),
}


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def session_lessons(request, session_id):
    """Show what would change in the classes to come. POST applies it, if it is still what was shown."""
    session, at = get_object_or_404(Session.objects.with_facts(), pk=session_id), timezone.now()
    fault = ""
    if request.method == "POST":
        try:
            done = lesson_plan.update_lessons(session, seen=request.POST.get("seen", ""), at=at)
        except lesson_plan.Refused as refusal:
            fault = REFUSALS[refusal.code]
        else:
            words = ngettext("%(count)s class updated.", "%(count)s classes updated.", len(done))
            messages.success(request, words % {"count": len(done)})
            return redirect("office_session_lessons", session_id=session.pk)
    changes = [] if session.cancelled_at else lesson_plan.differences(session, at)
    context = {
        "session": session,
        "changes": changes,
        "left_out": lesson_plan.left_out(session, changes),
        "mark": lesson_plan.mark(changes),
        "fault": fault,
    }
    return render(request, "enrollments/office/session_lessons.html", context, status=409 if fault else 200)
