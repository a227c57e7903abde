"""Middleware: short-lived cache for anonymous visitors, security headers, theme, and staff access control."""

import gzip
import time

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.cache import caches
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.defaults import page_not_found

from academy import lock
from academy.expired import typed_too_late
from academy.second_factor import needs_second_factor
from academy.seen import route_of
from enrollments.permissions import roles_of
from home.cms.shared import SHARE
from home.language.table import LANGUAGES

PRIVATE = (
    "account",
    "family",
    "desk",
    "office",
    "card",
    "team",
    "offers",
    "letters",
    "room",
    "survey",
    "certificate",
)
TRY_AGAIN = 600  # seconds: the longest window of settings.ACCOUNT_RATE_LIMITS that users meet
THEMES = ("auto", "light", "dark")
Kept = tuple[dict[str, str], bytes, str]  # headers, body, and the name of the route

SITE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
CMS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'self'; "
    "frame-ancestors 'self'"
)

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def is_private(path: str) -> bool:
    """Return whether this URL is private: accounts, families, desk, office, CMS, emails."""
    parts = path.split("/", 3)
    return parts[1] in {"cms", "mailbox"} or (
        parts[1] in LANGUAGES and len(parts) > 2 and parts[2] in PRIVATE
    )


def theme_of(request) -> str:
    """Return the visitor's theme from a cookie: auto, light or dark."""
    choice = request.COOKIES.get("theme", "auto")
    return choice if choice in THEMES else "auto"


class VisitorCache:
    """Share one response to a public URL among anonymous visitors for some seconds.

    Outermost, so that a hit costs almost nothing. The cache of all processes holds the plain and the packed
    body apart, and only the one asked for is fetched; each process keeps a copy for one more second.

    A page opts in (`response.visitor_cache`, home.cms.pages): it contains no personal data, CSRF token or
    cookie. Places shown are at most VISITOR_CACHE_SECONDS old and are never used for decisions.
    """

    COPIED_FOR = (
        1.0  # seconds in the process's own memory; part of VISITOR_CACHE_SECONDS, as is the age of the frame
    )
    MOST_COPIES = 128  # pages of some 20 KB packed

    def __init__(self, get_response):
        self.get_response = get_response
        self.pages = caches["pages"]
        self.copies: dict[str, tuple[float, Kept]] = {}

    def __call__(self, request):
        seconds = settings.VISITOR_CACHE_SECONDS
        if getattr(request, "is_dummy", False):  # the CMS previews drafts at this URL
            return self.get_response(request)
        if (
            not seconds
            or (settings.HTTPS and not request.is_secure())  # redirected to https by the next middleware
            or request.method not in {"GET", "HEAD"}
            or request.path_info[1:3] not in LANGUAGES
            or is_private(request.path_info)
        ):
            return self.get_response(request)
        host, partial = request.META.get("HTTP_HOST", ""), request.META.get("HTTP_HX_REQUEST") == "true"
        key = f"{host}|{request.get_full_path()}|{theme_of(request)}|{partial}|named"
        packing = "gzip" if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "") else "plain"
        kept = (
            self.find(f"{key}|{packing}") if len(key) < 300 and key.isprintable() and " " not in key else None
        )
        if kept is None:
            response = self.get_response(request)
            if (
                response.status_code != 200
                or not getattr(response, "visitor_cache", False)
                or response.cookies
                or response.streaming
            ):
                return response
            patch_vary_headers(response, ["Accept-Encoding", "Cookie", "HX-Request"])
            response["Cache-Control"] = "private, no-cache"
            bodies = self.packings(response, route_of(request))
            lasts = max(seconds * (1 - SHARE) - self.COPIED_FOR, self.COPIED_FOR)
            self.pages.set_many({f"{key}|{name}": one for name, one in bodies.items()}, lasts)
            kept = bodies[packing]
        headers, body, request.kept_route = kept
        return HttpResponse(body, headers=headers)

    def find(self, key: str) -> Kept | None:
        """Return what is kept under that key: from this process's copies, else from the cache of all."""
        now = time.monotonic()
        until, copy = self.copies.get(key, (0.0, None))
        if copy is not None and now < until:
            return copy
        kept: Kept | None = self.pages.get(key)
        if kept is not None:
            if len(self.copies) >= self.MOST_COPIES:
                self.copies = {}
            self.copies[key] = (now + self.COPIED_FOR, kept)
        return kept

    @staticmethod
    def packings(response: HttpResponse, route: str) -> dict[str, Kept]:
        """Return what is kept of a response, plain and packed."""
        headers, plain = dict(response.items()), response.content
        packed = gzip.compress(plain, 5)
        return {
            "plain": (headers | {"Content-Length": str(len(plain))}, plain, route),
            "gzip": (
                headers | {"Content-Encoding": "gzip", "Content-Length": str(len(packed))},
                packed,
                route,
            ),
        }


