"""An instructor's classes and rosters. Names and ages only, in the window of domain §6."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.models import Meeting, Session
from courses.timetable.next_classes import next_meetings
from enrollments.classes import progress, register, roster
from enrollments.classes.schedule import (
    class_meetings,
    may_read_lesson,
    open_rosters,
    taught_by,
    taught_sessions,
    with_counts,
)
from enrollments.models import Equivalence, ReadRecord
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_required, roster_window
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of


def _facing(meetings, at, since: date) -> tuple[Meeting | None, list[Meeting], list[Meeting], list[Meeting]]:
    """Return the class to show first, those of the same day, those of the next six days, and those before
    today from `since` on, the latest first. All in the questions that today's alone would take.

    First comes a class whose register is open, until half an hour after its end; then the last one of today
    whose register can still be taken; then the next one.
    """
    today = timezone.localdate(at)
    found = with_counts(
        meetings.filter(on__gte=since, on__lte=today + timedelta(days=6))
        .select_related("session__course__band", "session__course__track", "room__venue", "lesson")
        .prefetch_related("instructors", "session__instructors")
        .order_by("starts_at", "pk")
    )
    coming = [meeting for meeting in found if meeting.on >= today]
    still = [meeting for meeting in coming if meeting.ends_at + timedelta(minutes=30) > at]
    is_open = {meeting.pk for meeting in coming if register.may_mark(meeting, at)}
    facing = [meeting for meeting in still if meeting.pk in is_open]
    facing += [meeting for meeting in reversed(coming) if meeting.on == today and meeting.pk in is_open]
    return (
        next(iter(facing + still), None),
        [meeting for meeting in coming if meeting.on == today],
        [meeting for meeting in coming if meeting.on > today],
        [meeting for meeting in reversed(found) if meeting.on < today],
    )


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def desk(request):
    """Show the current or next class, one tap from its register; then today, the week, an instructor's
    classes of the days before, whose notes, levels and pictures may still be written, and my sessions.
    """
    at = timezone.now()
    meetings, since = class_meetings(request.user, at), timezone.localdate(at)
    if has_role(request.user, INSTRUCTOR):
        begins = roster_window(at)[0]
        meetings = meetings.filter(taught_by(request.user), starts_at__gte=begins)
        since = timezone.localdate(begins)
    face, today, week, recent = _facing(meetings, at, since)
    glance = roster.glance(face, at) if face else None
    sessions = taught_sessions(request.user, at, timezone.localdate(at))
    courses = {session.course_id for session in sessions}
    declared = (
        Equivalence.objects.filter(confirmed_at=None, course__in=courses)
        .select_related("child", "course")
        .order_by("declared_at")
    )
    context = {
        "sessions": sessions,
        "declared": declared[:50],
        "face": face,
        "opens_at": face.starts_at - register.OPENS_BEFORE if face else None,
        "reads_lesson": bool(face) and may_read_lesson(request.user, face.session.course_id),
        "glance": glance,
        "today": today,
        "week": week,
        "recent": recent,
        "at": at,
        "teaches": has_role(request.user, INSTRUCTOR),
    }
    return render(request, "enrollments/desk/desk.html", context)


@role_required(INSTRUCTOR)
@require_safe
def session_roster(request, session_id):
    """Show the children of one of my sessions; 404 outside the window,
    as for a session that does not exist.
    """
    at = timezone.now()
    if session_id not in set(open_rosters(request.user, at)):
        raise Http404
    session = get_object_or_404(Session.objects.published().with_facts(), pk=session_id)
    today = timezone.localdate()
    rows = roster.seated(session)
    access_log.record_read(
        ReadRecord.What.ROSTER, children=[row.child_id for row in rows], by=request.user, at=at
    )
    for row in rows:
        row.age = row.child.age_on(today)
    held = class_meetings(request.user, at).filter(
        taught_by(request.user), session=session, starts_at__lte=at
    )
    context = {
        "session": session,
        "rows": rows,
        "meeting": next_meetings([session.pk], at).get(session.pk),
        "held": held.select_related("lesson").order_by("-starts_at", "pk"),
    }
    return render(request, "enrollments/desk/roster.html", context)


@role_required(INSTRUCTOR, MANAGER)
@form_of("desk")
@patiently
def confirm_level(request, equivalence_id):
    """Confirm a declared level, by an instructor of the course or a manager."""
    said = get_object_or_404(Equivalence.objects.select_related("child"), pk=equivalence_id)
    at = timezone.now()
    taught = {session.course_id for session in taught_sessions(request.user, at, timezone.localdate(at))}
    if not has_role(request.user, MANAGER) and said.course_id not in taught:
        raise Http404
    progress.confirm_equivalent(said, by=request.user, at=at)
    messages.success(
        request, _("The level has been confirmed for %(child)s.") % {"child": said.child.first_name}
    )
    return redirect("office" if has_role(request.user, MANAGER) else "desk")
