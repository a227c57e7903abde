"""The requested page of a list."""

from django.core.paginator import Page, Paginator
from django.http import Http404

PER_PAGE = 50


def page_of(rows, request) -> Page:
    """The page of the list that was asked for (`page`), fifty rows; one that does not exist is a 404."""
    paginator, number = Paginator(rows, PER_PAGE), request.GET.get("page", "1")
    if not number.isdecimal() or not 1 <= int(number) <= paginator.num_pages:
        raise Http404
    return paginator.page(int(number))
