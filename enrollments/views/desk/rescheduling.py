"""Move or cancel a class on the phone: reason, new time, preview of the messages, done.

And its instructors.
"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Meeting
from courses.timetable import scheduling
from courses.timetable.closing import closed_without
from courses.timetable.scheduling import Slot
from enrollments.classes import change_notices, rescheduling
from enrollments.classes.schedule import class_meetings
from enrollments.letters import delivery, outbox
from enrollments.models import Letter
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required, roster_window
from enrollments.views.class_access import open_meeting
from enrollments.views.lock_timeouts import patiently
from home.confirmation import mark_of, unread
from home.language.alphabet import in_alphabet
from home.language.typed_dates import read_day, read_time

OTHER = "other"  # a day and time of one's own


@role_required(INSTRUCTOR, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_move(request, meeting_id):
    """Choose, preview the messages in three languages, apply; then show the delivery list."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    if not rescheduling.may_move(request.user, meeting, at):
        raise Http404
    slots, fault, chosen = rescheduling.free_slots(meeting, at), "", None
    typed = {name: request.POST.get(name, "") for name in ("slot", "reason", "words", "day", "time")}
    context, status = {}, 200
    if request.method == "POST":
        reason = rescheduling.reason_of(typed["reason"], typed["words"])
        try:
            slot = _slot(typed, slots, meeting)
            if not reason:
                raise ValidationError(_("Enter a reason. Families will read it."))
            cautions = (
                rescheduling.cautions_about(meeting, slot, at) if slot else closed_without([meeting], at)
            )
            seen, is_asked = request.POST.get("seen", ""), request.POST.get("act") == "do"
            if is_asked and not (fault := unread(cautions, seen)):
                count = rescheduling.reschedule(meeting, slot, reason=reason, at=at, seen=seen)
                told = ngettext("%(count)s email is being sent.", "%(count)s emails are being sent.", count)
                messages.success(request, told % {"count": count})
                return redirect("desk_told", meeting_id=meeting.pk)
        except ValidationError as problem:
            fault = " ".join(problem.messages)
        except scheduling.Refused as refusal:
            fault = str(refusal)
        else:
            change = rescheduling.change_of(meeting, slot)
            context = change_notices.preview([change], reason=reason, at=at)
            context |= {"slot": slot, "cautions": cautions, "cautions_mark": mark_of(cautions)}
            chosen = typed["slot"]
        status = 422 if fault or request.POST.get("act") == "do" else 200
    context |= {
        "meeting": meeting,
        "session": meeting.session,
        "slots": [(f"{slot.on}.{slot.starts:%H:%M}", slot) for slot in slots],
        "reasons": rescheduling.REASONS,
        "fault": fault,
        "typed": typed,
        "chosen": chosen,
    }
    return render(request, "enrollments/desk/move.html", context, status=status)


def _slot(typed: dict[str, str], slots: list[Slot], meeting: Meeting) -> Slot | None:
    """Return the chosen or typed time; None for "cancel". Raises ValidationError with a sentence."""
    asked = typed["slot"]
    if asked == "cancel":
        return None
    if asked == OTHER:
        slot = rescheduling.slot_at(meeting, read_day(typed["day"]), read_time(typed["time"]))
        if slot is None:
            raise ValidationError(_("A class would run past midnight."))
        return slot
    found = next((slot for slot in slots if f"{slot.on}.{slot.starts:%H:%M}" == asked), None)
    if found is None:
        raise ValidationError(_("Choose another time, or choose to cancel."))
    return found


@role_required(INSTRUCTOR, MANAGER)
@never_cache
@require_safe
def class_told(request, meeting_id):
    """Show who received the news of a moved or cancelled class."""
    at = timezone.now()
    rows = Meeting.objects.select_related("session__course", "room__venue").filter(
        session__published_at__isnull=False
    )
    meeting = get_object_or_404(rows, pk=meeting_id)
    begins, ends = roster_window(at)
    if not has_role(request.user, MANAGER) and not (
        request.user in meeting.teachers and begins <= meeting.starts_at <= ends
    ):
        raise Http404
    rows = Letter.objects.filter(meeting=meeting, kind="classes_changed").select_related("recipient")
    told = outbox.delivery(in_alphabet(rows, "recipient__name"), delivery.masked_body)
    is_open = class_meetings(request.user, at).filter(pk=meeting.pk).exists()
    return render(
        request,
        "enrollments/desk/told.html",
        {"meeting": meeting, "session": meeting.session, "rows": told, "is_open": is_open},
    )


@role_required(FRONT_DESK, MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def class_teachers(request, meeting_id):
    """Assign this class's instructors: a substitute gets access immediately, the other loses it."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    people = rescheduling.who_could_teach(meeting, at)
    named, fault, cautions, status = {person.pk for person in meeting.teachers}, "", [], 200
    if request.method == "POST":
        wanted = set(request.POST.getlist("person"))
        chosen = [(person, verdict) for person, verdict in people if str(person.pk) in wanted]
        named = {person.pk for person, _verdict in chosen}
        # an empty list leaves the class to the session's instructors
        asked = chosen or [row for row in people if row[0] in set(meeting.session.instructors.all())]
        cautions = [line for _person, verdict in asked for line in verdict.cautions]
        fault = " ".join(line for _person, verdict in asked for line in verdict.errors)
        if not fault and not unread(cautions, request.POST.get("seen")):
            try:
                scheduling.assign(meeting, [person for person, _verdict in chosen], at=at)
            except scheduling.Refused as refusal:
                fault = str(refusal)
            else:
                messages.success(request, _("Saved. The class is now shown on their page."))
                return redirect("desk_register", meeting_id=meeting.pk)
        status = 422
    context = {
        "meeting": meeting,
        "session": meeting.session,
        "people": people,
        "named": named,
        "fault": fault,
        "cautions": [] if fault else cautions,
        "cautions_mark": mark_of(cautions),
    }
    return render(request, "enrollments/desk/teachers.html", context, status=status)
