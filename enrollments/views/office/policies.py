"""Consents in the office: answers signed on paper, and policies that managers write and publish."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.families import consents
from enrollments.forms.office.policies import PaperForm, PolicyForm
from enrollments.models import Policy, PolicyVersion, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, files_open_to, role_required
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_child_consents(request, child_id):
    """Record what a guardian signed on paper, and who recorded it."""
    child = get_object_or_404(files_open_to(request.user), pk=child_id)
    at = timezone.now()
    versions = PolicyVersion.objects.current(at).filter(policy__per_child=True).prefetch_related("texts")
    form = PaperForm(request.POST or None, child=child, versions=versions, today=timezone.localdate(at))
    if form.is_valid():
        told = form.cleaned_data
        consents.answer(
            told["version"],
            guardian=told["guardian"].guardian,
            yes=told["answer"],
            language=get_language()[:2],
            at=at,
            child=child,
            by=request.user,
            by_child=told["by_child"],
            signed_on=told["signed_on"],
        )
        messages.success(request, _("We have saved your answer. It takes effect straight away."))
        return redirect("office_child_consents", child_id=child.pk)
    access_log.record_read(ReadRecord.What.CONSENTS, children=[child], by=request.user, at=at)
    rows = child.consents.select_related("version__policy", "guardian").prefetch_related("version__texts")
    context = {
        "child": child,
        "form": form,
        "rows": rows,
        "standings": consents.statuses([child], at)[child.pk],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "enrollments/office/child_consents.html", context, status=status)


@role_required(MANAGER)
@require_safe
def office_policies(request):
    """Show the policies, their versions in force and drafts."""
    policies = list(Policy.objects.prefetch_related("versions__texts"))
    return render(request, "enrollments/office/policies.html", {"policies": policies})


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_policy(request, code):
    """Write the next version in three languages, previewed before publication."""
    policy = get_object_or_404(Policy, code=code)
    versions = list(policy.versions.prefetch_related("texts"))
    draft = next((version for version in versions if version.published_at is None), None)
    source = draft or next(iter(versions), None)
    told = {}
    for text in source.texts.all() if source else []:
        told |= {f"title_{text.language}": text.title, f"body_{text.language}": text.body}
    form = PolicyForm(request.POST or None, initial=told)
    if form.is_valid():
        consents.draft(policy, form.texts())
        messages.success(request, _("The draft has been saved. Read it, then publish it."))
        return redirect("office_policy", code=code)
    context = {"policy": policy, "form": form, "draft": draft, "texts": draft.texts.all() if draft else []}
    return render(
        request, "enrollments/office/policy.html", context, status=422 if request.method == "POST" else 200
    )


@role_required(MANAGER)
@form_of("office_policy", "code")
@patiently
def publish_policy(request, code):
    """Publish the draft, irrevocably. Idempotent."""
    policy = get_object_or_404(Policy, code=code)
    draft = policy.versions.filter(published_at=None).first()
    if draft is None:
        if policy.versions.exists():
            return redirect("office_policies")
        raise Http404
    consents.publish(draft, by=request.user, at=timezone.now())
    messages.success(request, _("Published. This version can no longer change."))
    return redirect("office_policies")
