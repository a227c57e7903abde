"""Close days, find new days for classes on closed days, or shift hours: preview the changes and recipients,
then apply.
"""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from courses.models import Closure
from courses.timetable import bulk_changes, scheduling
from courses.timetable.bulk_changes import Change
from courses.timetable.closing import closed_without
from enrollments.classes import change_notices
from enrollments.forms.office.bulk_changes import CloseForm, ShiftForm
from enrollments.permissions import MANAGER, role_required
from enrollments.views.lock_timeouts import patiently
from home.confirmation import mark_of, unread
from home.language.dates import NO_BREAK, key_in

MOST = 300  # classes planned at once


def _cautions(changes: list[Change], at: datetime) -> list[str]:
    """Return the warnings about instructors and children at the new times, and about queues that end with the
    last class. Raises scheduling.Refused.
    """
    cancelled = (change.meeting for change in changes if change.after is None)
    return [
        *bulk_changes.cautions_about(changes, at),
        *change_notices.clash_cautions(changes),
        *closed_without(cancelled, at),
    ]


def _tell_done(request, done: list[Change], told_count: int) -> None:
    words = ngettext("%(count)s class has changed.", "%(count)s classes have changed.", len(done))
    letters = ngettext("%(count)s email is being sent.", "%(count)s emails are being sent.", told_count)
    messages.success(request, f"{words % {'count': len(done)}} {letters % {'count': told_count}}")


def _page(request, form_class, plan, do, template: str):
    """Edit (GET without values), preview (GET with values), apply (POST with the same values and the mark of
    the plan that was seen); a plan that is another one by now is shown again.
    """
    asked = request.POST if request.method == "POST" else request.GET
    form = form_class(asked or None)
    context, status = {"form": form, "changes": None}, 200
    if form.is_valid():
        told, at = form.cleaned_data, timezone.now()
        try:
            found = plan(told, at)
            cautions, fault = _cautions(found, at), ""
            if request.method == "POST" and not (fault := unread(cautions, request.POST.get("seen"))):
                try:
                    with transaction.atomic():
                        done = do(told, at, request.POST.get("plan", ""))
                        count = change_notices.tell(done, reason=told["name"], at=at)
                except scheduling.Refused as refusal:
                    if refusal.code is not scheduling.Reason.CHANGED:
                        raise
                    found, fault = plan(told, at), str(refusal)
                    cautions = _cautions(found, at)
                else:
                    _tell_done(request, done, count)
                    return redirect("office_sessions")
            context |= {
                "fault": fault,
                "plan": bulk_changes.mark_of_plan(found, at),
                "changes": found,
                "readers": len(change_notices.concerned(found)),
                "off": sum(change.after is None for change in found),
                "cautions": cautions,
                "cautions_mark": mark_of(cautions),
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
    """Close a day or several, everywhere or in one venue; each class moves after its session's last."""
    return _page(
        request,
        CloseForm,
        lambda told, at: bulk_changes.plan_closing(told["day"], told["venue_id"], at, last=told["last"]),
        lambda told, at, seen: bulk_changes.close(
            told["day"], told["venue_id"], name=told["name"], at=at, last=told["last"], plan=seen
        ),
        "enrollments/office/close_day.html",
    )


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def closed_days(request):
    """Show the classes planned on closed days, by closure; those that are ticked get new days: one preview,
    one confirmation, one email per guardian.
    """
    at = timezone.now()
    closures = bulk_changes.known_closures(at)
    wish = key_in(request.GET.get("closure"))
    if any(closure.pk == wish for closure in closures):
        closures = [closure for closure in closures if closure.pk == wish]
    found = bulk_changes.on_closures(closures, at)
    ticked = [key for key in map(key_in, request.POST.getlist("class")) if key is not None]
    context, status = {"ticked": ticked if request.method == "POST" else None}, 200
    if request.method == "POST":
        planned = [meeting.pk for _closure, meeting in found if meeting.pk in set(ticked)]
        fault = ""
        if not planned:
            fault = _("Tick at least one class.")
        elif len(planned) > MOST:
            fault = ngettext("Tick at most %(count)s class.", "Tick at most %(count)s classes.", MOST) % {
                "count": MOST
            }
        else:
            fault, done = _clear(request, planned, found, at, context)
            if done:
                return redirect("office_closed_days")
        context["fault"] = fault
        status = 422 if fault else 200
    groups: dict[int, tuple[Closure, list]] = {}
    for closure, meeting in found:
        groups.setdefault(closure.pk, (closure, []))[1].append(meeting)
    context |= {"groups": list(groups.values()), "count": len(found), "wish": wish}
    return render(request, "enrollments/office/closed_days.html", context, status=status)


def _clear(request, planned: list[int], found, at: datetime, context: dict) -> tuple[str, bool]:
    """Preview the new days of these classes, or apply them; return (why not, whether it is done)."""
    reason = _names_of({closure.pk: closure for closure, meeting in found if meeting.pk in set(planned)})
    is_asked, fault = request.POST.get("act") == "do", ""
    changes = bulk_changes.plan_clearing(planned, at)
    try:
        cautions = _cautions(changes, at)
        if is_asked and not (fault := unread(cautions, request.POST.get("seen"))):
            with transaction.atomic():
                done = bulk_changes.clear(planned, at=at, plan=request.POST.get("plan", ""))
                count = change_notices.tell(done, reason=reason, at=at)
            _tell_done(request, done, count)
            return "", True
    except scheduling.Refused as refusal:
        cautions, fault = [], str(refusal)
        changes = bulk_changes.plan_clearing(planned, at)
    context |= {
        "changes": changes,
        "off": sum(change.after is None for change in changes),
        "plan": bulk_changes.mark_of_plan(changes, at),
        "cautions": cautions,
        "cautions_mark": mark_of(cautions),
        **change_notices.preview(changes, reason=reason, at=at),
    }
    return fault, False


def _names_of(closures: dict[int, Closure]):
    """Return the names of these closures in the language of the reader."""
    return lazy(lambda: f"{NO_BREAK}· ".join(dict.fromkeys(row.name for row in closures.values())), str)()


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
        lambda told, at, seen: bulk_changes.shift(
            told["first"],
            told["last"],
            told["venue_id"],
            told["minutes"],
            reason=told["name"],
            at=at,
            plan=seen,
        ),
        "enrollments/office/shift_hours.html",
    )
