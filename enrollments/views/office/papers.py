"""What the office prints: day pack, timetable of a week, spreadsheet of a session."""

from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.models import Session
from enrollments.classes.schedule import desk_days
from enrollments.models import ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from enrollments.printing import sheets, spreadsheets
from enrollments.printing.pdf import as_pdf
from enrollments.privacy import access_log
from enrollments.views.paper_responses import file_response
from home.database.replica import reads_replica


@role_required(FRONT_DESK, MANAGER)
@require_safe
@reads_replica
def day_pack(request, kind="page"):
    """Return a day's documents for an office without network: sign-in sheets, evacuation list, slips.

    Access is recorded.
    """
    at = timezone.now()
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = timezone.localdate(at)
    first, last = desk_days(timezone.localdate(at))
    if not first <= day <= last and not has_role(request.user, MANAGER):
        raise Http404
    printed, children = sheets.day_pack(day, at)
    access_log.record_read(ReadRecord.What.ROSTER, children=children, by=request.user, at=at)
    words = sheets.made_words(at)
    if kind == "pdf":
        title = _("Day pack") + f" {day:%Y-%m-%d}"
        return file_response(
            as_pdf(printed, language=get_language(), title=title, made_at=at, words=words),
            f"day-{day:%Y-%m-%d}.pdf",
        )
    return render(
        request, "enrollments/office/day_pack.html", {"sheets": printed, "day": day, "words": words}
    )


@role_required(FRONT_DESK, MANAGER)
@require_safe
@reads_replica
def week_paper(request, kind="page"):
    """Return the timetable of the week containing `day`, for the door; without children."""
    at = timezone.now()
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = timezone.localdate(at)
    monday = day - timedelta(days=day.weekday()) if day.toordinal() > 7 else day
    printed = sheets.week(monday)
    if kind == "pdf":
        title = _("Weekly timetable") + f" {monday:%Y-%m-%d}"
        return file_response(
            as_pdf(printed, language=get_language(), title=title, made_at=at), f"week-{monday:%Y-%m-%d}.pdf"
        )
    return render(request, "enrollments/office/week.html", {"sheets": printed, "monday": monday})


@role_required(MANAGER)
@require_safe
@reads_replica
def session_export(request, session_id):
    """Export a session's roster as a spreadsheet, managers only: every cell is text (trust 26). Recorded."""
    at = timezone.now()
    session = get_object_or_404(Session.objects.with_facts(), pk=session_id)
    body, children = spreadsheets.session_sheet(session, timezone.localdate(at))
    access_log.record_read(ReadRecord.What.EXPORT, children=children, by=request.user, at=at)
    response = HttpResponse(
        body, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="session-{session.pk}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response
