"""What every request passes: the visitors' short memory, the headers, the theme, the staff door."""

import gzip

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
from enrollments.permissions import roles_of
from home.language.table import LANGUAGES

PRIVATE = ("account", "family", "desk", "office", "card", "team", "offers", "letters")
TRY_AGAIN = 600  # seconds: the longest window of settings.ACCOUNT_RATE_LIMITS a person meets
THEMES = ("auto", "light", "dark")

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
    """Whether this address belongs to somebody: accounts, families, desk, office, CMS, letters."""
    parts = path.split("/", 3)
    return parts[1] in {"cms", "mailbox"} or (
        parts[1] in LANGUAGES and len(parts) > 2 and parts[2] in PRIVATE
    )


def theme_of(request) -> str:
    """auto, light or dark: the visitor's choice, in a cookie."""
    choice = request.COOKIES.get("theme", "auto")
    return choice if choice in THEMES else "auto"


class VisitorCache:
    """Gives everybody the same answer to a public address for some seconds: outermost, so that a repeat costs
    nearly nothing.

    A page says itself that it may be shared (`response.visitor_cache`, home.cms.pages): no person, no form
    token, no cookie stands in it. Places shown are at most VISITOR_CACHE_SECONDS old and never used to
    decide.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.pages = caches["pages"]

    def __call__(self, request):
        seconds = settings.VISITOR_CACHE_SECONDS
        if getattr(request, "is_dummy", False):  # the CMS previews a draft at this address
            return self.get_response(request)
        if (
            not seconds
            or (settings.HTTPS and not request.is_secure())  # sent to https by the middleware behind
            or request.method not in {"GET", "HEAD"}
            or request.path_info[1:3] not in LANGUAGES
            or is_private(request.path_info)
        ):
            return self.get_response(request)
        host, partial = request.META.get("HTTP_HOST", ""), request.META.get("HTTP_HX_REQUEST") == "true"
        key = f"{host}|{request.get_full_path()}|{theme_of(request)}|{partial}"
        kept = self.pages.get(key) if len(key) < 300 and key.isprintable() and " " not in key else None
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
            kept = (dict(response.items()), response.content, gzip.compress(response.content, 5))
            self.pages.set(key, kept, seconds)
        headers, plain, packed = kept
        zipped = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
        response = HttpResponse(packed if zipped else plain, headers=headers)
        if zipped:
            response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
        return response


class Headers:
    """The policies of the site: strict everywhere, looser under the CMS only."""

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
    """Tells the templates the theme and whether the page belongs to somebody."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.theme = theme_of(request)
        request.is_private = is_private(request.path_info)
        return self.get_response(request)


class StaffDoor:
    """The doors of the team: through allauth only, with a second factor passed in this login (never asked in
    the demonstration).

    Whoever is not of the team finds nothing under /cms/ (404), before Wagtail is asked; its own login and
    password pages, and the list of accounts, are shadowed: people are worked with under /desk/ and /office/,
    whose views ask for the role.
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
        """A login that ended while a form was being filled in: what was typed stays on the page (after the
        token was looked at).
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
