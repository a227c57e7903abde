"""Keep submitted form data when a POST is rejected because the CSRF token expired, the user was signed out or
the screen was locked.

The data stays only in hidden fields of the response page; one press resubmits it. Only forms from this site
(by their Origin) are kept, and never a password.
"""

from django.shortcuts import render
from django.urls import reverse

from enrollments.views.resubmission import typed_in


def kept_of(request) -> list[tuple[str, str]]:
    """Return the submitted data as (name, value) pairs; empty if there is nothing to keep, or it must not be
    kept. Of a form with files the words are kept if it can do without them (a field `without_files`).
    """
    if request.headers.get("Origin", "") != f"{request.scheme}://{request.get_host()}":
        return []
    if request.FILES and "without_files" not in request.POST:
        return []
    kept = typed_in(request)
    return [] if any("password" in name for name, _value in kept) else kept


def form_expired(request, reason=""):
    """Handle an invalid CSRF token, such as an old tab or a sign-in since (settings.CSRF_FAILURE_VIEW)."""
    return render(request, "403_csrf.html", {"kept": kept_of(request)}, status=403)


def typed_too_late(request, door: str):
    """Return the page that keeps the data while the user passes `door` in another window (account_login,
    account_reauthenticate); None if there is nothing to keep, so that the caller redirects to `door`.
    """
    kept = kept_of(request) if request.method == "POST" else []
    if not kept:
        return None
    context = {"kept": kept, "door": reverse(door), "is_locked": door != "account_login"}
    return render(request, "403_late.html", context, status=403)
