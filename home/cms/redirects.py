"""Old addresses: where they lead in each language, with their query string, and never round in a circle.

Wagtail notes the old address of a page that moved and of its live pages below. That row also answers the same
address under the other languages, where the French page is shown for a missing translation.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.encoding import uri_to_iri
from django.utils.translation import get_language_from_path
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site
from wagtail.signals import page_slug_changed, post_page_move

from home.cms.serving import address_in, with_query

MOST_STEPS = 5  # from one old address to the next, for links entered by hand


class OldAddresses:
    """Answer a page that was not found with the redirect noted for its address, if there is one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or "\0" in request.path:
            return response
        site = Site.find_for_request(request)
        full = uri_to_iri(Redirect.normalise_path(request.get_full_path(), decode_unicode=False))
        path = uri_to_iri(Redirect.normalise_path(request.path, decode_unicode=False))
        row, url = lookup(site, full)
        url = url if row else ""
        if not url and full != path:
            row, url = lookup(site, path)
            url = with_query(url, request) if url else ""
        if not row or not url:
            return response
        kind = HttpResponsePermanentRedirect if row.is_permanent else HttpResponseRedirect
        answer = kind(url)
        answer["Cache-Control"] = (
            "no-cache"  # an address may be used again: no browser keeps the way for ever
        )
        return answer


def lookup(site: Site | None, path: str) -> tuple[Redirect | None, str]:
    """Return the redirect of an address, and where it leads in that address's language; nothing if it would
    lead to itself, to a page that is not published, or round in a circle.
    """
    seen, first = {path}, None
    for _step in range(MOST_STEPS):
        row, url = _row(site, path)
        if row is None:
            return None, ""
        first = first or row
        target = Redirect.normalise_path(url) if url else ""
        if not url or target in seen:
            return None, ""
        if row.redirect_page_id or _row(site, target)[0] is None or _is_read(site, target):
            return first, url
        seen.add(target)
        path = target
    return None, ""


def _row(site: Site | None, path: str) -> tuple[Redirect | None, str]:
    """Return the row of an address, or of the same address in another language (French first), and its
    target.
    """
    language = get_language_from_path(path)
    addresses = list(_addresses(path, language))
    # Most addresses have none, and every page not found asks: one narrow query first.
    known = {
        (address, site_id): key
        for key, address, site_id in Redirect.objects.filter(old_path__in=addresses).values_list(
            "pk", "old_path", "site_id"
        )
    }
    for address in addresses:
        for site_id in (site and site.pk, None):
            if key := known.get((address, site_id)):
                row = Redirect.objects.select_related("redirect_page").filter(pk=key).first()
                return (row, _target(row, language)) if row else (None, "")
    return None, ""


def _addresses(path: str, language: str | None) -> Iterator[str]:
    yield path
    if language:
        others = sorted(dict(settings.LANGUAGES), key=lambda code: code != settings.LANGUAGE_CODE)
        yield from (f"/{code}{path[1 + len(language) :]}" for code in others if code != language)


def _target(row: Redirect, language: str | None) -> str:
    page = row.redirect_page
    if page is None:
        link: str = row.redirect_link
        code = get_language_from_path(link) if link.startswith("/") else None
        if language and code and get_language_from_path(row.old_path) != language:
            return f"/{language}{link[1 + len(code) :]}"
        return link
    own = get_language_from_path(row.old_path)
    if page.live and (language is None or own == language):
        return str(row.link or "")
    return address_in(page.translation_key, language or settings.LANGUAGE_CODE)


def _is_read(site: Site | None, path: str) -> bool:
    """Return whether a live page is at this address."""
    language = get_language_from_path(path)
    roots = [
        root.root_path
        for root in Site.get_site_root_paths()
        if site and root.site_id == site.pk and root.language_code == language
    ]
    rest = path[1 + len(language or "") :].strip("/")
    return bool(roots) and Page.objects.live().filter(url_path=f"{roots[0]}{rest}/").exists()


@receiver(page_slug_changed)
def _freed_by_new_slug(instance: Page, **_signal: Any) -> None:
    forget_own_addresses(instance)


@receiver(post_page_move)
def _freed_by_move(instance: Page, **_signal: Any) -> None:
    forget_own_addresses(instance)


def forget_own_addresses(page: Page) -> None:
    """Delete the redirects made for addresses at which this page and the pages below it are again."""
    pages = page.get_descendants(inclusive=True)
    at = {Redirect.normalise_path(url) for each in pages if (url := each.get_url())}
    Redirect.objects.filter(automatically_created=True, old_path__in=at).delete()
