"""The showcase in the office: managers choose projects by picture, age band and reference, never by name
(domain §6).
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import AgeBand
from enrollments.forms.showcase import StoryForm
from enrollments.models import Project, ReadRecord, ShowcaseStory
from enrollments.permissions import MANAGER, role_required
from enrollments.portfolio import projects, showcase
from enrollments.portfolio.showcase import SENTENCES as ABOUT_STORIES
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.pickup_form import status_of
from enrollments.views.project_pages import served


def _record(request, children, at) -> None:
    access_log.record_read(ReadRecord.What.PROJECTS, children=children, by=request.user, at=at)


@role_required(MANAGER)
@never_cache
@require_safe
def office_showcase(request):
    """Show the stories with what became of them, then the projects that may be approved; `aside`: those that
    a manager has set aside.
    """
    at, is_aside = timezone.now(), request.GET.get("aside") == "yes"
    held = showcase.held_back(at)
    stories = list(ShowcaseStory.objects.select_related("band", "project").order_by("-hidden_at", "-pk"))
    for story in stories:
        story.held_because = showcase.HELD[held[story.pk]] if story.pk in held else ""
    page = page_of(showcase.choices(at, set_aside=is_aside), request)
    bands = list(AgeBand.objects.all())
    for project in page.object_list:
        project.band = showcase.band_of(project, bands)
    _record(request, {project.child_id for project in page.object_list}, at)
    context = {
        "stories": [] if is_aside else stories,
        "page_obj": page,
        "is_aside": is_aside,
        "query": "aside=yes" if is_aside else "",
    }
    return render(request, "enrollments/office/showcase.html", context)


@role_required(MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def office_showcase_story(request, project_id):
    """Read a project, choose its picture, shorten its words, approve it; remove it again; set it aside."""
    at = timezone.now()
    project = get_object_or_404(Project.objects.with_files().select_related("child"), pk=project_id)
    if not project.pictures:
        raise Http404
    story = ShowcaseStory.objects.select_related("project__child").filter(project=project).first()
    if request.POST.get("act") == "end" and story:
        showcase.end(story, by=request.user, at=at)
        messages.success(request, _("The project is no longer in the showcase."))
        return redirect("office_showcase")
    if request.POST.get("act") == "aside" and not story:
        projects.set_aside(project, by=request.user, at=at)
        messages.success(request, _("Set aside: %(project)s.") % {"project": project})
        return redirect("office_showcase")
    if request.POST.get("act") == "take_up":
        projects.take_up(project)
        messages.success(request, _("Undone: %(project)s can be chosen again.") % {"project": project})
        return redirect("office_showcase_story", project_id=project.pk)
    source = story or project
    initial = {"title": source.title, "story": source.story}
    initial["picture"] = story.picture_id if story else project.picture.pk
    form = StoryForm(request.POST or None, pictures=project.pictures, initial=initial)
    if form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("picture", "title", "story")}
        try:
            showcase.approve(project, **words, by=request.user, at=at)
        except showcase.Refused as refusal:
            form.add_error(None, ABOUT_STORIES[refusal.code])
        else:
            messages.success(request, _("The project is in the showcase now."))
            return redirect("office_showcase")
    _record(request, [project.child], at)
    band = showcase.band_of(project, list(AgeBand.objects.all()))
    context = {"project": project, "story": story, "form": form, "band": band}
    return render(request, "enrollments/office/showcase_story.html", context, status=status_of(request))


@role_required(MANAGER)
@require_safe
def office_showcase_picture(request, project_id, file_id):
    """Hand out a picture of a project, as large as it is; recorded."""
    project = get_object_or_404(Project.objects.select_related("child"), pk=project_id)
    file = get_object_or_404(project.files.filter(kind="picture"), pk=file_id)
    _record(request, [project.child], timezone.now())
    return served(file)
