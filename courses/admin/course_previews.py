"""A course as others will see it: visitors, families, the room, paper, another day."""

from datetime import datetime, time
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses import faces
from courses.admin.course_screen import NAMES, CourseScreen
from courses.models import Lesson
from courses.pages import previews
from courses.pages.publish_together import newest
from home.language.typed_dates import read_day

AGE = 9  # of the child whose parent looks
LOOKS = {
    "visitor": gettext_lazy("Visitor"),
    "parent": gettext_lazy("Parent of a child of 9"),
    "instructor": gettext_lazy("Instructor"),
    "child": gettext_lazy("Child"),
    previews.PAPER: gettext_lazy("On paper"),
    "phone": gettext_lazy("Phone"),
    previews.LATER: gettext_lazy("Another day"),
}
FACES = {"instructor", "child"}  # of a lesson, not of the page
HOUR = time(9)  # of a previewed day


def previewed_at(typed: str) -> datetime | None:
    """Return nine o'clock of a typed day, or None without one. Raises ValidationError."""
    if not typed.strip():
        return None
    return timezone.make_aware(datetime.combine(read_day(typed), HOUR))


class LookScreen(CourseScreen):
    """Base of the two views: what is asked for in the address."""

    @property
    def look(self) -> str:
        asked = self.request.GET.get("look", "")
        return asked if asked in LOOKS else "visitor"

    @property
    def lesson(self) -> Lesson | None:
        """Return the lesson that is asked for, or the first of the course."""
        taught = self.course.lessons.filter(is_retired=False).order_by("number")
        number = self.request.GET.get("lesson", "")
        asked = taught.filter(number=int(number)) if number.isdecimal() and len(number) < 4 else taught
        return asked.select_related("course").first()


class PreviewView(LookScreen):
    """A frame, and links to the other ways to look."""

    template_name = "cms/course_preview.html"

    def get_context_data(self, **kwargs):
        language = self.request.GET.get("language")
        code = language if language in self.pages else next(iter(self.pages), "")
        band, lesson = self.course.band, self.lesson
        return super().get_context_data(**kwargs) | {
            "course": self.course,
            "language": code,
            "languages": {code: name for code, name in NAMES.items() if code in self.pages},
            "look": self.look,
            "looks": LOOKS,
            "day": self.request.GET.get("day", ""),
            "day_fault": self.day_fault(),
            "age": AGE,
            "is_of_age": band.min_age <= AGE <= band.max_age,
            "lesson": lesson,
            "lessons": self.course.lessons.filter(is_retired=False).order_by("number")
            if self.look in FACES
            else (),
        }

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Preview")}]

    def day_fault(self) -> str:
        try:
            previewed_at(self.request.GET.get("day", ""))
        except ValidationError as fault:
            return " ".join(fault.messages)
        return ""


class FrameView(LookScreen):
    """What the frame shows: the newest draft, as a visitor without an account would get it, or a face of a
    lesson.
    """

    def get(self, request, *args, **kwargs):
        page = self.pages.get(kwargs["language"])
        if page is None:
            raise Http404
        if not page.permissions_for_user(request.user).can_edit():
            raise PermissionDenied
        if self.look in FACES:
            return self.face(kwargs["language"])
        mode = self.look if self.look in {previews.PAPER, previews.LATER} else previews.VISITOR
        try:
            moment = previewed_at(request.GET.get("day", ""))
        except ValidationError:
            moment = None
        attrs = {"previewed_at": moment} if mode == previews.LATER and moment else {}
        return newest(page).make_preview_request(preview_mode=mode, extra_request_attrs=attrs)

    def face(self, language: str) -> HttpResponse:
        """Return what the instructor or the child gets of a lesson, in that language."""
        with translation.override(language):
            lesson = self.lesson
            face = faces.child_face(lesson) if lesson and self.look == "child" else None
            plan = faces.plan_of(lesson) if lesson and self.look == "instructor" else None
            context = {"lesson": lesson, "face": face, "plan": plan}
            return render(self.request, "courses/faces/preview.html", context)


def paper_css(request) -> HttpResponse:
    """Return the rules of print as rules of the screen, for the preview on paper."""
    found = finders.find("academy/css/print.css")
    if not found:
        raise Http404
    rules = Path(str(found)).read_text(encoding="utf-8").replace("@media print", "@media all")
    return HttpResponse(f"{rules}\nbody {{ padding: 15mm; }}\n", content_type="text/css; charset=utf-8")
