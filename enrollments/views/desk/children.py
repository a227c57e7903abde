"""One child of a class, one tap away: whom to call, who collects, the safety note, going home."""

from uuid import UUID, uuid4

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enrollments.classes import dismissal, pickup_passes, register
from enrollments.classes.schedule import class_meetings
from enrollments.families import consents, pickup, safety_notes
from enrollments.forms.safety_notes import NoteForm
from enrollments.learning import term_report
from enrollments.models import (
    Barring,
    PickupPass,
    Presence,
    ReadRecord,
    SafetyNote,
)
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.class_access import line_of, open_meeting, refusal_words
from enrollments.views.lock_timeouts import patiently
from enrollments.views.redirects import back_to
from home.forms_only import form_of
from home.language.dates import key_in

Home = Presence.Home


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_child(request, meeting_id, child_id):
    """Show whom to call and who collects. POST records who took the child home. Access is recorded."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    line = line_of(meeting, child_id)
    fault, chosen = "", ""
    if request.method == "POST":
        fault = _send_home(request, meeting, line, at)
        if not fault:
            return HttpResponseRedirect(back_to(request, reverse("desk_register", args=[meeting.pk])))
        chosen = request.POST.get("home", "")
    access_log.record_read(ReadRecord.What.FILE, children=[line.child], by=request.user, at=at)
    barrings = list(Barring.objects.filter(child=line.child, lifted_at=None))
    pickup.note_contacts([line.child])
    allowed = consents.purposes_allowed([line.child], at)[line.child.pk]
    context = {
        "meeting": meeting,
        "session": meeting.session,
        "line": line,
        "child": line.child,
        "presence": line.presence,
        "takers": dismissal.takers([line.child])[line.child.pk],
        "barrings": barrings,
        "fault": fault,
        "chosen": chosen,
        "typed": request.POST.get("name", ""),
        "has_called": bool(request.POST.get("called")),
        "has_seen_paper": bool(request.POST.get("paper")),
        "next": back_to(request, ""),
        "key": uuid4(),
        "steps": dismissal.late_steps(line.child, meeting, at),
        "has_project_photos": consents.PROJECT_PHOTOS in allowed,
        "has_class_pictures": consents.CLASS_PICTURES in allowed,
        "has_report": meeting.session.term in term_report.terms_of(line.child, at),
        "passes": pickup_passes.valid_on(line.child, timezone.localdate(at)),
        "may_leave": line.presence.is_in_room,
    }
    return render(request, "enrollments/desk/child.html", context, status=422 if fault else 200)


def _send_home(request, meeting, line, at) -> str:
    """Return the error message; empty if saved."""
    home, _dot, who = request.POST.get("home", "").partition(".")
    if home == Home.OTHER and not (request.POST.get("called") and request.POST.get("paper")):
        return _(
            "Call a guardian on the number shown here and check an identity document. Then tick both boxes."
        )
    try:
        key = UUID(request.POST.get("key", ""))
        if home == Home.PASS:
            row = get_object_or_404(PickupPass, child=line.child, pk=int(who))
            pickup_passes.hand_over(row, meeting, key=key, by=request.user, at=at)
        else:
            dismissal.send_home(
                meeting, line.child.pk, home=home, who=key_in(who),
                name=request.POST.get("name", ""), key=key, by=request.user, at=at,
            )  # fmt: skip
    except ValueError:
        return refusal_words(register.Reason.NOT_ALLOWED)
    except register.Conflict as conflict:
        return _("A colleague recorded at %(hour)s that the child has gone home. Check again.") % {
            "hour": f"{timezone.localtime(conflict.presence.went_at):%H:%M}"
        }
    except pickup_passes.Refused:
        return _("This pass is no longer valid.")
    except register.Refused as refusal:
        if refusal.code is register.Reason.BARRED:
            dismissal.alert(line.child, meeting, at=at)
        return refusal_words(refusal.code)
    messages.success(request, _("%(child)s has gone home.") % {"child": line.shown})
    return ""


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@form_of("desk_child", "meeting_id", "child_id")
@patiently
def class_child_back(request, meeting_id, child_id):
    """Undo a departure recorded by mistake."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    line = line_of(meeting, child_id)
    dismissal.not_gone(meeting, child_id, key=uuid4(), by=request.user, at=at)
    messages.success(request, _("%(child)s is here.") % {"child": line.shown})
    return redirect("desk_child", meeting_id=meeting.pk, child_id=child_id)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
@reauthentication_required
def class_child_note(request, meeting_id, child_id):
    """Show the safety note of a child in this class, after reauthenticating; each access is recorded and
    shown to the family.
    """
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    line = line_of(meeting, child_id)
    if request.user not in meeting.teachers:  # the office gives its reason there
        return redirect("office_safety_note", child_id=line.child.pk)
    note = SafetyNote.objects.filter(child=line.child).first()
    parts, unreadable = [], False
    if note:
        reason = ReadRecord.Reason.CLASS_TODAY
        access_log.record_read(
            ReadRecord.What.SAFETY_NOTE, children=[line.child], by=request.user, at=at, reason=reason
        )
        try:
            parts = [
                (NoteForm.base_fields[name].label, text)
                for name, text in safety_notes.open_note(note).items()
                if text
            ]
        except safety_notes.Unreadable:
            unreadable = True
    pickup.note_contacts([line.child])
    context = {
        "meeting": meeting,
        "line": line,
        "child": line.child,
        "note": note,
        "parts": parts,
        "unreadable": unreadable,
    }
    return render(request, "enrollments/desk/note.html", context)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def evacuation(request):
    """Show who is in which room now: first name and initial only; for the user's classes, or all for the
    office.
    """
    at = timezone.now()
    rooms = dismissal.in_the_house(class_meetings(request.user, at), at)
    access_log.record_read(
        ReadRecord.What.ROSTER,
        children=[pk for _meeting, there in rooms for pk in there],
        by=request.user,
        at=at,
    )
    shown = [(meeting, list(there.values())) for meeting, there in rooms]
    return render(
        request,
        "enrollments/desk/evacuation.html",
        {"rooms": shown, "at": at, "total": sum(len(names) for _m, names in shown)},
    )
