"""Addresses that only take a form, opened as a page: after signing in again, reloading or going back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def form_of(page: str, *names: str) -> Callable:
    """Decorate a view that only takes a form. GET leads to the page with that form, which says that nothing
    was saved; other methods get 405.

    `page`: the name of that page's route; `names`: its arguments, which the view has under the same names.
    Put it below the decorators about roles: an address means the same to everybody who may not open it.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def only(request, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **kwargs)
            if request.method in {"GET", "HEAD"}:
                messages.warning(request, _("Your last action was not saved. Please repeat it here."))
                return redirect(page, **{name: kwargs[name] for name in names})
            return HttpResponseNotAllowed(["POST"])

        only.only_takes_a_form = True  # type: ignore[attr-defined]  # for the test of the table of addresses
        return only

    return decorate
