"""What the screens about one course share: its pages, and who may look at them."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from courses.models import Course, CoursePage
from courses.pages import new_course
from home.language.table import LANGUAGES

NAMES = dict(settings.LANGUAGES)  # each in its own language


def pages_of(course: Course) -> dict[str, CoursePage]:
    """Return a course's page in each language; of several, the live one, otherwise the latest."""
    pages = CoursePage.objects.filter(course=course, alias_of=None).select_related("locale", "course")
    found = {page.locale.language_code: page for page in pages.order_by("live", "pk")}
    return {code: found[code] for code in LANGUAGES if code in found}


def may_look(pages, user) -> bool:
    """Return whether this user may edit a page of the course; without pages, whether they may add them."""
    if not pages:
        return new_course.may_begin(user)
    return any(page.permissions_for_user(user).can_edit() for page in pages.values())


class CourseScreen(WagtailAdminTemplateMixin, TemplateView):
    """Base of the screens about one course."""

    header_icon = "openquote"

    def dispatch(self, request, *args, **kwargs):
        self.pages = pages_of(self.course)
        if not may_look(self.pages, request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def course(self) -> Course:
        return get_object_or_404(Course.objects.select_related("track", "band"), pk=self.kwargs["course_id"])

    @property
    def page_title(self) -> str:
        return self.course.title or self.course.code

    def get_breadcrumbs_items(self):
        hub = {"url": reverse("course_pages:hub", args=[self.course.pk]), "label": self.page_title}
        return [*self.breadcrumbs_items, hub]
