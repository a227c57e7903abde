"""Site-wide views: language redirect, post-sign-in redirect, account details, theme and error pages."""

import sys
from datetime import UTC, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    HttpResponseServerError,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from academy.expired import kept_of
from academy.middleware import THEMES
from enrollments.families import guardian_accounts
from enrollments.families.agenda import is_urgent_today
from enrollments.forms.office.families import ContactForm
from enrollments.models import PolicyVersion
from enrollments.permissions import EDITOR, roles_of
from enrollments.staff.tabs import team_room
from home.database.away import is_away
from home.files.reach import Away
from home.forms_only import form_of
from home.language.table import LANGUAGES
from home.models import AcademySettings


@require_safe
def first_page(request):
    """Redirect / to the browser's language, French by default."""
    wish = get_language_from_request(request)[:2]
    response = redirect(f"/{wish if wish in LANGUAGES else 'fr'}/")
    response["Vary"] = "Accept-Language"
    return response


@login_required
def welcome(request):
    """Redirect each user after sign-in to their own area, in their own language."""
    room = team_room(request.user) or "family"
    if room == "family" and EDITOR in roles_of(request.user):
        return redirect("wagtailadmin_home")
    at = timezone.now()
    if (
        room == "family"
        and PolicyVersion.objects.are_outstanding(request.user, at)
        and not is_urgent_today(request.user, at)
    ):
        return redirect("consents")  # urgent news of today comes first; the family page asks then
    return redirect(room)


@login_required
@require_http_methods(["GET", "POST"])
def details(request):
    """Edit the user's own name, phone and language of emails."""
    user = request.user
    told = {
        "name": user.name,
        "phone": user.phone,
        "language": user.language,
    }
    form = ContactForm(request.POST or None, initial=told)
    form.fields["name"].label = _("Your name")
    if form.is_valid():
        guardian_accounts.change_contact(user, **form.cleaned_data, by=user, at=timezone.now())
        messages.success(request, _("Corrected."))
        return redirect("account_details")
    return render(
        request, "account/details.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@login_required
@form_of("usersessions_list")
def end_login(request, login_id):
    """End one of the user's own sessions, on any device."""
    get_object_or_404(UserSession, pk=login_id, user=request.user).end()
    messages.success(request, _("That device has been signed out."))
    return redirect("usersessions_list")


@require_safe
def security_txt(request):
    """Tell finders of a vulnerability whom to write to (RFC 9116), for a year from now."""
    expires = timezone.now().replace(microsecond=0) + timedelta(days=365)
    address = AcademySettings.ours().email or settings.DEFAULT_FROM_EMAIL
    lines = [
        f"Contact: mailto:{address}",
        f"Expires: {expires.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, ar, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def change_password(request):
    """Lead password managers to the page where a password is changed (W3C, A Well-Known URL for Changing
    Passwords).
    """
    return HttpResponseRedirect(reverse("account_change_password"))


@require_safe
def theme(request):
    """Store the visitor's theme in a cookie and return to the page."""
    choice, back = request.GET.get("theme", "auto"), request.GET.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(back if safe and back.startswith("/") else "/")
    if choice in THEMES:
        response.set_cookie("theme", choice, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.HTTPS)
    return response


def not_found(request, exception=None):
    """Render 404 in the language of the URL."""
    language = request.path_info[1:3]
    with translation.override(language if language in LANGUAGES else "fr"):
        return render(request, "404.html", status=404)


def unreadable(request, exception=None):
    """Render 400 in three languages. Who signed out in another tab while this request was answered is not at
    fault: they are led to sign in.
    """
    if isinstance(exception, SessionInterrupted):
        here = request.get_full_path() if request.method == "GET" else reverse("welcome")
        return redirect_to_login(here, reverse("account_login"))
    return HttpResponseBadRequest(get_template("400.html").render({}))


def fault(request):
    """Render 500 in three languages, without a database; 503 with what was typed when it is such a server
    that is at fault, and not the site.
    """
    found = sys.exc_info()[1]
    if not isinstance(found, Away) and not is_away(found):
        return HttpResponseServerError(get_template("500.html").render({}))
    try:
        kept = kept_of(request) if request.method == "POST" else []
    except (OSError, SuspiciousOperation, RequestDataTooBig):  # the form itself could not be read
        kept = []
    page = get_template("503.html").render({"kept": kept, "address": request.get_full_path()}, request)
    return HttpResponse(page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})


@require_safe
def manifest(request, language):
    """Return the web-app manifest: name, colour, icons.

    It opens the user's own area, or an instructor's current class.
    """
    if language not in LANGUAGES:
        raise Http404
    icons = [
        {
            "src": static(f"academy/img/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any",
        }
        for size in (192, 512)
    ]
    return JsonResponse(
        {
            "name": "Active Labs",
            "short_name": "Active Labs",
            "lang": language,
            "dir": LANGUAGES[language].direction,
            "start_url": f"/{language}/welcome/",
            "scope": f"/{language}/",
            "display": "minimal-ui",
            "background_color": "#FBF9F4",
            "theme_color": "#1F4FD8",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@require_safe
def favicon(request):
    return redirect(static("academy/img/favicon.svg"), permanent=False)


@require_safe
def robots(request):
    lines = [
        "User-agent: *",
        *(
            f"Disallow: /{language}/{room}/"
            for language in LANGUAGES
            for room in ("account", "family", "desk", "office")
        ),
    ]
    lines += ["Disallow: /cms/", "Disallow: /mailbox/", f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")
