"""The register on the phone: a page that works as a plain form, and the endpoint for its taps."""

import json
from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.models import Meeting
from enrollments.classes import register, rescheduling, roster
from enrollments.classes.schedule import may_read_lesson
from enrollments.models import ClassDiary, Presence, ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required
from enrollments.privacy import access_log
from enrollments.views.class_access import (
    UNREADABLE,
    counts_of,
    first_marks,
    more_marks,
    open_meeting,
    read_taps,
    refusal_words,
    shown_counts,
)
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of
from home.language.dates import one_line


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def class_register(request, meeting_id):
    """Show the register of one class.

    POST saves a form sent without scripts: every row whose mark changed.
    """
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    faults: list[str] = []
    typed: dict[int, TypedMark] = {}
    if request.method == "POST":
        faults, typed = _save_form(request, meeting, at)
        if not faults:
            return redirect("desk_register", meeting_id=meeting.pk)
    lines = roster.lines(meeting)
    access_log.record_read(
        ReadRecord.What.ROSTER, children=[line.child.pk for line in lines], by=request.user, at=at
    )
    may_move = rescheduling.may_move(request.user, meeting, at)
    is_past = at > meeting.ends_at + register.EDITABLE_FOR
    context = {
        "meeting": meeting,
        "session": meeting.session,
        "lines": lines,
        "counts": (counts := counts_of(lines)),
        "shown": shown_counts(counts),
        "faults": faults,
        "typed": typed,
        "reason": request.POST.get("reason", ""),
        "key": uuid4(),
        "marks": first_marks(),
        "more_marks": more_marks(),
        "is_open": register.may_mark(meeting, at) or (is_past and has_role(request.user, MANAGER)),
        "asks_reason": is_past,
        "is_early": at < meeting.starts_at - register.OPENS_BEFORE,
        "has_begun": at >= meeting.starts_at,
        "kit": _kit(meeting, lines) if meeting.lesson else [],
        "before": _before(meeting),
        "may_move": may_move,
        "calls_manager": at < meeting.starts_at and not may_move,
        "reads_lesson": may_read_lesson(request.user, meeting.session.course_id),
        "may_name": has_role(request.user, FRONT_DESK, MANAGER),
        "diary": ClassDiary.objects.filter(meeting=meeting).first(),
    }
    return render(request, "enrollments/desk/register.html", context, status=409 if faults else 200)


def _kit(meeting: Meeting, lines: list[roster.RosterLine]) -> list[tuple[int, dict]]:
    expected = [line for line in lines if line.is_expected]
    return roster.kit_for(meeting.lesson, len(expected), sum(line.child.has_laptop for line in expected))


def _before(meeting: Meeting) -> ClassDiary | None:
    """Return where the group stopped, and the last instructor's note."""
    rows = ClassDiary.objects.filter(
        meeting__session=meeting.session_id, meeting__starts_at__lt=meeting.starts_at
    )
    return (
        rows.exclude(stopped_at="", handover="")
        .select_related("meeting")
        .order_by("-meeting__starts_at")
        .first()
    )


@dataclass(frozen=True)
class TypedMark:
    """What a form said about one child and could not be saved: shown again as it was typed."""

    mark: str
    minutes: str
    remark: str


def _save_form(request, meeting: Meeting, at) -> tuple[list[str], dict[int, TypedMark]]:
    """Save the rows that changed, then the rest as present if that was pressed. Return what could not be
    saved, in words, and as typed by child.
    """
    rights = {"reason": request.POST.get("reason", ""), "may_correct": has_role(request.user, MANAGER)}
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid4()
    faults: list[str] = []
    typed: dict[int, TypedMark] = {}
    for line in roster.lines(meeting):
        pk, presence = line.child.pk, line.presence
        said, seen = request.POST.get(f"mark-{pk}", ""), request.POST.get(f"seen-{pk}", "")
        words = request.POST.get(f"remark-{pk}", presence.remark)
        remark = one_line(words, 200)
        figures = request.POST.get(f"minutes-{pk}", "")
        minutes = _minutes(figures)
        was = request.POST.get(f"was-{pk}", "")
        if not seen.isdecimal() or (
            said == was and remark == presence.remark and (minutes or None) == presence.minutes
        ):
            continue
        try:
            register.mark(
                meeting,
                pk,
                mark=said,
                minutes=minutes,
                remark=remark,
                seen=int(seen[:9]),
                by=request.user,
                at=at,
                key=register.tap_key(key, pk),
                **rights,
            )
        except register.Conflict as conflict:
            mark = conflict.presence.get_mark_display() or _("no mark")
            faults.append(
                _("%(child)s: a colleague has recorded “%(mark)s” in the meantime. Check again.")
                % {"child": line.shown, "mark": mark}
            )
        except register.Refused as refusal:
            faults.append(f"{line.shown} – {refusal_words(refusal.code)}")
        else:
            continue
        typed[pk] = TypedMark(said, figures, words)
    if request.POST.get("act") == "all" and not faults:
        try:
            written = register.all_present(meeting, key=uuid5(key, "all"), by=request.user, at=at, **rights)
            if not written:
                words = _("Nothing has changed: every child has a mark, or will come late.")
                messages.info(request, words)
        except register.Refused as refusal:
            faults.append(refusal_words(refusal.code))
    return faults, typed


def _minutes(typed: str) -> int | None:
    """Return the minutes typed, in any script's figures; None if empty, 0 (which is refused) if no number."""
    try:
        return int(typed) if typed.strip() else None
    except ValueError:
        return 0


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@form_of("desk_register", "meeting_id")
@patiently
def class_marks(request, meeting_id):
    """Apply the page's taps in order: {"marks": [{child, mark, minutes, remark, seen, key}]}.

    Return the current row for each.

    `status` of one: saved, conflict (nothing written; the current row is returned), or refused with `words`.
    Idempotent.
    """
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    try:
        sent = read_taps(request.body)
        reason = json.loads(request.body).get("reason", "")
    except UNREADABLE:
        return JsonResponse({"words": _("Choose one of the attendance marks.")}, status=422)
    rights = {"reason": str(reason), "may_correct": has_role(request.user, MANAGER)}
    answers = []
    for one in sent:
        child = one.pop("child")
        try:
            presence, status = register.mark(meeting, child, **one, by=request.user, at=at, **rights), "saved"
        except register.Conflict as conflict:
            presence, status = conflict.presence, "conflict"
        except register.Refused as refusal:
            answers.append({"child": child, "status": "refused", "words": refusal_words(refusal.code)})
            continue
        answers.append(
            {
                "child": child,
                "status": status,
                "version": presence.version,
                "mark": presence.mark,
                "minutes": presence.minutes,
                "remark": presence.remark,
                "gone": bool(presence.went_home),
            }
        )
    return JsonResponse({"marks": answers})


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@form_of("desk_register", "meeting_id")
@patiently
def close_register(request, meeting_id):
    """Close the register when every child has a mark; families of absent children are notified."""
    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    try:
        register.close(meeting, by=request.user, at=at)
    except register.Refused as refusal:
        messages.error(request, refusal_words(refusal.code))
    else:
        absent = (
            Presence.objects.filter(meeting=meeting, mark=Presence.Mark.ABSENT)
            .exclude(announced="absent")
            .count()
        )
        told = ngettext(
            "The register is closed. We will notify the family of %(count)s absent child in 5 minutes.",
            "The register is closed. We will notify the families of %(count)s absent children in 5 minutes.",
            absent,
        ) % {"count": absent}
        messages.success(request, told if absent else _("The register is closed."))
    return redirect("desk_register", meeting_id=meeting.pk)
