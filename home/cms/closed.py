"""Pages and documents whose reading is restricted in the CMS: who may read, and where they are left out.

A visitor is sent to the sign-in page and comes back; a signed-in account without the right gets the page 403.
Wagtail's own answer would send such an account round in circles, and names two pages this site does not have.
Passwords shared by several people are not offered (settings.WAGTAIL_PRIVATE_PAGE_OPTIONS): what has one from
before is closed.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from wagtail.models import BaseViewRestriction, Page, PageViewRestriction

from home.database.compiled import Compiled

Pages = TypeVar("Pages", bound=QuerySet[Any, Any])


def restrictions_over(path: OuterRef) -> QuerySet[PageViewRestriction]:
    """Return the restrictions on the page at this tree path or above it; for an alias, also on its source."""
    rows = PageViewRestriction.objects.alias(asked=ExpressionWrapper(path, CharField()))
    above = Q(asked__startswith=F("page__path")) | Q(asked__startswith=F("page__aliases__path"))
    found: QuerySet[PageViewRestriction] = rows.filter(above)
    return found


def restrictions_on(paths: list[str]) -> QuerySet[PageViewRestriction]:
    """Return the restrictions on the pages at these tree paths; for an alias, those on its source."""
    closed = Q(page__path__in=paths) | Q(page__aliases__path__in=paths)
    rows: QuerySet[PageViewRestriction] = PageViewRestriction.objects.filter(closed).distinct()
    return rows


RESTRICTIONS = Compiled(restrictions_on)


def paths_above(page: Page) -> list[str]:
    """Return the tree paths of a page and its ancestors, the highest first."""
    return [page.path[:length] for length in range(page.steplen, len(page.path) + 1, page.steplen)]


def open_pages(pages: Pages) -> Pages:
    """Return the pages that every visitor may read: what lists, searches, menus and the sitemap name.

    One query, whose SQL does not depend on the rows: it can be built once.
    """
    return pages.filter(~Exists(restrictions_over(OuterRef("path"))))


def closed_answer(request: HttpRequest, restrictions: Iterable[BaseViewRestriction]) -> HttpResponse | None:
    """Return the redirect to the sign-in page, or None if nothing keeps this reader out.

    Raises PermissionDenied for an account that may not read it, and for everybody where a password is set.
    """
    closed = [restriction for restriction in restrictions if not restriction.accept_request(request)]
    if not closed:
        return None
    shared_password = any(row.restriction_type == BaseViewRestriction.PASSWORD for row in closed)
    if request.user.is_authenticated or shared_password:
        raise PermissionDenied
    return redirect_to_login(request.get_full_path(), reverse("account_login"))


def ask_first(serve_page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap the serving of a page: it is asked before Wagtail's own check (hook `on_serve_page`). What a
    restricted page says is stored by no browser.
    """

    def serve(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
        restrictions = cast(Any, page)._restrictions = RESTRICTIONS(paths=paths_above(page))
        response = closed_answer(request, restrictions) or serve_page(page, request, args, kwargs)
        if restrictions:
            add_never_cache_headers(response)
        return response

    return serve


def ask_for_document(document: Any, request: HttpRequest) -> HttpResponse | None:
    """Answer for a document in a restricted collection (hook `before_serve_document`)."""
    return closed_answer(request, document.collection.get_view_restrictions())
