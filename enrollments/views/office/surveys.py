"""What families answered when a course ended, for managers: in batches of five, without a name."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from enrollments.classes import surveys
from enrollments.permissions import MANAGER, role_required
from home.database.replica import reads_replica


@role_required(MANAGER)
@require_safe
@reads_replica
def answers(request):
    """Show the answers by course and session."""
    return render(request, "enrollments/office/surveys.html", {"courses": surveys.results()})
