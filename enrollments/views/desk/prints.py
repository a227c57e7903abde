"""The 3D print queue: instructors see the prints of the children of their classes (domain §6), the front
desk and managers all. Each look is recorded.
"""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.classes import schedule
from enrollments.forms.desk.prints import PrintPlanForm, PrintRefusalForm
from enrollments.models import Printer, PrintJob, ProjectFile, ReadRecord, Spool
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required
from enrollments.portfolio import print_queue
from enrollments.portfolio.print_queue import SENTENCES as ABOUT_PRINTS
from enrollments.portfolio.said import dimensions
from enrollments.privacy import access_log
from enrollments.views.child_access import known_child
from enrollments.views.class_access import open_child
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.pickup_form import status_of
from enrollments.views.project_pages import served
from enrollments.views.redirects import to_part
from home.forms_only import form_of
from home.language.dates import key_in, spelled_words

STEPS = {
    "start": print_queue.start,
    "fail": print_queue.fail,
    "done": print_queue.finish,
    "collected": print_queue.hand_out,
    "back": print_queue.take_back,
    "withdraw": print_queue.withdraw,
}


def _jobs(request, at):
    """Return the prints this team member may see."""
    return PrintJob.objects.of_children(schedule.children_open_to(request.user, at)).with_facts()


def _record(request, children, at) -> None:
    access_log.record_read(ReadRecord.What.PROJECTS, children=children, by=request.user, at=at)


def refusal_words(refusal: print_queue.Refused) -> str:
    """Return why nothing was written; of a clash, what is in the way: its number and hours, no name."""
    sentence = str(ABOUT_PRINTS[refusal.code])
    if refusal.job is None:
        return sentence
    begins, ends = (timezone.localtime(moment) for moment in (refusal.job.starts_at, refusal.job.ends_at))
    named = {"job": refusal.job, "when": spelled_words(begins.date(), begins.time(), ends.time())}
    return sentence + " " + _("In the way: %(job)s, %(when)s.") % named


def _ask(request, file, at):
    """Ask for the print; return the answer's message."""
    try:
        job = print_queue.ask(file, by=request.user, at=at)
    except print_queue.Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("In the queue as %(job)s.") % {"job": job})


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def print_list(request):
    """Show by printer what prints, waits and failed, fifty a page; `ended`: what was collected or refused."""
    at, is_ended = timezone.now(), request.GET.get("ended") == "yes"
    jobs = _jobs(request, at)
    page = page_of(jobs.ended() if is_ended else jobs.open().by_printer(), request)
    rows = list(page.object_list)
    _record(request, [job.child for job in rows], at)
    context = {
        "page_obj": page,
        "jobs": rows,
        "is_ended": is_ended,
        "queue_is_shown": not is_ended,
        "query": "ended=yes" if is_ended else "",
        "printers": Printer.objects.with_load(),
        "low": Spool.objects.filter(is_in_use=True, grams_left__lt=Spool.LOW),
        "is_manager": has_role(request.user, MANAGER),
    }
    return render(request, "enrollments/desk/prints.html", context)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def print_page(request, job_id):
    """Show one print, and take its next step: plan, start, done, failed, collected,
    undone, or refuse it; or withdraw a request made by mistake.
    """
    at, act, fault = timezone.now(), request.POST.get("act", ""), ""
    if act == "withdraw" and not _jobs(request, at).filter(pk=job_id).exists():  # the same press again
        return redirect("desk_prints")
    job = get_object_or_404(_jobs(request, at), pk=job_id)
    plan = PrintPlanForm(request.POST if act == "approve" else None, job=job, at=at)
    refusal_form = PrintRefusalForm(request.POST if act == "refuse" else None)
    if request.method == "POST":
        try:
            if _taken(request, act, job, plan, refusal_form, at):
                if act == "withdraw":
                    messages.success(request, _("Withdrawn: this print is no longer in the queue."))
                    return redirect("desk_prints")
                messages.success(request, _("Saved."))
                return redirect("desk_print", job_id=job.pk)
        except print_queue.Refused as refusal:
            fault = refusal_words(refusal)
            job = get_object_or_404(_jobs(request, at), pk=job_id)
    _record(request, [job.child], at)
    size = job.file.facts.get("size_mm")
    context = {
        "job": job,
        "size": dimensions(size) if size else "",
        "project": job.file.project,
        "child": job.child,
        "plan": plan,
        "refusal_form": refusal_form,
        "fault": fault,
        "is_overdue": job.state == PrintJob.State.PRINTING and job.ends_at < at,
    }
    return render(request, "enrollments/desk/print.html", context, status=status_of(request))


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def print_file(request, job_id):
    """Hand out the model of a print, to be checked in the slicer; recorded."""
    at = timezone.now()
    job = get_object_or_404(_jobs(request, at), pk=job_id)
    _record(request, [job.child], at)
    return served(job.file)


def _taken(request, act, job, plan, refusal_form, at) -> bool:
    """Take the step a form asks for; False if the form is not complete. Raises Refused."""
    seen = key_in(request.POST.get("seen"))
    by = {"seen": -1 if seen is None else seen, "by": request.user, "at": at}
    if act in STEPS:
        STEPS[act](job, **by)
    elif act == "approve" and plan.is_valid():
        print_queue.approve(job, **plan.cleaned_data, **by)
    elif act == "refuse" and refusal_form.is_valid():
        print_queue.refuse(job, reason=refusal_form.cleaned_data["reason"], **by)
    else:
        return False
    return True


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@form_of("desk_projects", "meeting_id", "child_id")
@patiently
def class_print_ask(request, meeting_id, child_id, project_id, file_id):
    """Ask for the print of a file of a child of this class."""
    at = timezone.now()
    meeting, line = open_child(request, meeting_id, child_id, at)
    project = get_object_or_404(line.child.projects, pk=project_id)
    _ask(request, get_object_or_404(project.files, pk=file_id), at)
    return to_part("desk_projects", meeting.pk, child_id, part=f"file-{file_id}")


@role_required(FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def child_prints(request, child_id):
    """Show the models of any child to the office, and ask for a print of one."""
    child, at = known_child(request.user, child_id), timezone.now()
    models = ProjectFile.objects.filter(project__child=child, kind__in=ProjectFile.PRINTABLE)
    if request.method == "POST":
        file = get_object_or_404(models, pk=key_in(request.POST.get("file")))
        _ask(request, file, at)
        return to_part("desk_child_prints", child.pk, part=f"file-{file.pk}", query=request.GET.urlencode())
    _record(request, [child], at)
    rows = models.select_related("project").prefetch_related("prints__printer").order_by("-pk")
    context = {"child": child, "page_obj": page_of(rows, request)}
    return render(request, "enrollments/desk/child_prints.html", context)
