"""An incident note, read and countersigned by a guardian."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollments.classes import incidents
from enrollments.models import Guardianship, Incident
from enrollments.views.lock_timeouts import patiently


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def family_incident(request, incident_id):
    """Show the report to a guardian; one with full rights can countersign."""
    mine = Guardianship.objects.filter(guardian=request.user)
    incident = get_object_or_404(
        Incident.objects.select_related("child"), pk=incident_id, child__in=mine.values("child")
    )
    may_sign = mine.full().filter(child=incident.child_id).exists()
    if request.method == "POST":
        if not may_sign:
            raise Http404
        incidents.countersign(incident, by=request.user, at=timezone.now())
        messages.success(request, _("Thank you. We have recorded that you have read it."))
        return redirect("incident", incident_id=incident.pk)
    return render(
        request,
        "enrollments/family/incident.html",
        {"incident": incident, "child": incident.child, "may_sign": may_sign},
    )
