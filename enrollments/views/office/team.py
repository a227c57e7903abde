"""The team in the office: invite, remove a role, help a colleague who lost their second factor, and the page
behind an invitation.
"""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.timetable import teaching
from enrollments.forms.office.team import HandoverForm, TeamInviteForm
from enrollments.models import RescueCode, StaffInvitation
from enrollments.permissions import (
    FRONT_DESK,
    INSTRUCTOR,
    MANAGER,
    ROLES,
    role_label,
    role_required,
    roles_of,
)
from enrollments.staff import team
from enrollments.staff.handover import pages_of
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of
from home.language.alphabet import in_alphabet
from home.language.elision import of_name

FAULTS = {
    team.Reason.HAS_ROLE: gettext_lazy("This account already has this role."),
    team.Reason.ONESELF: gettext_lazy("You cannot remove your own role. Ask another manager."),
    team.Reason.LAST_MANAGER: gettext_lazy("This is the last manager. Appoint another one first."),
    team.Reason.NO_ROLE: gettext_lazy("This role had already been removed."),
    team.Reason.TEACHES: gettext_lazy("Choose who takes over each class first."),
    team.Reason.NOT_YOURS: gettext_lazy("This is no longer possible."),
}


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_team(request):
    """Show the team. Managers invite and remove; the front desk helps with a lost second factor."""
    at, decides = timezone.now(), MANAGER in roles_of(request.user)
    if request.method == "POST" and not decides:
        raise Http404
    form = TeamInviteForm(request.POST or None)
    if form.is_valid():
        try:
            team.invite(**form.cleaned_data, by=request.user, at=at)
        except team.Refused as refusal:
            form.add_error("email", FAULTS[refusal.code])
        else:
            messages.success(request, _("The invitation is being emailed. It is valid for 7 days."))
            return redirect("office_team")
    members = in_alphabet(team.members(), "name")
    for member in members:
        member.shown_roles = [(role, role_label(role)) for role in sorted(roles_of(member))]
        member.may_be_rescued = team.may_rescue(member, request.user)
    context = {
        "members": members,
        "form": form,
        "decides": decides,
        "untaught": teaching.without_instructor(at),
        "invitations": team.open_invitations(at) if decides else [],
    }
    for invitation in context["invitations"]:
        invitation.shown_role = role_label(invitation.role)
    return render(
        request, "enrollments/office/team.html", context, status=422 if request.method == "POST" else 200
    )


@role_required(MANAGER)
@form_of("office_team")
@patiently
def office_team_revoke(request, invitation_id):
    """Revoke the invitation."""
    team.revoke(get_object_or_404(StaffInvitation, pk=invitation_id), at=timezone.now())
    messages.success(request, _("This link no longer works."))
    return redirect("office_team")


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_role_take(request, user_id, role):
    """Show the consequences, ask who takes over an instructor's classes, then remove the role, effective at
    the colleague's next request.
    """
    member, at = get_object_or_404(get_user_model(), pk=user_id), timezone.now()
    if not member.groups.filter(name=role).exists():
        if request.method == "POST" and role in ROLES:  # pressed twice
            messages.info(request, FAULTS[team.Reason.NO_ROLE])
            return redirect("office_team")
        raise Http404
    form, fault, status = None, "", 200
    if role == INSTRUCTOR:
        form = HandoverForm(request.POST if request.method == "POST" else None, leaving=member, at=at)
    if request.method == "POST":
        if form is not None and form.duties and not form.is_valid():
            status = 422
        else:
            try:
                team.take_role(
                    member, role, by=request.user, at=at, handover=form.choices if form is not None else None
                )
            except team.Refused as refusal:
                fault, status = FAULTS[refusal.code], 409
            else:
                messages.success(request, _("The role has been removed."))
                return redirect("office_team")
    context = {
        "member": member,
        "role": role_label(role),
        "fault": fault,
        "form": form,
        "public_pages": pages_of(member) if role == INSTRUCTOR else [],
    }
    return render(request, "enrollments/office/role_take.html", context, status=status)


@role_required(FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def office_rescue(request, user_id):
    """Issue a rescue code for a colleague seen or heard: shown once, recorded with the reason."""
    member = get_object_or_404(team.members(), pk=user_id)
    if not team.may_rescue(member, request.user):
        raise Http404
    reason, code, fault = request.POST.get("reason", ""), "", ""
    if request.method == "POST":
        if reason in RescueCode.Reason.values:
            code = team.issue_rescue(member, reason=reason, by=request.user, at=timezone.now())
        else:
            fault = _("Enter a reason.")
    context = {
        "member": member,
        "code": code,
        "fault": fault,
        "reasons": RescueCode.Reason.choices,
        "chosen": reason,
    }
    return render(request, "enrollments/office/rescue.html", context, status=422 if fault else 200)


@role_required(MANAGER)
@form_of("office_team")
@patiently
def office_team_logout(request, user_id):
    """End all sessions of a colleague whose phone is lost."""
    person = get_object_or_404(get_user_model().objects.filter(groups__isnull=False).distinct(), pk=user_id)
    count = team.end_logins(person, by=request.user)
    told = ngettext(
        "%(of_name)s has been signed out of %(count)s device.",
        "%(of_name)s has been signed out of %(count)s devices.",
        count,
    )
    messages.success(request, told % {"count": count, "of_name": of_name(person.name)})
    return redirect("office_team")
