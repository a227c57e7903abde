"""Instructors: my sessions, their rosters, the lesson in hand. Names and ages only, in the window of domain §6."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courses.models import Lesson, Session
from enrollments import learning, records
from enrollments.agenda import next_meetings, open_rosters, roster, taught_sessions
from enrollments.models import Equivalence, ReadRecord
from enrollments.permissions import INSTRUCTOR, MANAGER, has_role, role_required


@role_required(INSTRUCTOR)
@require_safe
def desk(request):
    """What I teach, the next meeting first."""
    at = timezone.now()
    sessions = taught_sessions(request.user, at, timezone.localdate(at))
    courses = {session.course_id for session in sessions}
    declared = (
        Equivalence.objects.filter(confirmed_at=None, course__in=courses)
        .select_related("child", "course")
        .order_by("declared_at")
    )
    return render(request, "enrollments/desk/desk.html", {"sessions": sessions, "declared": declared[:50]})


@role_required(INSTRUCTOR)
@require_safe
def session_roster(request, session_id):
    """The children of one of my sessions; 404 outside the window, exactly as for a session that does not exist."""
    at = timezone.now()
    if session_id not in set(open_rosters(request.user, at)):
        raise Http404
    session = get_object_or_404(Session.objects.published().with_facts(), pk=session_id)
    today = timezone.localdate()
    rows = roster(session)
    records.record_read(ReadRecord.What.ROSTER, children=[row.child_id for row in rows], by=request.user, at=at)
    for row in rows:
        row.age = row.child.age_on(today)
    meeting = next_meetings([session.pk], at).get(session.pk)
    return render(request, "enrollments/desk/roster.html", {"session": session, "rows": rows, "meeting": meeting})


@role_required(INSTRUCTOR)
@require_safe
def lesson(request, lesson_id):
    """The instructor's face of a lesson of a course I teach: timings, kit, tips."""
    lesson = get_object_or_404(Lesson.objects.select_related("course__band", "course__track"), pk=lesson_id)
    taught = Session.objects.taught_by(request.user).filter(course=lesson.course_id)
    if not taught.exists():
        raise Http404
    blocks = list(lesson.blocks.all())
    clocked, minute = [], 0
    for block in blocks:
        clocked.append({"block": block, "from": minute, "to": minute + block.minutes})
        minute += block.minutes
    around = Lesson.objects.filter(course=lesson.course_id, number__in=[lesson.number - 1, lesson.number + 1])
    context = {
        "lesson": lesson,
        "blocks": clocked,
        "minutes": minute,
        "around": {other.number - lesson.number: other for other in around},
    }
    return render(request, "enrollments/desk/lesson.html", context)


@role_required(INSTRUCTOR, MANAGER)
@require_POST
def confirm_level(request, equivalence_id):
    """An instructor of the course, or a manager, confirms the level a guardian declared."""
    said = get_object_or_404(Equivalence.objects.select_related("child"), pk=equivalence_id)
    at = timezone.now()
    taught = {session.course_id for session in taught_sessions(request.user, at, timezone.localdate(at))}
    if not has_role(request.user, MANAGER) and said.course_id not in taught:
        raise Http404
    learning.confirm_equivalent(said, by=request.user, at=at)
    messages.success(request, _("The level of %(child)s is confirmed.") % {"child": said.child.first_name})
    return redirect("office" if has_role(request.user, MANAGER) else "desk")
