"""The page behind an invitation to become a guardian."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.families import guardians
from enrollments.views.lock_timeouts import patiently
from home.language.lists import listed


@require_http_methods(["GET", "POST"])
@patiently
def invitation(request, token):
    """Show who invites, for whom, with what rights; only the button accepts. Visitors sign in first."""
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
        except guardians.LinkRefused as refusal:
            fault = refusal.code
        else:
            names = listed(child.first_name for child in children)
            messages.success(request, _("You now follow: %(names)s.") % {"names": names})
            return redirect("family")
    if fault is guardians.LinkReason.USED and user is not None and found.used_by_ref == user.pk:
        return redirect("family")  # the same form again: the same answer
    context = {"invitation": found, "fault": fault, "here": request.path}
    if user is not None and not fault:
        context["children"] = guardians.still_offered(found)
    usable = {None: 200, guardians.LinkReason.ALREADY: 200}
    refused = {guardians.LinkReason.OWN: 403, guardians.LinkReason.OTHER_ADDRESS: 403}
    status = (usable | refused).get(fault, 410)
    return render(request, "enrollments/links/guardian_invitation.html", context, status=status)
