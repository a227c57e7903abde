"""A form that comes too late: its token is old, its login has ended, the desk's screen locked itself.

What was typed is not lost.

It stays on the page that answers, in hidden fields, and nowhere else; one press sends it again. Only a form
of this very site is helped along (its Origin says so), and never a password.
"""

from django.shortcuts import render
from django.urls import reverse

from enrollments.views.resubmission import typed_in


def kept_of(request) -> list[tuple[str, str]]:
    """What was typed, as (name, value); empty when there is nothing to keep, or when it must not be kept."""
    if request.headers.get("Origin", "") != f"{request.scheme}://{request.get_host()}" or request.FILES:
        return []
    kept = typed_in(request)
    return [] if any("password" in name for name, _value in kept) else kept


def form_expired(request, reason=""):
    """The token is gone: an old tab, a login since (settings.CSRF_FAILURE_VIEW)."""
    return render(request, "403_csrf.html", {"kept": kept_of(request)}, status=403)


def typed_too_late(request, door: str):
    """The page that keeps what was typed while one passes `door` in another window (account_login,
    account_reauthenticate); None when there is nothing to keep: the caller sends to the door at once.
    """
    kept = kept_of(request) if request.method == "POST" else []
    if not kept:
        return None
    context = {"kept": kept, "door": reverse(door), "is_locked": door != "account_login"}
    return render(request, "403_late.html", context, status=403)
