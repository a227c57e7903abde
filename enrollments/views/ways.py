"""What every view needs: the way back, the page of a list that was asked for, what was typed, a calm page when a lock is waited for."""

from functools import wraps

from django.core.paginator import Page, Paginator
from django.db import OperationalError
from django.http import Http404
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

PER_PAGE = 50


def back_to(request, default: str) -> str:
    """The page one came from (`next`), when it is one of ours; else the default."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return back if ours and back.startswith("/") else default


def page_of(rows, request) -> Page:
    """The page of the list that was asked for (`page`), fifty rows; one that does not exist is a 404."""
    paginator, number = Paginator(rows, PER_PAGE), request.GET.get("page", "1")
    if not number.isdecimal() or not 1 <= int(number) <= paginator.num_pages:
        raise Http404
    return paginator.page(int(number))


def typed_in(request) -> list[tuple[str, str]]:
    """What was typed into the form, as (name, value), for components/kept.html."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]


def patiently(view):
    """A view whose verb waits for a lock: past three seconds a calm page (503, Retry-After) that sends the same again."""

    @wraps(view)
    def patient(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except OperationalError:
            response = render(request, "enrollments/family/busy.html", {"kept": typed_in(request)}, status=503)
            response["Retry-After"] = "3"
            return response

    return patient
