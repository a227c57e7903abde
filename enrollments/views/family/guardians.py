"""Guardians of a child: invite another, revoke, leave, remove."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from enrollments.families import guardians
from enrollments.forms.family.children import RelationForm
from enrollments.forms.family.guardians import InviteForm
from enrollments.models import Child, GuardianInvitation, Guardianship
from enrollments.views.lock_timeouts import patiently
from home.account import User
from home.forms_only import form_of
from home.language.elision import of_name

REMOVAL_REFUSALS = {
    guardians.Reason.LAST_FULL_GUARDIAN: gettext_lazy(
        "No guardian with full rights would be left. Add another guardian first."
    ),
    guardians.Reason.NOT_THEIRS: gettext_lazy("You do not have the right to end this."),
    guardians.Reason.TOO_MANY: gettext_lazy("This is no longer possible."),
    guardians.Reason.BY_PHONE: gettext_lazy("This is no longer possible."),
}


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def child_guardians(request, child_id):
    """Show a child's guardians; one with full rights can create an invitation link, shown once."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    ties = list(
        Guardianship.objects.filter(child=child).select_related("guardian", "child").order_by("since", "pk")
    )
    mine = next(tie for tie in ties if tie.guardian_id == request.user.pk)
    may_act, at = mine.rights == Guardianship.Rights.FULL, timezone.now()
    if request.method == "POST" and not may_act:
        raise Http404
    children = Child.objects.in_care_of(request.user).order_by("birth_date", "pk")
    form = InviteForm(request.POST or None, children=children, initial={"children": [child.pk]})
    if form.is_valid():
        try:
            made, token = guardians.invite(**form.cleaned_data, by=request.user, at=at)
        except guardians.Refused as refusal:
            if refusal.code is guardians.Reason.BY_PHONE:
                words = _("For one of these children, who collects is arranged with the academy by phone.")
            else:
                words = _("You already have 10 open invitations. Revoke one first.")
            form.add_error(None, words)
        else:
            request.session["invitation_made"] = [token, made.email]  # shown once, then forgotten
            return redirect("child_guardians", child_id=child.pk)
    ready = request.session.pop("invitation_made", None) if request.method == "GET" else None
    token, sent_to = ready or ("", "")
    for tie in ties:
        tie.may_be_removed = (
            tie.guardian_id != request.user.pk and may_act and tie.rights == Guardianship.Rights.INFORMED
        )
    invitations = list(
        guardians.open_invitations(request.user, at).filter(children=child).prefetch_related("children")
    )
    in_care = set(children)
    lost = guardians.came_back(invitations) if may_act else set()
    for invitation in invitations:
        invitation.came_back = invitation.pk in lost
        invitation.offered = [tied for tied in invitation.children.all() if tied in in_care]
    context = {
        "child": child,
        "ties": ties,
        "mine": mine,
        "may_act": may_act,
        # as guardians.may_leave, which asks the database again
        "may_leave": not may_act or any(tie.rights == mine.rights for tie in ties if tie.pk != mine.pk),
        "form": form,
        "relation_form": RelationForm(initial={"relation": mine.relation}, auto_id="own_%s"),
        "invitations": invitations if may_act else [],
        "sent_to": sent_to,
        "message": invitation_words(request.user, token) if token else "",
    }
    return render(
        request, "enrollments/family/guardians.html", context, status=422 if request.method == "POST" else 200
    )


def invitation_words(by: User, token: str) -> str:
    """Return the message that takes an invitation to the other guardian. It names no child."""
    said = {
        "link": settings.SITE_URL + reverse("invitation", args=[token]),
        "name": by.get_short_name(),
    }
    return (
        _(
            "Hello, here is your invitation to follow the classes at Active Labs in your own account:\n"
            "%(link)s\nIt works once, within 7 days.\n%(name)s"
        )
        % said
    )


@login_required
@form_of("child_guardians", "child_id")
@patiently
def own_relation(request, child_id):
    """Correct what I am to the child, whatever my rights."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    form = RelationForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data["relation"]
        guardians.correct_relation(child, request.user, told, by=request.user, at=timezone.now())
        messages.success(request, _("Corrected."))
    else:
        messages.error(request, _("Choose one of these."))
    return redirect("child_guardians", child_id=child.pk)


@login_required
@form_of("family")
@patiently
def revoke_invitation(request, invitation_id):
    """Revoke the invitation."""
    invitation = get_object_or_404(GuardianInvitation, pk=invitation_id, invited_by=request.user)
    guardians.revoke(invitation, at=timezone.now())
    messages.success(request, _("This link no longer works."))
    child = Child.objects.of(request.user).filter(invitations=invitation).first()
    return redirect("child_guardians", child_id=child.pk) if child else redirect("family")


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def leave(request, child_id):
    """Show the consequences of leaving, then leave."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    tie = Guardianship.objects.select_related("child").get(child=child, guardian=request.user)
    if request.method == "POST":
        try:
            guardians.leave(child=child, by=request.user, at=timezone.now())
        except guardians.Refused:
            pass  # stated on the page
        else:
            messages.success(
                request,
                _("You are no longer a guardian of %(of_child)s.") % {"of_child": of_name(child.first_name)},
            )
            return redirect("family")
    may = guardians.may_leave(tie)
    context = {
        "child": child,
        "may_leave": may,
        "is_enrolled": child.enrollments.under_way(timezone.now()).exists(),
    }
    return render(
        request, "enrollments/family/leave.html", context, status=409 if request.method == "POST" else 200
    )


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def remove_guardian(request, child_id, tie_id):
    """Remove an informed guardian, by one with full rights; the consequences are shown first."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    others = Guardianship.objects.filter(child=child, rights=Guardianship.Rights.INFORMED).exclude(
        guardian=request.user
    )
    tie = get_object_or_404(others.select_related("guardian", "child"), pk=tie_id)
    if request.method == "POST":
        guardians.remove(tie, by=request.user, at=timezone.now())
        messages.success(
            request, _("%(name)s can no longer see anything about %(of_child)s.") % named_tie(tie)
        )
        return redirect("child_guardians", child_id=child.pk)
    return render(request, "enrollments/family/remove_guardian.html", {"child": child, "tie": tie})


def named_tie(tie: Guardianship) -> dict[str, str]:
    return {"name": tie.guardian.get_short_name(), "of_child": of_name(tie.child.first_name)}
