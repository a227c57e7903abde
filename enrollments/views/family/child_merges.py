"""A guardian answers whether two files are of one child."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.models import Child, Guardianship
from enrollments.privacy import child_merge
from enrollments.views.lock_timeouts import patiently


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def answer_merge(request, child_id):
    """Ask a guardian whether two files are the same child, showing who would see the merged file."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    asked = [row for row in child_merge.asked_of(request.user) if child.pk in {row.kept_id, row.gone_id}]
    if not asked:
        raise Http404
    proposal, at, faults = asked[0], timezone.now(), ()
    if request.method == "POST" and request.POST.get("answer") == "no":
        child_merge.refuse(proposal, at=at)
        messages.success(request, _("The files stay separate."))
        return redirect("family")
    if request.method == "POST" and request.POST.get("answer") == "yes":
        try:
            is_done = child_merge.agree(proposal, by=request.user, at=at)
        except child_merge.Refused as refusal:
            faults = refusal.codes
        else:
            words = (
                _("The two files have been merged.")
                if is_done
                else _("We have recorded your consent. We are also asking the other guardians.")
            )
            messages.success(request, words)
            return redirect("family")
    rights = child_merge.preview(proposal.kept, proposal.gone).rights
    context = {
        "child": child,
        "faults": faults,
        "has_answered": request.method == "POST",
        "rights": [(person, Guardianship.Rights(given).label) for person, given in rights.items()],
    }
    status = 409 if faults else 422 if request.method == "POST" else 200
    return render(request, "enrollments/family/merge.html", context, status=status)
