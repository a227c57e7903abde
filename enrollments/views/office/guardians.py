"""Guardians of a child in the office: what they are to it; a manager removes one, a paper seen."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.families import guardians
from enrollments.forms.family.children import RelationForm
from enrollments.models import Barring, Guardianship
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.views.child_access import known_child
from enrollments.views.family.guardians import REMOVAL_REFUSALS, named_tie
from enrollments.views.lock_timeouts import patiently


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_relation(request, child_id, tie_id):
    """Correct what a guardian is to the child."""
    child = known_child(request.user, child_id)
    tie = get_object_or_404(Guardianship.objects.select_related("guardian"), pk=tie_id, child=child)
    form = RelationForm(request.POST or None, initial={"relation": tie.relation})
    if form.is_valid():
        told = form.cleaned_data["relation"]
        guardians.correct_relation(child, tie.guardian, told, by=request.user, at=timezone.now())
        messages.success(request, _("Corrected."))
        return redirect("office_child", child_id=child.pk)
    context = {"form": form, "child": child, "tie": tie}
    page = "enrollments/office/relation.html"
    return render(request, page, context, status=422 if request.method == "POST" else 200)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_remove_guardian(request, child_id, tie_id):
    """End a guardianship, by a manager who has seen a document."""
    tie = get_object_or_404(
        Guardianship.objects.select_related("guardian", "child"), pk=tie_id, child_id=child_id
    )
    paper, fault = request.POST.get("paper", ""), ""
    if request.method == "POST":
        if paper not in Barring.Paper.values:
            fault = _("Choose which document you have seen.")
        else:
            try:
                guardians.remove(tie, by=request.user, at=timezone.now(), paper=paper)
            except guardians.Refused as refusal:
                fault = REMOVAL_REFUSALS[refusal.code]
            else:
                messages.success(
                    request, _("%(name)s can no longer see anything about %(of_child)s.") % named_tie(tie)
                )
                return redirect("office")
    context = {
        "tie": tie,
        "child": tie.child,
        "papers": Barring.Paper.choices,
        "fault": fault,
        "chosen": paper,
    }
    page = "enrollments/office/remove_guardian.html"
    return render(request, page, context, status=422 if request.method == "POST" else 200)
