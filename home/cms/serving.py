"""Serve pages as Wagtail does, with the French page in place of a missing translation.

The tree is not walked level by level: a page stores its whole path, so two queries find it at any depth.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from wagtail.models import Page, Site
from wagtail.models.sites import SiteRootPath
from wagtail.url_routing import RouteResult
from wagtail.views import serve as wagtail_serve
from wagtail.views import serve_chain

from home.cms.closed import ask_first
from home.cms.shared import host_of, shared
from home.database.compiled import Compiled


def serve(request: HttpRequest, path: str) -> HttpResponse:
    """Serve the page at this URL in this language, or the French one with a note if it is not translated."""
    language = get_language()
    page = find(request, path, language)
    if page is not None:
        request._wagtail_route_for_request = RouteResult(page)  # type: ignore[attr-defined]  # Wagtail's own note
    try:
        response: HttpResponse = wagtail_serve(request, path)
    except Http404:
        if url := address_elsewhere(request, path, language):
            return HttpResponseRedirect(with_query(url, request))
        if language == settings.LANGUAGE_CODE:
            raise
        return serve_french(request, path)
    return response


def address_elsewhere(request: HttpRequest, path: str, language: str) -> str:
    """Return where a page is read in this language whose address at this path is that of another language, or
    of a translation that is not published any more; empty if it is read here, or nowhere.

    One query. The French address comes first: it is the one all languages share.
    """
    site = site_of(request)
    parts = [part for part in path.split("/") if part]
    roots = [root for root in site_roots() if site and root.site_id == site.pk]
    if not parts or not roots:
        return ""
    paths = {f"{root.root_path}{'/'.join(parts)}/": root.language_code for root in roots}
    rows = Page.objects.filter(url_path__in=paths).values_list("url_path", "translation_key")
    keys = {paths[url_path]: key for url_path, key in rows}
    order = sorted(keys, key=lambda code: (code != settings.LANGUAGE_CODE, code != language))
    for code in order:
        url = address_in(keys[code], language)
        if url:
            return "" if url == request.path else url
    return ""


def address_in(key: Any, language: str) -> str:
    """Return where the page of this translation key is read in a language: its own live page, or the French
    one under that language; empty without either.
    """
    codes = (language, settings.LANGUAGE_CODE)
    rows = (
        Page.objects.live()
        .filter(translation_key=key, locale__language_code__in=codes, depth__gte=2)
        .values_list("locale__language_code", "url_path")
    )
    found = dict(rows)
    path = found.get(language) or found.get(settings.LANGUAGE_CODE)
    return f"/{language}/{path.split('/', 2)[2]}" if path else ""


def with_query(url: str, request: HttpRequest) -> str:
    """Return a URL with the request's query string added to its own."""
    query = request.META.get("QUERY_STRING", "")
    if not query:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, query)))))


def site_of(request: Any) -> Site | None:
    """Return the request's site, kept by the process for some seconds (home.cms.shared) and in the cache for
    a minute, by host and the roots of all sites.
    """
    if not hasattr(request, "_wagtail_site"):
        request._wagtail_site = shared(
            ("site", host_of(request), request.get_port()), lambda: _cached_site(request)
        )
    return request._wagtail_site


def _cached_site(request: HttpRequest) -> Site | None:
    host = f"{request.get_host()}|{request.get_port()}|{Site.get_site_root_paths()}"
    key = f"site:{hashlib.sha256(host.encode()).hexdigest()}"
    return caches["pages"].get_or_set(key, lambda: Site.find_for_request(request), 60)


def site_roots() -> list[SiteRootPath]:
    """Return the root of each site in each language, kept by the process for some seconds."""
    return shared("roots", Site.get_site_root_paths)


def find(request: HttpRequest, path: str, language: str) -> Page | None:
    """Return the live page at this path in that language's tree, as its specific type; None if Wagtail must
    look for it.
    """
    site = site_of(request)
    parts = [part for part in path.split("/") if part]
    if site is None or not parts:
        return None
    roots = [root for root in site_roots() if root.site_id == site.pk and root.language_code == language]
    if len(roots) != 1:
        return None
    found = LIVE_PAGE.one(slug=parts[-1], path=f"{roots[0].root_path}{'/'.join(parts)}/")
    return _as_its_type(found.pk, found.content_type_id) if found else None


LIVE_PAGE = Compiled(
    lambda slug, path: (
        Page.objects.live()
        .filter(slug=slug, url_path=path)
        .order_by("path")[:1]
        .values_list("pk", "content_type_id", named=True)
    )
)
_TYPED: dict[type[Model], Compiled[Page]] = {}


def _as_its_type(key: int, content_type: int) -> Page | None:
    """Return the page with the columns of its specific type; None if it is gone, or its type is not ours."""
    kind = ContentType.objects.get_for_id(content_type).model_class()
    if kind is None or kind is Page:
        return None
    if kind not in _TYPED:
        _TYPED[kind] = Compiled(lambda key: kind._default_manager.filter(pk=key))
    return _TYPED[kind].one(key=key)


def serve_french(request: HttpRequest, path: str) -> HttpResponse:
    """Serve the French page at that path; `request.is_fallback` adds the note.

    Raises Http404 if there is none either.
    """
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    page, args, kwargs = find(request, path, settings.LANGUAGE_CODE), (), {}
    if page is None:
        page, args, kwargs = site.root_page.specific.route(
            request, [part for part in path.split("/") if part]
        )
    request.is_fallback = True  # type: ignore[attr-defined]  # read by the page's context
    return ask_first(serve_chain)(page, request, args, kwargs)
