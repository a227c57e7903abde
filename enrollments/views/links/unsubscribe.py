"""The link in an optional email that ends emails of its kind without signing in."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from enrollments.letters import preferences
from enrollments.views.lock_timeouts import patiently


# a mail client calls it for its reader (RFC 8058): the signed link authorises it, and it can only unsubscribe
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def end_letters(request, token):
    """Unsubscribe by pressing the button; viewing the page changes nothing."""
    found = preferences.read_token(token)
    if found is None:
        raise Http404
    user, kind = found
    if request.method == "POST":
        preferences.end(user, kind)
    return render(
        request, "enrollments/links/unsubscribe.html", {"done": request.method == "POST", "kind": kind}
    )
