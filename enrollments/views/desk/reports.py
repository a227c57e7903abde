"""The report of a term about a child of a class, while the class's roster is open to the reader."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views import certificate_pages, report_pages
from enrollments.views.class_access import open_child


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def class_child_report(request, meeting_id, child_id, kind="page"):
    """Show the report of this class's term about one of its children, or return it as PDF. Recorded."""
    at = timezone.now()
    meeting, line = open_child(request, meeting_id, child_id, at)
    child = line.child
    report = report_pages.found(child, meeting.session.term, at)
    access_log.record_read(ReadRecord.What.REPORT, children=[child], by=request.user, at=at)
    if kind == "pdf":
        return report_pages.paper_response(report)
    context = {
        "child": child,
        "meeting": meeting,
        "report": report,
        "papers": certificate_pages.paper_links("desk_report_pdf", meeting.pk, child.pk),
    }
    return render(request, "enrollments/desk/report.html", context)
