"""Which optional emails a guardian asks for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.letters import preferences
from enrollments.views.lock_timeouts import patiently


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def letter_wishes(request):
    """Edit two opt-ins, both off by default; mandatory emails are sent anyway."""
    if request.method == "POST":
        preferences.ask_for(
            request.user, tomorrow="tomorrow" in request.POST, weekly="weekly" in request.POST
        )
        messages.success(request, _("We have saved your choice."))
        return redirect("letter_wishes")
    return render(
        request, "enrollments/family/letter_wishes.html", {"wish": preferences.wish_of(request.user)}
    )
