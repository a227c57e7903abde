"""Serving pages: as Wagtail does, with a French page standing in for a translation that is missing.

The tree is not walked step by step: a page knows its whole path, so that two queries find it however deep it
stands.
"""

import hashlib

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import get_language
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult
from wagtail.views import serve as wagtail_serve

from home.database.compiled import Compiled


def serve(request, path):
    """The page at this address in this language; the French one, with a note,
    when it is not translated yet.
    """
    page = find(request, path, get_language())
    if page is not None:
        request._wagtail_route_for_request = RouteResult(page)
    try:
        return wagtail_serve(request, path)
    except Http404:
        if get_language() == settings.LANGUAGE_CODE:
            raise
        return serve_french(request, path)


def site_of(request) -> Site | None:
    """The site of this request, remembered for a minute under its host and the roots of all sites: a change
    is seen at once.
    """
    if not hasattr(request, "_wagtail_site"):
        host = f"{request.get_host()}|{request.get_port()}|{Site.get_site_root_paths()}"
        key = f"site:{hashlib.sha256(host.encode()).hexdigest()}"
        request._wagtail_site = caches["pages"].get_or_set(key, lambda: Site.find_for_request(request), 60)
    return request._wagtail_site


def find(request, path: str, language: str) -> Page | None:
    """The live page at this path in that language's tree, as its own type; None when Wagtail has to look for
    itself.
    """
    site = site_of(request)
    parts = [part for part in path.split("/") if part]
    if site is None or not parts:
        return None
    roots = [
        root
        for root in Site.get_site_root_paths()
        if root.site_id == site.pk and root.language_code == language
    ]
    if len(roots) != 1:
        return None
    page = LIVE_PAGE.one(slug=parts[-1], path=f"{roots[0].root_path}{'/'.join(parts)}/")
    return _as_its_type(page) if page else None


LIVE_PAGE = Compiled(
    lambda slug, path: Page.objects.live().filter(slug=slug, url_path=path).order_by("path")[:1]
)
_TYPED: dict[type[Page], Compiled] = {}


def _as_its_type(page: Page) -> Page:
    """The same page with the columns of its own type."""
    kind = page.specific_class
    if kind is None or kind is Page:
        return page.specific
    if kind not in _TYPED:
        _TYPED[kind] = Compiled(lambda key: kind._default_manager.filter(pk=key))
    return _TYPED[kind].one(key=page.pk) or page.specific


def serve_french(request, path):
    """Serve the French page of that path; `request.is_fallback` makes it say so.

    Raises Http404 when there is none either.
    """
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    page, args, kwargs = find(request, path, settings.LANGUAGE_CODE), (), {}
    if page is None:
        page, args, kwargs = site.root_page.specific.route(
            request, [part for part in path.split("/") if part]
        )
    if page.get_view_restrictions():
        raise PermissionDenied
    request.is_fallback = True
    return page.serve(request, *args, **kwargs)
