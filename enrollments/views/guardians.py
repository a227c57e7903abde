"""Who answers for a child: invite the other guardian, revoke, leave, remove; and the page behind an invitation's link."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from enrollments.families import guardians
from enrollments.forms.care import InviteForm
from enrollments.models import Barring, Child, GuardianInvitation, Guardianship
from enrollments.permissions import MANAGER, role_required


@login_required
@require_http_methods(["GET", "POST"])
def child_guardians(request, child_id):
    """The guardians of one child; a full one invites another by a link that is shown once."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    ties = list(Guardianship.objects.filter(child=child).select_related("guardian", "child").order_by("since", "pk"))
    mine = next(tie for tie in ties if tie.guardian_id == request.user.pk)
    may_act, at = mine.rights == Guardianship.Rights.FULL, timezone.now()
    if request.method == "POST" and not may_act:
        raise Http404
    children = Child.objects.in_care_of(request.user).order_by("birth_date", "pk")
    form = InviteForm(request.POST or None, children=children, initial={"children": [child.pk]})
    if form.is_valid():
        try:
            _invitation, token = guardians.invite(**form.cleaned_data, by=request.user, at=at)
        except guardians.Refused:
            form.add_error(None, _("Ten invitations are waiting already: revoke one first."))
        else:
            request.session["invitation_link"] = token  # shown once, then forgotten
            return redirect("child_guardians", child_id=child.pk)
    token = request.session.pop("invitation_link", "") if request.method == "GET" else ""
    for tie in ties:
        tie.may_be_removed = tie.guardian_id != request.user.pk and may_act and tie.rights == Guardianship.Rights.INFORMED
    invitations = guardians.open_invitations(request.user, at).filter(children=child).prefetch_related("children")
    context = {
        "child": child, "ties": ties, "mine": mine, "may_act": may_act, "form": form, "invitations": invitations if may_act else [],
        "link": settings.SITE_URL + reverse("invitation", args=[token]) if token else "",
    }  # fmt: skip
    return render(request, "enrollments/family/guardians.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def revoke_invitation(request, invitation_id):
    """The link no longer works."""
    invitation = get_object_or_404(GuardianInvitation, pk=invitation_id, invited_by=request.user)
    guardians.revoke(invitation, at=timezone.now())
    messages.success(request, _("The link no longer works."))
    child = Child.objects.of(request.user).filter(invitations=invitation).first()
    return redirect("child_guardians", child_id=child.pk) if child else redirect("family")


@login_required
@require_http_methods(["GET", "POST"])
def leave(request, child_id):
    """What leaving means, then leaving."""
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    tie = Guardianship.objects.select_related("child").get(child=child, guardian=request.user)
    if request.method == "POST":
        try:
            guardians.leave(child=child, by=request.user, at=timezone.now())
        except guardians.Refused:
            pass  # said on the page
        else:
            messages.success(request, _("You are no longer a guardian of %(child)s.") % {"child": child.first_name})
            return redirect("family")
    may = guardians.may_leave(tie)
    context = {"child": child, "may_leave": may, "is_enrolled": child.enrollments.live().exists()}
    return render(request, "enrollments/family/leave.html", context, status=409 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "POST"])
def remove_guardian(request, child_id, tie_id):
    """A full guardian ends the reading of an informed one; what it means stands first."""
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    others = Guardianship.objects.filter(child=child, rights=Guardianship.Rights.INFORMED).exclude(guardian=request.user)
    tie = get_object_or_404(others.select_related("guardian", "child"), pk=tie_id)
    if request.method == "POST":
        guardians.remove(tie, by=request.user, at=timezone.now())
        messages.success(request, _("%(name)s no longer sees anything of %(child)s.") % _named(tie))
        return redirect("child_guardians", child_id=child.pk)
    return render(request, "enrollments/family/remove_guardian.html", {"child": child, "tie": tie})


def _named(tie: Guardianship) -> dict[str, str]:
    return {"name": tie.guardian.get_short_name(), "child": tie.child.first_name}


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
def office_remove_guardian(request, child_id, tie_id):
    """A manager ends a guardianship with the paper seen."""
    tie = get_object_or_404(Guardianship.objects.select_related("guardian", "child"), pk=tie_id, child_id=child_id)
    paper, fault = request.POST.get("paper", ""), ""
    if request.method == "POST":
        if paper not in Barring.Paper.values:
            fault = _("Say which paper you have seen.")
        else:
            try:
                guardians.remove(tie, by=request.user, at=timezone.now(), paper=paper)
            except guardians.Refused as refusal:
                fault = (
                    _("Nobody with full rights would be left: add another guardian first.")
                    if refusal.code == "last_full_guardian"
                    else _("This is not yours to end.")
                )
            else:
                messages.success(request, _("%(name)s no longer sees anything of %(child)s.") % _named(tie))
                return redirect("office")
    context = {"tie": tie, "child": tie.child, "papers": Barring.Paper.choices, "fault": fault, "chosen": paper}
    page = "enrollments/office/remove_guardian.html"
    return render(request, page, context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def invitation(request, token):
    """Behind the link: who invites, for whom, to what; opening it changes nothing, the button does. A visitor signs in first."""
    found = guardians.find(token)
    if found is None:
        raise Http404
    at, user = timezone.now(), request.user if request.user.is_authenticated else None
    fault = guardians.fault_of(found, user, at)
    if request.method == "POST" and not fault:
        if user is None:
            return redirect("account_login")
        try:
            children = guardians.accept(found, by=user, at=at)
        except guardians.Refused as refusal:
            fault = refusal.code
        else:
            names = ", ".join(child.first_name for child in children)
            messages.success(request, _("You now follow: %(names)s.") % {"names": names})
            return redirect("family")
    if fault == "used" and user is not None and found.used_by_ref == user.pk:
        return redirect("family")  # the same form again: the same answer
    context = {"invitation": found, "fault": fault, "here": request.path}
    if user is not None and not fault:
        context["children"] = guardians.still_offered(found)
    status = {"": 200, "own": 403, "other_address": 403}.get(fault, 410)
    return render(request, "enrollments/family/invitation.html", context, status=status)
