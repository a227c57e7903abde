"""Two files side by side: the desk proposes to merge them, or withdraws the proposal."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from enrollments.models import Child, Guardianship, MergeProposal, PickupPerson, ReadRecord, SafetyNote
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.privacy import access_log, child_merge
from enrollments.views.child_access import known_child
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of
from home.language.lists import listed

FAULTS = {
    child_merge.Reason.SAME_FILE: gettext_lazy(
        "These are the same file, or one of the two no longer exists."
    ),
    child_merge.Reason.NO_SHARED_LOGIN: gettext_lazy(
        "No guardian is on both files. Do not tell one family about the other. The guardian who wants this "
        "invites the other by a link, from the child's file. Once they accept the link, come back here."
    ),
    child_merge.Reason.PROTECTED: gettext_lazy(
        "One of the files is protected. Only a manager can merge them, and only between the same guardians."
    ),
    child_merge.Reason.SAME_SESSION: gettext_lazy(
        "The child has two places or waiting-list entries in the same session. Give up one of them first."
    ),
    child_merge.Reason.CLASH: gettext_lazy(
        "The child has places in two sessions at the same time. Give up one of them first."
    ),
    child_merge.Reason.TWO_NOTES: gettext_lazy(
        "Each file has a safety note. A guardian must first copy what is missing into one and empty the "
        "other."
    ),
    child_merge.Reason.NOT_THEIRS: gettext_lazy("This is no longer possible."),
}


def _side(child: Child, today) -> dict:
    """Return one of the two columns."""
    return {
        "child": child,
        "age": child.age_on(today),
        "spoken": _languages(child.languages),
        "ties": Guardianship.objects.filter(child=child).select_related("guardian").order_by("since", "pk"),
        "persons": PickupPerson.objects.filter(child=child),
        "places": child.enrollments.select_related("session__course").order_by("-pk"),
        "has_note": SafetyNote.objects.filter(child=child).exists(),
    }


def _languages(codes) -> str:
    names = dict(Child.Language.choices)
    return listed(names[code] for code in codes if code in names)


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_merge(request, child_id, other_id):
    """Show the file to keep, the file to remove and the result; then merge, or ask the guardians."""
    kept, gone, at = known_child(request.user, child_id), known_child(request.user, other_id), timezone.now()
    if kept == gone:
        raise Http404
    refused: tuple[child_merge.Reason, ...] = ()
    if request.method == "POST":
        try:
            is_done = child_merge.propose(kept, gone, by=request.user, at=at)
        except child_merge.Refused as refusal:
            refused = refusal.codes
        else:
            if is_done:
                messages.success(request, _("The files have been merged. We will email the guardians."))
                return redirect("office_child", child_id=kept.pk)
            messages.success(
                request, _("We will ask the guardians by email. Nothing changes until everyone has agreed.")
            )
            return redirect("office_merge", child_id=kept.pk, other_id=gone.pk)
    access_log.record_read(ReadRecord.What.FILE, children=[kept, gone], by=request.user, at=at)
    today, after = timezone.localdate(at), child_merge.preview(kept, gone)
    proposal = child_merge.proposal_between(kept, gone)
    faults = refused or child_merge.faults_of(kept, gone, by=request.user, at=at)
    context = {
        "kept": kept,
        "gone": gone,
        "sides": [_side(kept, today), _side(gone, today)],
        "after": after,
        "after_spoken": _languages(after.facts["languages"]),
        "rights": [(person, Guardianship.Rights(rights).label) for person, rights in after.rights.items()],
        "faults": [FAULTS[code] for code in faults],
        "asked": child_merge.must_agree(kept, gone),
        "proposal": proposal,
        "waiting": child_merge.still_to_agree(proposal) if proposal else [],
    }
    return render(request, "enrollments/office/merge.html", context, status=409 if refused else 200)


@role_required(FRONT_DESK, MANAGER)
@form_of("office_people")
@patiently
def office_merge_withdraw(request, proposal_id):
    """Withdraw the question."""
    proposal = get_object_or_404(MergeProposal.objects.select_related("kept", "gone"), pk=proposal_id)
    child_merge.withdraw(proposal)
    messages.success(request, _("The question has been withdrawn. The two files stay as they are."))
    return redirect("office_merge", child_id=proposal.kept_id, other_id=proposal.gone_id)
