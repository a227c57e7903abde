"""The overview of a course in the CMS: its pages in every language, its lessons and sessions, one button that
publishes them together, and the previews.
"""

from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from courses.admin.new_course import NewCourseView
from courses.admin.new_course_forms import TogetherForm
from courses.models import Course, CoursePage, LessonPage, Session
from courses.pages import new_course, previews, publishing
from courses.standing import standing
from home.language.table import LANGUAGES
from home.language.typed_dates import moment_words, read_day

NONE, DRAFT, PLANNED, LIVE, CHANGED = "none", "draft", "planned", "live", "changed"
STATES = {
    NONE: gettext_lazy("no page yet"),
    DRAFT: gettext_lazy("draft"),
    PLANNED: gettext_lazy("planned"),
    LIVE: gettext_lazy("live"),
    CHANGED: gettext_lazy("live, with changes that are not published"),
}
LOOKS = {
    "visitor": gettext_lazy("Visitor"),
    "phone": gettext_lazy("Phone"),
    "paper": gettext_lazy("On paper"),
    "later": gettext_lazy("Another day"),
}
HOUR = time(9)  # of a previewed day


@dataclass(frozen=True)
class LanguageState:
    """One language of a course: its page, if there is one, and what keeps it from being published."""

    language: str
    name: str
    state: str
    page: CoursePage | None = None
    problems: tuple[publishing.PageProblem, ...] = ()
    planned_at: datetime | None = None

    @property
    def words(self) -> str:
        return str(STATES[self.state])


def state_of(page: CoursePage | None) -> str:
    """Return none, draft, planned, live or changed."""
    if page is None:
        return NONE
    if page.approved_schedule:
        return PLANNED
    if not page.live:
        return DRAFT
    return CHANGED if page.has_unpublished_changes else LIVE


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


class HubView(CourseScreen):
    template_name = "cms/course_hub.html"

    def get_context_data(self, form=None, refused=(), **kwargs):
        user, at = self.request.user, timezone.now()
        sessions = list(
            Session.objects.with_facts().filter(course=self.course).order_by("-first_on", "pk")[:12]
        )
        for session in sessions:
            session.now = standing(session, at)
        return super().get_context_data(**kwargs) | {
            "course": self.course,
            "states": self.states(),
            "form": form or TogetherForm(),
            "refused": refused,
            "may_publish": len(self.pages) == len(LANGUAGES)
            and publishing.may_publish(self.pages.values(), user),
            "sessions": sessions,
            "writes_sessions": policy_registry.get_by_type(Session).user_has_permission(user, "add"),
            "lessons": self.lessons(),
            "looks": LOOKS,
        }

    def states(self) -> list[LanguageState]:
        """Return every language, with what is still missing where something waits to be published."""
        found = []
        for code, name in self.names().items():
            page = self.pages.get(code)
            state = state_of(page)
            missing = () if page is None or state == LIVE else tuple(
                publishing.problems_for(publishing.newest(page), self.request.user)
            )  # fmt: skip
            planned = publishing.newest(page).go_live_at if page and state == PLANNED else None
            found.append(LanguageState(code, name, state, page, missing, planned))
        return found

    @staticmethod
    def names() -> dict[str, str]:
        from django.conf import settings

        return dict(settings.LANGUAGES)

    def lessons(self) -> list[dict]:
        """Return the lessons that are taught, each with its pages by language; two queries."""
        pages: dict[int, list[dict]] = {}
        rows = LessonPage.objects.filter(lesson__course=self.course, alias_of=None)
        for row in rows.order_by("pk").values("pk", "lesson_id", "live", "locale__language_code"):
            pages.setdefault(row["lesson_id"], []).append(
                {"pk": row["pk"], "language": row["locale__language_code"], "live": row["live"]}
            )
        taught = self.course.lessons.filter(is_retired=False).order_by("number")
        return [{"lesson": lesson, "pages": pages.get(lesson.pk, [])} for lesson in taught]

    def post(self, request, *args, **kwargs):
        form = TogetherForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Nothing was published: see below."))
            return self.render_to_response(self.get_context_data(form=form))
        moment = form.cleaned_data["go_live_at"]
        if len(self.pages) < len(LANGUAGES):
            messages.error(request, _("Nothing was published: a language has no page yet."))
            return redirect(request.path)
        try:
            done = publishing.publish_together(self.pages.values(), by=request.user, go_live_at=moment)
        except publishing.NotTogether as refusal:
            messages.error(request, _("None of the pages was published: see what is missing."))
            return self.render_to_response(self.get_context_data(form=form, refused=refusal.problems))
        if not done:
            messages.info(request, _("Every page is live as it is: there is nothing to publish."))
        elif moment:
            words = ngettext(
                "%(count)s page will be published on %(when)s.",
                "%(count)s pages will be published on %(when)s.",
                len(done),
            )
            messages.success(request, words % {"count": len(done), "when": moment_words(moment)})
        else:
            words = ngettext("%(count)s page is live.", "%(count)s pages are live.", len(done))
            messages.success(request, words % {"count": len(done)})
        return redirect(request.path)


