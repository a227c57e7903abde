"""The way back: where a form leads when it is done; and what is shown when a lock was waited for too long."""

from functools import wraps

from django.db import OperationalError
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request, default: str) -> str:
    """The page one came from (`next`), when it is one of ours; else the default."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return back if ours and back.startswith("/") else default


def patiently(view):
    """A view whose verb waits for a lock: past three seconds a calm page (503, Retry-After) that sends the same again."""

    @wraps(view)
    def patient(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except OperationalError:
            kept = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
            response = render(request, "enrollments/family/busy.html", {"kept": kept}, status=503)
            response["Retry-After"] = "3"
            return response

    return patient
