"""What is printed for one class."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.printing import sheets
from enrollments.printing.pdf import as_pdf
from enrollments.privacy import access_log
from enrollments.views.class_access import open_meeting
from enrollments.views.paper_responses import file_response


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@require_safe
def class_papers(request, meeting_id, kind="page"):
    """Return one class's documents: sign-in sheet, evacuation list, badges. Access is recorded."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    printed, children = sheets.class_papers(meeting)
    access_log.record_read(ReadRecord.What.ROSTER, children=children, by=request.user, at=at)
    words = sheets.made_words(at)
    if kind == "pdf":
        title = f"{meeting.session.course.title} {meeting.on:%Y-%m-%d}"
        return file_response(
            as_pdf(printed, language=get_language(), title=title, made_at=at, words=words),
            f"class-{meeting.on:%Y-%m-%d}.pdf",
        )
    return render(
        request, "enrollments/desk/papers.html", {"sheets": printed, "meeting": meeting, "words": words}
    )
