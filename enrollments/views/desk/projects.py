"""What a child of a class made: added from the instructor's phone, read and corrected while the class may be
opened (domain §6). Each look is recorded.
"""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.forms.portfolio import ProjectForm
from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required
from enrollments.portfolio import projects
from enrollments.privacy import access_log
from enrollments.views.class_access import open_child
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.pickup_form import status_of
from enrollments.views.project_pages import addressed, save_from, served

SLIP = timedelta(days=1)


def _record(request, line, at) -> None:
    access_log.record_read(ReadRecord.What.PROJECTS, children=[line.child], by=request.user, at=at)


def _may_erase(user, project, at) -> bool:
    """Return whether this member of the team may delete the project: their own mistake within a day, before
    the family has made it its own; or the office.
    """
    is_slip = project.added_by_ref == user.pk and at < project.added_at + SLIP
    return is_slip or has_role(user, FRONT_DESK, MANAGER)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_projects(request, meeting_id, child_id):
    """Show the child's projects, and add one made in this class."""
    at = timezone.now()
    meeting, line = open_child(request, meeting_id, child_id, at)
    form = ProjectForm(
        request.POST or None, request.FILES or None, today=meeting.on, sender=request.user, camera=True
    )
    if form.is_valid():
        made = {"made_on": min(meeting.on, timezone.localdate(at)), "meeting": meeting}
        project = save_from(
            form,
            lambda: projects.add(
                line.child,
                **form.words,
                **made,
                pieces=form.pieces,
                by=request.user,
                at=at,
                allowed=lambda: bool(open_child(request, meeting_id, child_id, timezone.now())),
            ),
        )
        if project:
            messages.success(request, _("Saved. The family can see it now."))
            if form.cleaned_data["picture"]:
                messages.warning(
                    request, _("Open this phone’s gallery now, and delete the picture there if it was kept.")
                )
            return redirect("desk_projects", meeting_id=meeting.pk, child_id=child_id)
    _record(request, line, at)
    page = page_of(line.child.projects.with_prints(), request)
    addressed(page.object_list, "desk", meeting.pk, child_id)
    for one in page.object_list:
        one.may_be_erased = _may_erase(request.user, one, at)
    context = {"meeting": meeting, "line": line, "child": line.child, "form": form, "page_obj": page}
    return render(request, "enrollments/desk/projects.html", context, status=status_of(request))


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def class_project_file(request, meeting_id, child_id, project_id, file_id, small=False):
    """Hand out a file of a project of a child of this class; recorded."""
    at = timezone.now()
    _meeting, line = open_child(request, meeting_id, child_id, at)
    project = get_object_or_404(line.child.projects, pk=project_id)
    file = get_object_or_404(project.files, pk=file_id)
    _record(request, line, at)
    return served(file, small=small)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_project_erase(request, meeting_id, child_id, project_id):
    """Say what is deleted, then delete a project added by mistake: one's own, or any for the office."""
    at = timezone.now()
    meeting, line = open_child(request, meeting_id, child_id, at)
    project = get_object_or_404(line.child.projects.with_files(), pk=project_id)
    if not _may_erase(request.user, project, at):
        raise Http404
    if request.method == "POST":
        projects.erase(project, by=request.user, at=at)
        messages.success(request, _("The project has been deleted."))
        return redirect("desk_projects", meeting_id=meeting.pk, child_id=child_id)
    context = {"meeting": meeting, "line": line, "child": line.child, "project": project}
    return render(request, "enrollments/desk/project_erase.html", context)
