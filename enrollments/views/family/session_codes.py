"""Access codes of private sessions: typed, or in a link. Only the button grants access."""

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.forms.family.enroll import CodeForm
from enrollments.places import private_sessions
from enrollments.views.lock_timeouts import patiently


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def session_code(request, code=""):
    """Show the code form, then the session with each child's obstacles.

    Twenty tries in ten minutes (settings.ACCOUNT_RATE_LIMITS).
    """
    form = CodeForm(
        request.POST or None, initial={"code": private_sessions.told(private_sessions.read(code))}
    )
    if request.method == "POST" and (
        limit := ratelimit.consume_or_429(request, action="session_code", user=request.user)
    ):
        return limit
    if form.is_valid():
        session = private_sessions.find(form.cleaned_data["code"])
        if session is not None:
            private_sessions.admit(request.user, session, at=timezone.now())
            return redirect("enroll", session_id=session.pk)
        form.add_error("code", _("No session has this code. Check it, or ask the person who gave it to you."))
    status = 422 if request.method == "POST" else 200
    return render(request, "enrollments/family/session_code.html", {"form": form}, status=status)
