"""An instructor's classes in a calendar program."""

from django.views.decorators.http import require_http_methods

from enrollments.permissions import INSTRUCTOR, role_required
from enrollments.views.calendar_pages import answer_feed_form, show_feeds
from enrollments.views.lock_timeouts import patiently


@role_required(INSTRUCTOR)
@require_http_methods(["GET", "POST"])
@patiently
def desk_calendar(request):
    """Show the same for the classes an instructor teaches."""
    if request.method == "POST":
        return answer_feed_form(request, None, "desk_calendar")
    return show_feeds(request, [None], "enrollments/desk/calendar.html")
