"""Safety notes in the office: opened with a reason, each access recorded and shown to the family (domain
§6).
"""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrollments.families import safety_notes
from enrollments.forms.safety_notes import NoteForm
from enrollments.models import ReadRecord, SafetyNote
from enrollments.permissions import FRONT_DESK, MANAGER, files_open_to, role_required
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently

REASONS = [choice for choice in ReadRecord.Reason.choices if choice[0]]


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def office_safety_note(request, child_id):
    """Ask for a reason, then show the note. A note that cannot be decrypted says so, and is recorded too."""
    child = get_object_or_404(files_open_to(request.user), pk=child_id)
    note = SafetyNote.objects.filter(child=child).first()
    reason, fault, parts, unreadable = request.POST.get("reason", ""), "", [], False
    if request.method == "POST":
        if reason not in dict(REASONS):
            fault, reason = _("Choose why you are opening the note."), ""
        elif note:
            access_log.record_read(
                ReadRecord.What.SAFETY_NOTE,
                children=[child],
                by=request.user,
                at=timezone.now(),
                reason=reason,
            )
            try:
                told = safety_notes.open_note(note)
            except safety_notes.Unreadable:
                unreadable = True
            else:
                parts = [(NoteForm.base_fields[name].label, text) for name, text in told.items() if text]
    context = {
        "child": child,
        "has_note": bool(note),
        "reasons": REASONS,
        "fault": fault,
        "chosen": reason,
        "parts": parts,
        "unreadable": unreadable,
        "is_open": bool(reason),
    }
    return render(request, "enrollments/office/safety_note.html", context, status=422 if fault else 200)
