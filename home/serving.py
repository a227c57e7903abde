"""Serving pages: as Wagtail does, with a French page standing in for a translation that is missing."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import get_language
from wagtail.models import Site
from wagtail.views import serve as wagtail_serve


def serve(request, path):
    """The page at this address in this language; the French one, with a note, when it is not translated yet."""
    try:
        return wagtail_serve(request, path)
    except Http404:
        if get_language() == settings.LANGUAGE_CODE:
            raise
        return serve_french(request, path)


def serve_french(request, path):
    """Serve the French page of that path; `request.is_fallback` makes the page say so. Raises Http404 when there is none either."""
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    page, args, kwargs = site.root_page.specific.route(request, [part for part in path.split("/") if part])
    if page.get_view_restrictions():
        raise PermissionDenied
    request.is_fallback = True
    return page.serve(request, *args, **kwargs)
