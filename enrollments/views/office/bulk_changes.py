"""Close a day or shift hours across sessions: preview the changes and recipients, then apply."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from courses.timetable import bulk_changes, scheduling
from enrollments.classes import change_notices
from enrollments.forms.office.bulk_changes import CloseForm, ShiftForm
from enrollments.permissions import MANAGER, role_required
from enrollments.views.lock_timeouts import patiently


def _page(request, form_class, plan, do, template: str):
    """Edit (GET without values), preview (GET with values), apply (POST with the same values)."""
    asked = request.POST if request.method == "POST" else request.GET
    form = form_class(asked or None)
    context, status = {"form": form, "changes": None}, 200
    if form.is_valid():
        told, at = form.cleaned_data, timezone.now()
        try:
            if request.method == "POST":
                done = do(told, at)
                told_count = change_notices.tell(done, reason=told["name"], at=at)
                words = ngettext(
                    "%(count)s class has changed.", "%(count)s classes have changed.", len(done)
                ) % {"count": len(done)}
                letters = ngettext(
                    "%(count)s email is being sent.", "%(count)s emails are being sent.", told_count
                )
                messages.success(request, f"{words} {letters % {'count': told_count}}")
                return redirect("office_sessions")
            found = plan(told, at)
            context |= {
                "changes": found,
                "readers": len(change_notices.concerned(found)),
                "off": sum(change.after is None for change in found),
            }
        except scheduling.Refused as refusal:
            form.add_error(None, str(refusal))
    if request.method == "POST" or form.errors:
        status = 422
    return render(request, template, context, status=status)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def close_day(request):
    """Close a day, everywhere or in one venue; each class moves after its session's last."""
    return _page(
        request,
        CloseForm,
        lambda told, at: bulk_changes.plan_closing(told["day"], told["venue_id"], at),
        lambda told, at: bulk_changes.close(told["day"], told["venue_id"], name=told["name"], at=at),
        "enrollments/office/close_day.html",
    )


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def shift_hours(request):
    """Shift the classes of a period, as in Ramadan."""
    return _page(
        request,
        ShiftForm,
        lambda told, at: bulk_changes.plan_shift(
            told["first"], told["last"], told["venue_id"], told["minutes"], at
        ),
        lambda told, at: bulk_changes.shift(
            told["first"], told["last"], told["venue_id"], told["minutes"], reason=told["name"], at=at
        ),
        "enrollments/office/shift_hours.html",
    )
