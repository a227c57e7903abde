"""The sheet of a lesson that a child has missed, for the message that says so."""

import logging

from django.utils import translation

from courses import faces
from courses.faces import LessonFace
from enrollments.models import Letter

logger = logging.getLogger(__name__)


def sheet_missed(letter: Letter) -> list[tuple[str, bytes, str]]:
    """Return the child's sheet of the lesson it missed, as (name, content, media type), for the message that
    says so; nothing for others.
    """
    lesson = letter.meeting.lesson if letter.kind == "catch_up" and letter.meeting else None
    if lesson is None:
        return []
    with translation.override(letter.language):
        if not faces.child_face(lesson).slides:
            return []
        from enrollments.printing.lesson_sheets import lesson_pdf  # loads fpdf2, which no page needs

        try:
            body = lesson_pdf(lesson, LessonFace.CHILD, made_at=letter.written_at)
        except Exception:  # the message matters more than its sheet, which its link shows too
            logger.exception("The sheet of lesson %s cannot be drawn", lesson.pk)
            return []
    return [(f"{lesson.course.code.lower()}-{lesson.number}.pdf", body, "application/pdf")]
