"""Incident notes for managers, the newest first."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enrollments.models import Incident, ReadRecord
from enrollments.permissions import MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.paging import page_of


@role_required(MANAGER)
@never_cache
@require_safe
def office_incidents(request):
    """Show all incidents, newest first, and whether a guardian has countersigned."""
    page = page_of(Incident.objects.select_related("child", "meeting__session__course"), request)
    children = [row.child_id for row in page.object_list]
    access_log.record_read(
        ReadRecord.What.FILE,
        children=children,
        by=request.user,
        at=timezone.now(),
        reason=ReadRecord.Reason.INCIDENT,
    )
    return render(request, "enrollments/office/incidents.html", {"page_obj": page})
