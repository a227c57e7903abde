"""The page behind an invitation to join the team."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.permissions import role_label
from enrollments.staff import team
from enrollments.views.lock_timeouts import patiently


@require_http_methods(["GET", "POST"])
@patiently
def team_invitation(request, token):
    """Show the role behind an email's link; the button accepts it. Visitors sign in first."""
    found = team.find(token)
    if found is None:
        raise Http404
    at, user = timezone.now(), request.user if request.user.is_authenticated else None
    fault = team.fault_of(found, user, at)
    if request.method == "POST" and not fault:
        if user is None:
            return redirect("account_login")
        try:
            team.accept(found, by=user, at=at)
        except team.LinkRefused as refusal:
            fault = refusal.code
        else:
            messages.success(
                request,
                _(
                    "Welcome to the team. Set up two-step verification now. You will need it each time "
                    "you sign in."
                ),
            )
            return redirect("mfa_index")
    if fault is team.LinkReason.USED and user is not None and user.pk == found.user_id:
        return redirect("welcome")  # the same button again: the same answer
    context = {"invitation": found, "fault": fault, "role": role_label(found.role), "here": request.path}
    status = {None: 200, team.LinkReason.OTHER_ACCOUNT: 403}.get(fault, 410)
    return render(request, "enrollments/links/team_invitation.html", context, status=status)