class PreviewView(CourseScreen):
    """One page of the course, in one way: a frame, and links to the other ways."""

    template_name = "cms/course_preview.html"

    def get_context_data(self, **kwargs):
        asked = self.request.GET
        language = asked.get("language")
        look = asked.get("look")
        code = language if language in self.pages else next(iter(self.pages), "")
        return super().get_context_data(**kwargs) | {
            "course": self.course,
            "language": code,
            "languages": {code: name for code, name in HubView.names().items() if code in self.pages},
            "look": look if look in LOOKS else "visitor",
            "looks": LOOKS,
            "day": asked.get("day", ""),
            "day_fault": self.day_fault(),
        }

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Preview")}]

    def day_fault(self) -> str:
        try:
            previewed_at(self.request.GET.get("day", ""))
        except ValidationError as fault:
            return " ".join(fault.messages)
        return ""


def previewed_at(typed: str) -> datetime | None:
    """Return nine o'clock of a typed day, or None without one. Raises ValidationError."""
    if not typed.strip():
        return None
    return timezone.make_aware(datetime.combine(read_day(typed), HOUR))


class FrameView(CourseScreen):
    """What the frame shows: the newest draft, as a visitor without an account would get it."""

    def get(self, request, *args, **kwargs):
        page = self.pages.get(kwargs["language"])
        if page is None:
            raise Http404
        look = request.GET.get("look", "")
        mode = look if look in {previews.PAPER, previews.LATER} else previews.VISITOR
        try:
            moment = previewed_at(request.GET.get("day", ""))
        except ValidationError:
            moment = None
        attrs = {"previewed_at": moment} if mode == previews.LATER and moment else {}
        return publishing.newest(page).make_preview_request(preview_mode=mode, extra_request_attrs=attrs)


def paper_css(request) -> HttpResponse:
    """Return the rules of print as rules of the screen, for the preview on paper."""
    found = finders.find("academy/css/print.css")
    if not found:
        raise Http404
    rules = Path(str(found)).read_text(encoding="utf-8").replace("@media print", "@media all")
    return HttpResponse(rules, content_type="text/css; charset=utf-8")


urlpatterns = [
    path(
        "course-pages/",
        include(
            (
                [
                    path("new/", NewCourseView.as_view(), name="new"),
                    path("paper.css", paper_css, name="paper_css"),
                    path("<int:course_id>/", HubView.as_view(), name="hub"),
                    path("<int:course_id>/preview/", PreviewView.as_view(), name="preview"),
                    path("<int:course_id>/preview/<str:language>/", FrameView.as_view(), name="frame"),
                ],
                "course_pages",
            )
        ),
    )
]
