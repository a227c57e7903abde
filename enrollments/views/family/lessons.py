"""The lesson of a class, for the family: what was done, to ask and to try, and the child's own steps."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses import faces
from courses.faces import LessonFace
from courses.models import Meeting
from enrollments.models import Child, Presence
from enrollments.models.attendance import classes_of
from enrollments.views.paper_responses import file_response


def _begun_class(request, child_id: int, meeting_id: int) -> tuple[Child, Meeting]:
    """Return my child and a class with a lesson that has begun and that the child was in, as seated or guest,
    there or absent; 404 for any other.
    """
    child = get_object_or_404(Child.objects.of(request.user), pk=child_id)
    rows = Meeting.objects.filter(
        classes_of([child]), cancelled_at=None, lesson__isnull=False, starts_at__lte=timezone.now()
    )
    rows = rows.select_related("lesson__course__band", "lesson__course__track", "session__course")
    meeting = get_object_or_404(rows.prefetch_related("lesson__blocks"), pk=meeting_id)
    return child, meeting


@login_required
@require_safe
def child_lesson(request, child_id, meeting_id):
    """Show the family's face of the lesson of a class; to an absent child's, as what the group did."""
    child, meeting = _begun_class(request, child_id, meeting_id)
    missed = Presence.objects.filter(child=child, meeting=meeting, mark__in=Presence.MISSED)
    context = {
        "child": child,
        "meeting": meeting,
        "lesson": meeting.lesson,
        "face": faces.family_face(meeting.lesson),
        "was_absent": missed.exists(),
        "has_steps": bool(faces.child_face(meeting.lesson).slides),
    }
    return render(request, "enrollments/family/lesson.html", context)


@login_required
@require_safe
def child_lesson_steps(request, child_id, meeting_id):
    """Show the child's face of the lesson, step by step."""
    child, meeting = _begun_class(request, child_id, meeting_id)
    face = faces.child_face(meeting.lesson)
    if not face.slides:
        raise Http404
    back = reverse("child_lesson", args=[child.pk, meeting.pk])
    return render(
        request, "enrollments/room/lesson.html", {"lesson": meeting.lesson, "face": face, "back": back}
    )


@login_required
@require_safe
def child_lesson_paper(request, child_id, meeting_id):
    """Return the child's sheet on A4."""
    _child, meeting = _begun_class(request, child_id, meeting_id)
    lesson = meeting.lesson
    from enrollments.printing.lesson_sheets import lesson_pdf  # loads fpdf2, which no page needs

    body = lesson_pdf(lesson, LessonFace.CHILD, made_at=timezone.now())
    return file_response(body, f"{lesson.course.code.lower()}-{lesson.number}.pdf", lesson.title)
