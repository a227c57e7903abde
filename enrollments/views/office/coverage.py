"""Skills claimed, taught and seen, by course and session, for editors and managers: counts, never a child."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses.models import Course
from enrollments.classes import coverage
from enrollments.permissions import EDITOR, MANAGER, role_required
from home.database.replica import reads_replica


@role_required(EDITOR, MANAGER)
@require_safe
@reads_replica
def courses(request):
    """Show every course: how many skills its lessons claim, how many were taught and seen."""
    return render(request, "enrollments/office/coverage.html", {"rows": coverage.of_courses(timezone.now())})


@role_required(EDITOR, MANAGER)
@require_safe
@reads_replica
def course(request, course_id):
    """Show the skills of one course, and of each of its sessions."""
    found = get_object_or_404(Course.objects.select_related("track", "band"), pk=course_id)
    skills, sessions = coverage.of_course(found, timezone.now())
    context = {"course": found, "skills": skills, "sessions": sessions}
    return render(request, "enrollments/office/coverage_course.html", context)
