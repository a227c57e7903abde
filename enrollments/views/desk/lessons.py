"""A lesson for who teaches it: its three faces on screen and on paper, and the code that opens the child's
face in the room.
"""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses import faces
from courses.faces import LessonFace
from courses.models import Lesson
from enrollments.classes import room_codes, roster
from enrollments.classes.schedule import class_meetings, may_read_lesson
from enrollments.models import ClassDiary
from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from enrollments.views.class_access import open_meeting
from enrollments.views.links.room import IN_USE
from enrollments.views.paper_responses import file_response
from home.language.dates import key_in
from home.tries import let_through


def _readable(request, lesson_id: int) -> Lesson:
    """Return a lesson I teach, any to a manager; 404 for another, as for one that does not exist."""
    rows = Lesson.objects.select_related("course__band", "course__track").prefetch_related("blocks")
    lesson = get_object_or_404(rows, pk=lesson_id)
    if not may_read_lesson(request.user, lesson.course_id):
        raise Http404
    return lesson


def _shared(request, lesson: Lesson) -> dict[str, list[str]]:
    """Return what another room needs at the same time, for the class the user came from (`class`)."""
    asked = key_in(request.GET.get("class"))
    if asked is None:
        return {}
    rows = class_meetings(request.user, timezone.now()).select_related("room", "lesson")
    meeting = rows.filter(pk=asked, lesson=lesson).first()
    return roster.kit_elsewhere(meeting) if meeting else {}


@role_required(INSTRUCTOR, MANAGER)
@require_safe
def lesson(request, lesson_id):
    """Show the instructor's face of a lesson I teach, any to a manager: timings, kit, tips."""
    lesson = _readable(request, lesson_id)
    beside = [] if lesson.is_retired else [lesson.number - 1, lesson.number + 1]
    around = Lesson.objects.filter(course=lesson.course_id, is_retired=False, number__in=beside)
    context = {
        "lesson": lesson,
        "plan": faces.plan_of(lesson),
        "family": faces.family_face(lesson),
        "shared": _shared(request, lesson),
        "worked": ClassDiary.objects.filter(meeting__lesson=lesson)
        .exclude(worked="")
        .select_related("meeting")
        .order_by("-written_at")[:5],
        "around": {other.number - lesson.number: other for other in around},
    }
    return render(request, "enrollments/desk/lesson.html", context)


@role_required(INSTRUCTOR, MANAGER)
@require_safe
def lesson_child(request, lesson_id):
    """Show the child's face as the room's tablets show it, to prepare a class."""
    lesson = _readable(request, lesson_id)
    back = reverse("desk_lesson", args=[lesson.pk])
    return render(
        request,
        "enrollments/room/lesson.html",
        {"lesson": lesson, "face": faces.child_face(lesson), "back": back},
    )


@role_required(INSTRUCTOR, MANAGER)
@require_safe
def lesson_paper(request, lesson_id, face):
    """Return one face of a lesson on A4."""
    lesson = _readable(request, lesson_id)
    from enrollments.printing.lesson_sheets import lesson_pdf  # loads fpdf2, which no page needs

    body = lesson_pdf(lesson, LessonFace(face), made_at=timezone.now())
    return file_response(body, f"{lesson.course.code.lower()}-{lesson.number}-{face}.pdf")


@role_required(INSTRUCTOR, FRONT_DESK, MANAGER)
@never_cache
@require_safe
def class_room(request, meeting_id):
    """Show the code and QR code by which the room's tablets reach the child's face of this class's lesson."""
    import segno  # needed by few pages

    at = timezone.now()
    meeting = open_meeting(request, meeting_id, at)
    code = room_codes.code_of(meeting)
    let_through("room", request, code, seconds=IN_USE)  # who shows the code opens it for the room's address
    url = request.build_absolute_uri(reverse("room_lesson", args=[code]))
    context = {
        "meeting": meeting,
        "session": meeting.session,
        "code": room_codes.told(code),
        "url": url,
        "entry": request.build_absolute_uri(reverse("room")),
        "square": segno.make(url, error="m").png_data_uri(scale=8, border=2),
        "is_open": room_codes.is_open(meeting, at),
        "opens_at": meeting.starts_at - room_codes.BEFORE,
        "ends_at": meeting.ends_at + room_codes.AFTER,
        "is_today": meeting.on == timezone.localdate(at),
        "is_over": at >= meeting.ends_at + room_codes.AFTER,
    }
    return render(request, "enrollments/desk/room.html", context)
