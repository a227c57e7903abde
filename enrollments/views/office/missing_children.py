"""A child nobody has seen: ticked off the call list once an adult was spoken to."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.models import Meeting
from enrollments.classes import register
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.views.lock_timeouts import patiently


@role_required(FRONT_DESK, MANAGER)
@require_POST
@patiently
def child_found(request, meeting_id, child_id):
    """Record that the office talked with an adult about an unaccounted child."""
    at = timezone.now()
    meeting = get_object_or_404(Meeting.objects.filter(session__published_at__isnull=False), pk=meeting_id)
    try:
        register.spoken(meeting, child_id, by=request.user, at=at)
    except register.Refused:
        raise Http404 from None
    messages.success(request, _("Saved: you have talked to an adult."))
    return redirect("office_calls")
