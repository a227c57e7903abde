"""The staff's page of the clockwork."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from academy import clockwork
from enrollments.permissions import FRONT_DESK, MANAGER, role_required


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_clockwork(request):
    """Each job: last run, how long it took, how much it did, when it is due again."""
    at = timezone.now()
    context = {"jobs": clockwork.shown(), "is_turning": clockwork.is_turning(at), "at": at}
    return render(request, "academy/clockwork.html", context)
