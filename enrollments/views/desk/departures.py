"""The departure list of a class: every child that is here, one tap for each way home that is known.

A plain form whose buttons carry the child and the way, and the endpoint for the same taps. Another adult, or
one with a pass, leads to the child's own page, where a paper is looked at.
"""

from uuid import UUID, uuid4, uuid5

from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.models import Meeting
from enrollments.classes import dismissal, pickup_passes, register, roster
from enrollments.models import Presence, PresenceChange, ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.class_access import UNREADABLE, open_meeting, read_taps, refusal_words
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of
from home.language.dates import clock_words, key_in


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_leaving(request, meeting_id):
    """Show who is here and who has gone, with whom. POST records one departure, or undoes one."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    fault = ""
    if request.method == "POST":
        child_id, fault = _pressed(request, meeting, at)
        if not fault:
            return HttpResponseRedirect(f"{reverse('desk_leaving', args=[meeting.pk])}#child-{child_id}")
    lines = roster.lines(meeting)
    shown = [line for line in lines if line.presence.is_in_room or line.presence.went_home]
    access_log.record_read(
        ReadRecord.What.ROSTER, children=[line.child.pk for line in shown], by=request.user, at=at
    )
    takers = dismissal.takers(line.child for line in shown)
    with_pass = pickup_passes.children_with_one(
        [line.child for line in shown if line.presence.is_in_room], timezone.localdate(at)
    )
    here = [line for line in shown if line.presence.is_in_room]
    context = {
        "meeting": meeting,
        "session": meeting.session,
        "rows": [
            {
                "line": line,
                "takers": takers[line.child.pk],
                "gone": gone_words(line.presence),
                "has_pass": line.child.pk in with_pass,
            }
            for line in shown
        ],
        "here": len(here),
        "unmarked": sum(line.presence.mark == "" for line in lines),
        "steps": dismissal.late_steps(here[0].child, meeting, at) if here else [],
        "fault": fault,
        "key": uuid4(),
        "has_begun": at >= meeting.starts_at,
    }
    return render(request, "enrollments/desk/leaving.html", context, status=409 if fault else 200)


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@form_of("desk_leaving", "meeting_id")
@patiently
def class_leaving_taps(request, meeting_id):
    """Apply the page's taps in order, as the register does; `mark` is the way home ("guardian.3"), "" undoes.

    `gone` of an answer is the departure in words.
    """
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    try:
        sent = read_taps(request.body)
    except UNREADABLE:
        return JsonResponse({"words": refusal_words(register.Reason.NOT_ALLOWED)}, status=422)
    answers = []
    for one in sent:
        child, way, key = one["child"], one["mark"], one["key"]
        try:
            presence, status = _record(meeting, child, way, key, one["seen"], request.user, at), "saved"
            if PresenceChange.objects.filter(key=key).exclude(version=presence.version).exists():
                status = "conflict"  # this tap had arrived before, and a colleague has changed it since
        except register.Conflict as conflict:
            presence, status = conflict.presence, "conflict"
        except register.Refused as refusal:
            answers.append({"child": child, "status": "refused", "words": refusal_words(refusal.code)})
            continue
        mark = way if status == "saved" else "gone" if presence.went_home else ""
        answers.append(
            {
                "child": child,
                "status": status,
                "version": presence.version,
                "mark": mark,
                "gone": gone_words(presence),
            }
        )
    return JsonResponse({"marks": answers})


def _record(meeting: Meeting, child_id: int, way: str, key: UUID, seen: int, by, at) -> Presence:
    """Record the departure, or undo it with "". Raises Conflict or Refused."""
    if not way:
        return dismissal.not_gone(meeting, child_id, key=key, by=by, at=at, seen=seen)
    home, _dot, who = way.partition(".")
    if home not in {Presence.Home.GUARDIAN, Presence.Home.LISTED, Presence.Home.ALONE}:
        raise register.Refused(register.Reason.NOT_ALLOWED)  # the others need the careful form
    try:
        return dismissal.send_home(meeting, child_id, home=home, who=key_in(who), key=key, by=by, at=at)
    except register.Refused as refusal:
        if refusal.code is register.Reason.BARRED:
            child = next(line.child for line in roster.lines(meeting) if line.child.pk == child_id)
            dismissal.alert(child, meeting, at=at)
        raise


def _pressed(request, meeting: Meeting, at) -> tuple[int | None, str]:
    """Apply the pressed button (`go`: child.way); return the child, and what went wrong in words."""
    child_id, _dot, way = request.POST.get("go", "").partition(".")
    line = next((one for one in roster.lines(meeting) if str(one.child.pk) == child_id), None)
    if line is None:
        raise Http404
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid4()
    seen = key_in(request.POST.get(f"seen-{line.child.pk}", "")) or line.presence.version
    try:
        _record(meeting, line.child.pk, way, uuid5(key, f"{child_id}.{way}"), seen, request.user, at)
    except register.Conflict as conflict:
        words = gone_words(conflict.presence) or _("The child is still here.")
        return line.child.pk, _(
            "%(child)s: a colleague has recorded “%(mark)s” in the meantime. Check again."
        ) % {
            "child": line.shown,
            "mark": words,
        }
    except register.Refused as refusal:
        return line.child.pk, f"{line.shown} – {refusal_words(refusal.code)}"
    return line.child.pk, ""


def gone_words(presence: Presence) -> str:
    """Return when the child went home and with whom, in the active language; "" if it is here."""
    if not presence.went_home or presence.went_at is None:
        return ""
    said = {
        "hour": clock_words(presence.went_at),
        "who": presence.went_with or presence.get_went_home_display(),
    }
    return _("went home at %(hour)s – %(who)s") % said
