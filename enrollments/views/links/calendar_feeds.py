"""The calendar a program reads again and again, at a private address."""

import hashlib

from django.http import Http404, HttpResponseNotModified
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from enrollments.calendars import feeds
from enrollments.views.calendar_pages import calendar_file, course_pages


@require_safe
def calendar_feed(request, token):
    """Serve the calendar to apps: no sign-in, the token grants access.

    The body is unchanged until something changes (ETag).
    """
    at = timezone.now()
    feed = feeds.find(token, at)
    if feed is None:
        raise Http404
    with override(feed.owner.language):
        meetings = feeds.meetings_for(feed.owner, feed.child, at)
        name = _("Active Labs: classes") if feed.child else _("Active Labs: classes I teach")
        from enrollments.calendars import ics  # loads icalendar, which no page needs

        body = ics.calendar(meetings, name=name, at=feed.created_at, pages=course_pages(feed.owner.language))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = calendar_file(body)
    response["ETag"] = tag
    return response
