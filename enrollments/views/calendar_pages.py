"""What the calendar pages of a family and of an instructor share."""

from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.catalogue.course_cards import told
from enrollments.calendars import feeds
from enrollments.models import Child

SHOWN_ONCE = "calendar_link"


def feed_addresses(token: str) -> dict[str, str]:
    """Return the address in each app's format."""
    link = settings.SITE_URL + reverse("calendar_feed", args=[token])
    webcal = "webcal://" + link.split("://", 1)[1]
    return {
        "link": link,
        "webcal": webcal,
        "google": f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
    }


def answer_feed_form(request, child: Child | None, here: str):
    """Create or close the address for these classes, depending on the button."""
    at = timezone.now()
    if request.POST.get("act") == "end":
        for feed in feeds.open_feeds(request.user, at).filter(child=child):
            feeds.end(feed, at=at)
        messages.success(request, _("This calendar address no longer works."))
    else:
        _feed, token = feeds.open_feed(request.user, child, at=at)
        request.session[SHOWN_ONCE] = [child.pk if child else 0, token]  # shown once, then forgotten
    return redirect(here)


def show_feeds(request, children: list, template: str):
    at = timezone.now()
    opened = {feed.child_id: feed for feed in feeds.open_feeds(request.user, at)}
    number, token = request.session.pop(SHOWN_ONCE, [None, ""])
    rows = []
    for child in children:
        key = child.pk if child else None
        fresh = token if token and number == (key or 0) else ""
        rows.append(
            {"child": child, "feed": opened.get(key), "addresses": feed_addresses(fresh) if fresh else None}
        )
    return render(request, template, {"rows": rows})


def calendar_file(body: bytes, name: str = "") -> HttpResponse:
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["X-Robots-Tag"], response["Referrer-Policy"], response["Cache-Control"] = (
        "noindex",
        "no-referrer",
        "private, no-cache",
    )
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def course_pages(language: str) -> dict[int, str]:
    return {pk: settings.SITE_URL + course.url for pk, course in told(language).items()}
