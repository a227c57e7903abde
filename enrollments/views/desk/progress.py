"""What a child of a class has learned over time, for who teaches it, a substitute included."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.class_access import line_of, open_meeting
from enrollments.views.learning_pages import learned


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def class_child_progress(request, meeting_id, child_id):
    """Show a child's skills, classes and notes, as its family reads them. Access is recorded."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    line = line_of(meeting, child_id)
    access_log.record_read(ReadRecord.What.FILE, children=[line.child], by=request.user, at=at)
    context = {"meeting": meeting, "session": meeting.session, "line": line, "child": line.child}
    return render(request, "enrollments/desk/progress.html", context | learned(line.child, at))
