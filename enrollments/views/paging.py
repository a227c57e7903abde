"""The requested page of a list."""

from django.core.paginator import Page, Paginator
from django.http import Http404

PER_PAGE = 50


def page_of(rows, request, per_page: int = PER_PAGE) -> Page:
    """Return the requested page of a list (`page`), fifty rows by default; 404 if it does not exist."""
    paginator, number = Paginator(rows, per_page), request.GET.get("page", "1")
    if not number.isdecimal() or not 1 <= int(number) <= paginator.num_pages:
        raise Http404
    return paginator.page(int(number))
