"""Letters a family asks for, and the link in each of them that ends them without a login."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from enrollments.letters import preferences


@login_required
@require_http_methods(["GET", "POST"])
def letter_wishes(request):
    """Two boxes, both empty until ticked; what must be written is written anyway."""
    if request.method == "POST":
        preferences.ask_for(request.user, tomorrow="tomorrow" in request.POST, weekly="weekly" in request.POST)
        messages.success(request, _("Noted."))
        return redirect("letter_wishes")
    return render(request, "enrollments/family/letter_wishes.html", {"wish": preferences.wish_of(request.user)})


@csrf_exempt  # a mail program presses it for its reader (RFC 8058): the signed link is the authority, and it only ends letters
@never_cache
@require_http_methods(["GET", "POST"])
def end_letters(request, token):
    """Looking changes nothing; the press ends letters of this kind."""
    found = preferences.read_token(token)
    if found is None:
        raise Http404
    user, kind = found
    if request.method == "POST":
        preferences.end(user, kind)
    return render(request, "enrollments/end_letters.html", {"done": request.method == "POST", "kind": kind})
