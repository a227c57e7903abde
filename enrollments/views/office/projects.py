"""What a child made, for the office: to read and to hand out. Each look is recorded."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.child_access import known_child
from enrollments.views.paging import page_of
from enrollments.views.project_pages import addressed, served


def _opened(request, child_id):
    """Return the child; that its projects were looked at is recorded."""
    child = known_child(request.user, child_id)
    access_log.record_read(ReadRecord.What.PROJECTS, children=[child], by=request.user, at=timezone.now())
    return child


@role_required(FRONT_DESK, MANAGER)
@never_cache
@require_safe
def office_projects(request, child_id):
    """Show the projects of any child, the latest first."""
    child = _opened(request, child_id)
    page = page_of(child.projects.with_prints(), request)
    addressed(page.object_list, "office", child.pk)
    context = {"child": child, "page_obj": page}
    return render(request, "enrollments/office/projects.html", context)


@role_required(FRONT_DESK, MANAGER)
@never_cache
@require_safe
def office_project_file(request, child_id, project_id, file_id, small=False):
    """Hand out a file of a project; `small`: a picture as pages show it."""
    child = _opened(request, child_id)
    project = get_object_or_404(child.projects, pk=project_id)
    return served(get_object_or_404(project.files, pk=file_id), small=small)
