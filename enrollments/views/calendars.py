"""Classes in a calendar program: an address of one's own that it reads again and again, or a file of today."""

import hashlib
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.catalogue.course_cards import told
from courses.models import Meeting
from enrollments.calendars import feeds, ics
from enrollments.models import Child, Enrollment
from enrollments.permissions import INSTRUCTOR, role_required
from home.language.dates import key_in

SHOWN_ONCE = "calendar_link"


def _addresses(token: str) -> dict[str, str]:
    """The same address as each program wants it."""
    link = settings.SITE_URL + reverse("calendar_feed", args=[token])
    webcal = "webcal://" + link.split("://", 1)[1]
    return {"link": link, "webcal": webcal, "google": f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}"}


def _answered(request, child: Child | None, here: str):
    """Open or end the address for these classes, as the button says."""
    at = timezone.now()
    if request.POST.get("act") == "end":
        for feed in feeds.open_feeds(request.user, at).filter(child=child):
            feeds.end(feed, at=at)
        messages.success(request, _("The address no longer works."))
    else:
        _feed, token = feeds.open_feed(request.user, child, at=at)
        request.session[SHOWN_ONCE] = [child.pk if child else 0, token]  # shown once, then forgotten
    return redirect(here)


@login_required
@require_http_methods(["GET", "POST"])
def family_calendar(request):
    """One address for each child; what it shows and what it does not."""
    if request.method == "POST":
        child = get_object_or_404(Child.objects.of(request.user), pk=key_in(request.POST.get("child")))
        return _answered(request, child, "family_calendar")
    return _shown(request, list(Child.objects.of(request.user).order_by("birth_date", "pk")), "enrollments/family/calendar.html")


@role_required(INSTRUCTOR)
@require_http_methods(["GET", "POST"])
def desk_calendar(request):
    """The same for the classes one teaches."""
    if request.method == "POST":
        return _answered(request, None, "desk_calendar")
    return _shown(request, [None], "enrollments/desk/calendar.html")


def _shown(request, children: list, template: str):
    at = timezone.now()
    opened = {feed.child_id: feed for feed in feeds.open_feeds(request.user, at)}
    number, token = request.session.pop(SHOWN_ONCE, [None, ""])
    rows = []
    for child in children:
        key = child.pk if child else None
        fresh = token if token and number == (key or 0) else ""
        rows.append({"child": child, "feed": opened.get(key), "addresses": _addresses(fresh) if fresh else None})
    return render(request, template, {"rows": rows})


def _file(body: bytes, name: str = "") -> HttpResponse:
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["X-Robots-Tag"], response["Referrer-Policy"], response["Cache-Control"] = (
        "noindex",
        "no-referrer",
        "private, no-cache",
    )
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _pages(language: str) -> dict[int, str]:
    return {pk: settings.SITE_URL + course.url for pk, course in told(language).items()}


@require_safe
def calendar_feed(request, token):
    """What a calendar program reads: no login, the token is the key. The same body until something changes (ETag)."""
    at = timezone.now()
    feed = feeds.find(token, at)
    if feed is None:
        raise Http404
    with override(feed.owner.language):
        meetings = feeds.meetings_for(feed.owner, feed.child, at)
        name = _("Active Labs: classes") if feed.child else _("Active Labs: I teach")
        body = ics.calendar(meetings, name=name, at=feed.created_at, pages=_pages(feed.owner.language))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = _file(body)
    response["ETag"] = tag
    return response


@login_required
@require_safe
def reference_calendar(request, reference):
    """The classes of a reference as a file: of today, it does not follow changes."""
    rows = Enrollment.objects.of(request.user).filter(reference=reference, state=Enrollment.State.SEATED)
    sessions = set(rows.values_list("session_id", flat=True))
    if not sessions:
        raise Http404
    meetings = Meeting.objects.filter(session__in=sessions).select_related("session__course", "room__venue", "lesson")
    body = ics.calendar(
        meetings.order_by("starts_at", "pk"), name=_("Active Labs: classes"), at=timezone.now(), pages=_pages(get_language())
    )
    return _file(body, f"active-labs-{reference.lower()}.ics")
