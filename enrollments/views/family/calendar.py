"""A family's classes in a calendar program: a private address, or a file of today."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Meeting
from enrollments.models import Child, Enrollment
from enrollments.views.calendar_pages import answer_feed_form, calendar_file, course_pages, show_feeds
from enrollments.views.lock_timeouts import patiently
from home.language.dates import key_in


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def family_calendar(request):
    """Show one address for each child, and what it contains."""
    if request.method == "POST":
        child = get_object_or_404(Child.objects.of(request.user), pk=key_in(request.POST.get("child")))
        return answer_feed_form(request, child, "family_calendar")
    return show_feeds(
        request,
        list(Child.objects.of(request.user).order_by("birth_date", "pk")),
        "enrollments/family/calendar.html",
    )


@login_required
@require_safe
def reference_calendar(request, reference):
    """Return the classes of a reference as a file, a snapshot that does not update."""
    rows = Enrollment.objects.of(request.user).filter(reference=reference, state=Enrollment.State.SEATED)
    sessions = set(rows.values_list("session_id", flat=True))
    if not sessions:
        raise Http404
    meetings = Meeting.objects.filter(session__in=sessions).select_related(
        "session__course", "room__venue", "lesson"
    )
    from enrollments.calendars import ics  # loads icalendar, which no page needs

    body = ics.calendar(
        meetings.order_by("starts_at", "pk"),
        name=_("Active Labs: classes"),
        at=timezone.now(),
        pages=course_pages(get_language()),
    )
    return calendar_file(body, f"active-labs-{reference.lower()}.ics")
