"""Move or cancel a class on the phone: reason, new time, preview of the messages, done.

And its instructors.
"""

from datetime import date, time

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Meeting
from courses.timetable import scheduling
from courses.timetable.scheduling import Slot
from enrollments.classes import change_notices, rescheduling
from enrollments.classes.schedule import class_meetings
from enrollments.letters import delivery, outbox
from enrollments.models import Letter
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required, roster_window
from enrollments.views.class_access import open_meeting
from enrollments.views.lock_timeouts import patiently


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
    asked, code, typed = (
        request.POST.get("slot", ""),
        request.POST.get("reason", ""),
        request.POST.get("words", ""),
    )
    context, status = {}, 200
    if request.method == "POST":
        slot, reason = _slot(asked, slots), rescheduling.reason_of(code, typed)
        if slot == "":
            fault = _("Choose another time, or choose to cancel.")
        elif not reason:
            fault = _("Enter a reason. Families will read it.")
        elif request.POST.get("act") == "do":
            try:
                count = rescheduling.reschedule(meeting, slot, reason=reason, at=at)
            except scheduling.Refused as refusal:
                fault = str(refusal)
            else:
                told = ngettext(
                    "%(count)s email is being sent.", "%(count)s emails are being sent.", count
                ) % {"count": count}
                messages.success(request, told)
                return redirect("desk_told", meeting_id=meeting.pk)
        else:
            context, chosen = _preview(meeting, slot, reason, at), asked
        status = 422 if fault else 200
    context |= {
        "meeting": meeting,
        "session": meeting.session,
        "slots": [(f"{slot.on}.{slot.starts:%H:%M}", slot) for slot in slots],
        "reasons": rescheduling.REASONS,
        "fault": fault,
        "asked": asked,
        "code": code,
        "typed": typed,
        "chosen": chosen,
    }
    return render(request, "enrollments/desk/move.html", context, status=status)


def _slot(asked: str, slots: list[Slot]) -> Slot | str | None:
    """Return the chosen time, None for "cancel", "" for neither."""
    if asked == "cancel":
        return None
    day, _dot, hour = asked.partition(".")
    try:
        wanted = date.fromisoformat(day), time.fromisoformat(hour)
    except ValueError:
        return ""
    return next((slot for slot in slots if (slot.on, slot.starts) == wanted), "")


def _preview(meeting: Meeting, slot: Slot | None, reason, at) -> dict:
    found = change_notices.concerned([rescheduling.change_of(meeting, slot)])
    if not found:
        return {"readers": 0, "letters": [], "slot": slot}
    guardian = next(iter(found))
    lines = found[guardian]
    words = {"lines": lines, "reason": reason, "child": lines[0].child, "reader": guardian}
    return {
        "readers": len(found),
        "letters": outbox.previews("classes_changed", at=at, **words),
        "slot": slot,
    }


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
    rows = (
        Letter.objects.filter(meeting=meeting, kind="classes_changed")
        .select_related("recipient")
        .order_by("recipient__name", "pk")
    )
    told = outbox.delivery(rows, delivery.masked_body)
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
    people = rescheduling.who_could_teach(meeting)
    fault = ""
    if request.method == "POST":
        wanted = set(request.POST.getlist("person"))
        chosen = [person for person, _held in people if str(person.pk) in wanted]
        try:
            scheduling.assign(meeting, chosen, at=at)
        except scheduling.Refused as refusal:
            fault = str(refusal)
        else:
            messages.success(request, _("Saved. The class is now shown on their page."))
            return redirect("desk_register", meeting_id=meeting.pk)
    named = {person.pk for person in (chosen if fault else meeting.teachers)}
    context = {
        "meeting": meeting,
        "session": meeting.session,
        "people": people,
        "named": named,
        "fault": fault,
    }
    return render(request, "enrollments/desk/teachers.html", context, status=422 if fault else 200)
