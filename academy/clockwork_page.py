"""Staff page about the scheduled jobs."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from academy import clockwork
from enrollments.permissions import FRONT_DESK, MANAGER, role_required


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_clockwork(request):
    """Show each job: last run, duration, items processed and next run."""
    at = timezone.now()
    standing = set(clockwork.standing(at).values())
    context = {
        "jobs": clockwork.shown(),
        "is_starting": standing <= {clockwork.OK, clockwork.STARTING} and clockwork.STARTING in standing,
        "is_well": standing == {clockwork.OK},
        "at": at,
    }
    return render(request, "academy/clockwork.html", context)
