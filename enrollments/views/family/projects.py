"""What a child made: all its guardians see and download; those with full rights add, change and delete."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Course
from enrollments.families import account_events, consents
from enrollments.forms.portfolio import ProjectForm
from enrollments.models import Child, Project
from enrollments.portfolio import archive, projects, showcase
from enrollments.views.gone import or_gone
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.paper_responses import disposition
from enrollments.views.pickup_form import status_of
from enrollments.views.project_pages import save_from, served
from home.language.lists import listed


def _courses_of(child: Child, course_id: int | None = None):
    """Return the courses a project of this child can have been made in, with the one it names already."""
    return Course.objects.filter(Q(sessions__enrollments__child=child) | Q(pk=course_id)).distinct()


def _may_act(user, child: Child) -> bool:
    return Child.objects.in_care_of(user).filter(pk=child.pk).exists()


@login_required
@or_gone
@require_safe
def child_projects(request, child_id):
    """Show all projects of a child, the latest first, fifty a page."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    page = page_of(child.projects.as_tiles(), request)
    context = {"child": child, "page_obj": page, "may_act": _may_act(request.user, child)}
    return render(request, "enrollments/family/projects.html", context)


@login_required
@require_safe
def child_projects_zip(request, child_id):
    """Return all projects as one ZIP, written while it is sent."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    if request.method == "HEAD":
        return HttpResponse(content_type="application/zip", headers={"Cache-Control": "no-store"})
    found = list(child.projects.with_files())  # before the answer begins: then nothing is asked any more
    account_events.note("work_copy", child=child, by=request.user, at=timezone.now())
    response = StreamingHttpResponse(archive.streamed(found), content_type="application/zip")
    shown = f"{_('Projects')} {child.first_name}"
    response.headers["Content-Disposition"] = disposition("attachment", "projects.zip", shown)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def project_add(request, child_id):
    """Add a project of one's child."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    at = timezone.now()
    today = timezone.localdate(at)
    form = ProjectForm(
        request.POST or None,
        request.FILES or None,
        today=today,
        sender=request.user,
        courses=_courses_of(child),
        initial={"made_on": today},
    )
    if form.is_valid():
        project = save_from(
            form,
            lambda: projects.add(
                child,
                **form.words,
                pieces=form.pieces,
                by=request.user,
                at=at,
                allowed=lambda: _may_act(request.user, child),
            ),
        )
        if project:
            messages.success(request, _("We have saved this project."))
            return redirect("project", project_id=project.pk)
    context = {"child": child, "form": form}
    return render(request, "enrollments/family/project_add.html", context, status=status_of(request))


@login_required
@or_gone
@require_safe
def project(request, project_id):
    """Show one project with its pictures and files."""
    found = get_object_or_404(
        Project.objects.of(request.user).with_prints().select_related("child"), pk=project_id
    )
    at = timezone.now()
    context = {
        "project": found,
        "child": found.child,
        "may_act": _may_act(request.user, found.child),
        "is_approved": showcase.stands(found, at),
        "still_missing": listed(map(str, showcase.missing(found, at))),
        "may_be_shown": consents.permitting([found.child_id], showcase.PURPOSE, at),
    }
    return render(request, "enrollments/family/project.html", context)


@login_required
@require_safe
def project_file(request, project_id, file_id, small=False):
    """Hand out a file, or the small picture that pages show."""
    found = get_object_or_404(Project.objects.of(request.user), pk=project_id)
    return served(get_object_or_404(found.files, pk=file_id), small=small)


@login_required
@or_gone
@require_http_methods(["GET", "POST"])
@patiently
def project_change(request, project_id):
    """Change what a project says, and add pictures and files to it."""
    found = get_object_or_404(Project.objects.in_care_of(request.user).select_related("child"), pk=project_id)
    at = timezone.now()
    initial = {
        "title": found.title,
        "story": found.story,
        "link": found.link,
        "made_on": found.made_on,
        "course": found.course_id,
    }
    form = ProjectForm(
        request.POST or None,
        request.FILES or None,
        today=timezone.localdate(at),
        sender=request.user,
        courses=_courses_of(found.child, found.course_id),
        initial=initial,
        only_words=True,
    )
    seen = request.POST.get("seen")  # what the project said when the form was opened
    if form.is_valid():

        def act():
            projects.add_files(found, form.pieces, allowed=lambda: _may_act(request.user, found.child))
            return projects.change_words(found, seen=seen, **{"course": found.course} | form.words)

        if save_from(form, act):
            messages.success(request, _("We have saved the changes."))
            return redirect("project", project_id=found.pk)
    mine = Project.objects.in_care_of(request.user).select_related("course")
    now = mine.filter(pk=found.pk).first() or found
    context = {"project": now, "child": found.child, "form": form, "seen": projects.mark(now)}
    context["is_overtaken"] = seen not in (None, context["seen"])
    return render(request, "enrollments/family/project_change.html", context, status=status_of(request))


@login_required
@or_gone
@require_http_methods(["GET", "POST"])
@patiently
def project_erase(request, project_id):
    """Say what is deleted, then delete a project."""
    found = get_object_or_404(
        Project.objects.in_care_of(request.user).with_files().select_related("child"), pk=project_id
    )
    if request.method == "POST":
        projects.erase(found, by=request.user, at=timezone.now())
        messages.success(request, _("The project has been deleted."))
        return redirect("child_projects", child_id=found.child_id)
    context = {"project": found, "child": found.child}
    return render(request, "enrollments/family/project_erase.html", context)


@login_required
@or_gone
@require_http_methods(["GET", "POST"])
@patiently
def project_file_erase(request, project_id, file_id):
    """Say what is deleted, then delete one file of a project."""
    found = get_object_or_404(Project.objects.in_care_of(request.user).select_related("child"), pk=project_id)
    file = get_object_or_404(found.files, pk=file_id)
    if request.method == "POST":
        projects.erase_file(file, by=request.user, at=timezone.now())
        messages.success(request, _("We have deleted this file. The project stays."))
        return redirect("project", project_id=found.pk)
    context = {"project": found, "child": found.child, "file": file}
    return render(request, "enrollments/family/project_erase.html", context)