class NoBody:
    """Answer HEAD with headers alone (RFC 9110, 9.3.2). Django leaves that to the server, and gunicorn
    writes a warning about each one, such as a monitor asks every minute.

    Outside VisitorCache, which fills itself with what HEAD would have shown.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "HEAD" and not getattr(request, "is_dummy", False):
            if response.streaming:
                response.streaming_content = ()
            else:
                response.content = b""
        return response


class Headers:
    """Set the security headers: strict everywhere, looser under the CMS only."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        cms = request.path_info.startswith("/cms/")
        response.headers["Content-Security-Policy"] = (
            CMS_POLICY if cms else response.headers.get("Content-Security-Policy", SITE_POLICY)
        )
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers["X-Frame-Options"] = "SAMEORIGIN" if cms else "DENY"
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", str(TRY_AGAIN))
        if is_private(request.path_info):
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response


class Theme:
    """Give templates the theme and whether the page is private."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.theme = theme_of(request)
        request.is_private = is_private(request.path_info)
        return self.get_response(request)


class NulInPath:
    """Answer 404 to an address with a NUL character: PostgreSQL refuses to look such a text up, and the
    answer would be 500.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info:
            return page_not_found(request, Http404())
        return self.get_response(request)


class StaffDoor:
    """Restrict staff URLs to users who signed in through allauth with two-factor authentication in this
    session (not required in the demo).

    Other users get 404 under /cms/, before Wagtail is called. Wagtail's own sign-in and password pages and
    its list of accounts are shadowed: personal data is handled under /desk/ and /office/, whose views check
    the role.
    """

    SHADOWED = (
        "/cms/login/",
        "/cms/password_reset/",
        "/cms/users/",
        "/cms/bulk/academy/",
        "/cms/account/change_password/",
    )

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        path = request.path_info
        if is_private(path) and request.user.is_authenticated and not lock.may_pass(path):
            if self.is_staff_room(path):
                lock.note_presence(request)
            if lock.is_locked(request):
                return typed_too_late(request, "account_reauthenticate") or redirect("office_locked")
        if not path.startswith("/cms/"):
            if self.is_staff_room(path) and roles_of(request.user) and needs_second_factor(request):
                return redirect("mfa_index")
            return self.get_response(request)
        if path == "/cms/logout/":
            return redirect("account_logout")
        if not request.user.is_authenticated:
            return redirect_to_login(
                "/cms/" if path.startswith(self.SHADOWED) else request.get_full_path(),
                reverse("account_login"),
            )
        if path.startswith(self.SHADOWED) or not request.user.has_perm("wagtailadmin.access_admin"):
            return page_not_found(request, Http404())
        if needs_second_factor(request):
            return redirect("mfa_index")
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Keep submitted form data when the session ended while a form was being filled in (after the CSRF
        check).
        """
        if (
            request.path_info.split("/", 3)[2:3] in (["family"], ["desk"], ["office"])
            and not request.user.is_authenticated
        ):
            return typed_too_late(request, "account_login")
        return None

    @staticmethod
    def is_staff_room(path: str) -> bool:
        parts = path.split("/", 3)
        return parts[1] in LANGUAGES and len(parts) > 2 and parts[2] in {"desk", "office"}
