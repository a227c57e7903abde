"""The call list: waiting families to phone, and what they answered."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enrollments.classes import dismissal, missing_children
from enrollments.families import pickup
from enrollments.letters import delivery, outbox
from enrollments.models import Enrollment, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.places import offers, waiting_list
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from enrollments.views.office.missing_children import section_of
from enrollments.views.paging import page_of
from home.forms_only import form_of

# ---- the call list


@role_required(FRONT_DESK, MANAGER)
@require_safe
def calls(request):
    """Show whom to phone: about children not accounted for, those absent twice, then places, soonest deadline
    first.
    """
    at = timezone.now()
    waiting_list.settle_due(at)
    page = page_of(offers.call_list(at).prefetch_related("child__guardianships__guardian"), request)
    access_log.record_read(
        ReadRecord.What.FILE, children=[row.child_id for row in page.object_list], by=request.user, at=at
    )
    late = dismissal.not_collected(at)
    twice = missing_children.absent_twice(at)
    access_log.record_read(
        ReadRecord.What.FILE, children=[row.child_id for row in (*late, *twice)], by=request.user, at=at
    )
    pickup.note_contacts(row.child for row in (*late, *twice))
    for row in late:
        row.step = dismissal.step_due(row.child, row.meeting, at)
    missing = section_of(request.user, at)
    return render(
        request,
        "enrollments/office/calls.html",
        {"page_obj": page, "late": late, "twice": twice, "unreached": _unreached(at)} | missing,
    )


def _unreached(at) -> list:
    """Return undelivered news about classes, with a WhatsApp link with the text prepared; fifty at most."""
    return outbox.delivery(
        outbox.unreached(at)[:50], lambda row: f"{row.subject}\n\n{delivery.masked_body(row)}"
    )


@role_required(FRONT_DESK, MANAGER)
@form_of("office_calls")
@patiently
def call_answer(request, row_id):
    """Record a call: calling now, yes, no, no answer."""
    row, at, answer = get_object_or_404(Enrollment, pk=row_id), timezone.now(), request.POST.get("answer")
    acts = {
        "call": offers.call,
        "yes": offers.accept,
        "no": offers.decline,
        "none": offers.no_answer,
    }
    if answer not in acts:
        raise Http404
    is_ours = row.called_at is not None or offers.call_list(at).filter(pk=row.pk).exists()
    if row.state == Enrollment.State.OFFERED and not is_ours:  # the family still has time to answer itself
        raise Http404
    try:
        acts[answer](row, by=request.user, at=at)
    except offers.Refused as refusal:
        words = " ".join(found.words for found in refusal.obstacles)
        messages.error(
            request, words or _("This offer has ended. The place went to the next child on the waiting list.")
        )
    else:
        done = {
            "call": _("The place is held for 20 minutes for this call."),
            "yes": _("The child has the place."),
            "no": _("Saved. The next child is now first in line."),
            "none": _("Saved. The next child is now first in line."),
        }
        messages.success(request, done[answer])
    return redirect("office_calls")
