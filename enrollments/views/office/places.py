"""The story of one place, and what the nightly check found."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.forms.office.places import PriorityForm, RemovalForm
from enrollments.forms.office.reasons import REMOVAL, reason_words
from enrollments.models import Enrollment, PlaceCheck, PlaceEvent, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.places import overrides, withdrawal
from enrollments.places.positions import positions
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from enrollments.views.place_pages import REFUSALS, desk_room, leave_page, move_page

State = Enrollment.State


@role_required(FRONT_DESK, MANAGER)
@require_safe
def checks(request):
    """Show the results of the nightly check of places."""
    return render(request, "enrollments/office/checks.html", {"checks": PlaceCheck.objects.all()[:30]})


# ---- one place


KNOWN = Enrollment.objects.filter(child__erased_at=None).select_related(
    "child", "session__course__track", "session__course__band", "session__room__venue"
)


def _read_place(request, row_id):
    """Return the enrollment of a child not erased or raise Http404, and record who read the child's file."""
    row = get_object_or_404(KNOWN, pk=row_id)
    access_log.record_read(ReadRecord.What.FILE, children=[row.child_id], by=request.user, at=timezone.now())
    return row


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def place_leave(request, row_id):
    """Give up a place, an offer or a position for a guardian who asks; within a day, keep it after all."""
    row = _read_place(request, row_id)
    return leave_page(request, row, desk_room(row))


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def place_move(request, row_id):
    """Change to another session for a guardian who asks."""
    row = _read_place(request, row_id)
    return move_page(request, row, desk_room(row))


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def place(request, row_id):
    """Show one place: its history, what a guardian may ask for, and a manager's actions, with a reason."""
    row = get_object_or_404(KNOWN, pk=row_id)
    at, is_manager, act = timezone.now(), has_role(request.user, MANAGER), request.POST.get("act", "")
    is_finished = row.is_finished(at)
    removal = RemovalForm(
        request.POST if act == "remove" else None,
        reasons=[withdrawal.MISTAKE] if is_finished else REMOVAL,
    )
    priority = PriorityForm(request.POST if act == "priority" else None, initial={"priority": row.priority})
    if request.method == "POST" and not is_manager:
        raise Http404
    form = {"remove": removal, "priority": priority}.get(act)
    if form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            if act == "remove":
                withdrawal.remove(row, by=request.user, reason=told["reason"], at=at)
                if told["words"]:
                    overrides.add_note(row, told["words"], by=request.user, at=at)
            else:
                overrides.set_priority(row, told["priority"], reason=told["reason"], by=request.user, at=at)
        except withdrawal.Refused as refusal:
            messages.error(request, REFUSALS[refusal.code])
        except overrides.Refused:
            messages.error(request, _("This place has already ended."))
        else:
            messages.success(request, _("Saved. We will email the families concerned."))
        return redirect("office_place", row_id=row.pk)
    access_log.record_read(ReadRecord.What.FILE, children=[row.child_id], by=request.user, at=at)
    events = list(PlaceEvent.objects.filter(enrollment_ref=row.pk).order_by("pk"))
    labels, asked = dict(State.choices), withdrawal.desk_requests([row])
    names = {one.event_id: one.name for one in asked}
    for event in events:
        event.asked_by = names.get(event.pk, "")
        event.reason_words, event.to_words = (
            reason_words(event.reason),
            labels.get(event.to_state, event.to_state),
        )
    context = {
        "row": row,
        "session": row.session,
        "events": events,
        "is_manager": is_manager,
        "is_live": row.state in Enrollment.LIVE,
        "is_finished": is_finished,
        "removal": removal,
        "priority": priority,
        "notes": row.notes.all(),
        "position": positions([row.session_id]).get(row.pk, 0),
    }
    return render(
        request, "enrollments/office/place.html", context, status=422 if request.method == "POST" else 200
    )
