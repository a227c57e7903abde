"""“Ready for the next level”, said or undone from the page after a class."""

from django.contrib import messages
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollments.classes import next_level
from enrollments.permissions import INSTRUCTOR, MANAGER, role_required
from enrollments.views.class_access import line_of, open_meeting
from enrollments.views.desk.class_reports import answered, ready_place, save_typed, shown_beside
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of
from home.language.dates import key_in

REFUSALS = {
    next_level.Reason.NOT_NEXT: gettext_lazy("This course does not lead there."),
    next_level.Reason.GONE: gettext_lazy("This child’s file has been deleted. Nothing was saved."),
    next_level.Reason.TOO_LATE: gettext_lazy("The family has been told. It can no longer be undone."),
}


@role_required(INSTRUCTOR, MANAGER)
@form_of("desk_after", "meeting_id")
@patiently
def class_next_level(request, meeting_id, child_id):
    """Save what is typed on the page; then record that a child of this class is ready for a course
    (`course`), or undo it (`undo`).
    """
    at, is_undone = timezone.now(), "undo" in request.POST
    meeting = open_meeting(request, meeting_id, at)
    line = line_of(meeting, child_id)
    if newer := save_typed(request, meeting, at):
        return shown_beside(request, meeting, at, newer)
    asked = key_in(request.POST.get("undo" if is_undone else "course"))
    course = next((course for course in next_level.next_courses(meeting) if course.pk == asked), None)
    if course is None:
        raise Http404
    words = {"child": line.shown, "course": course.title}
    try:
        if is_undone:
            if row := next_level.given_in(meeting, [line.child]).get((line.child.pk, course.pk)):
                next_level.undo(row, at=at)
            messages.info(request, _("Undone. The family of %(child)s was not told.") % words)
        else:
            row = next_level.recommend(line.child, course, meeting, by=request.user, at=at)
            if next_level.undoable([row], at):
                said = _("%(child)s is ready for “%(course)s”. We tell the family in an hour.")
            else:
                said = _("%(child)s is ready for “%(course)s”. The family has been told.")
            messages.success(request, said % words)
    except next_level.Refused as refusal:
        messages.error(request, REFUSALS[refusal.code])
    return answered(request, meeting, ready_place(child_id, course.pk))
