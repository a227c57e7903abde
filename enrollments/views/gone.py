"""Pages of a family about one thing that is there no more: after it was deleted, people go back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render


def or_gone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page for signed-in guardians: instead of the general 404, one that says that the thing may
    have been deleted, and leads on. It is the same for what never was and for another family's.
    """

    @wraps(view)
    def page(request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return render(request, "enrollments/family/gone.html", status=404)

    return page
