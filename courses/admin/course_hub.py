"""The overview of a course in the CMS: its pages in every language, its lessons and sessions, one button that
publishes them together, and the previews.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.shortcuts import redirect
from django.urls import include, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.permissions import policy_registry

from courses.admin.course_previews import LOOKS, FrameView, PreviewView, paper_css
from courses.admin.course_screen import NAMES, CourseScreen
from courses.admin.new_course import NewCourseView
from courses.admin.new_course_forms import TogetherForm
from courses.models import CoursePage, LessonPage, Session
from courses.pages import publish_together
from courses.standing import standing
from home.language.table import LANGUAGES
from home.language.typed_dates import moment_words

NONE, DRAFT, PLANNED, LIVE, CHANGED = "none", "draft", "planned", "live", "changed"
STATES = {
    NONE: gettext_lazy("no page yet"),
    DRAFT: gettext_lazy("draft"),
    PLANNED: gettext_lazy("planned"),
    LIVE: gettext_lazy("live"),
    CHANGED: gettext_lazy("live, with changes that are not published"),
}


@dataclass(frozen=True)
class LanguageState:
    """One language of a course: its page, if there is one, and what keeps it from being published."""

    language: str
    name: str
    state: str
    page: CoursePage | None = None
    problems: tuple[publish_together.OpenProblem, ...] = ()
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
            and publish_together.may_publish(self.pages.values(), user),
            "sessions": sessions,
            "writes_sessions": policy_registry.get_by_type(Session).user_has_permission(user, "add"),
            "lessons": self.lessons(),
            "looks": LOOKS,
        }

    def states(self) -> list[LanguageState]:
        """Return every language, with what is still missing where something waits to be published."""
        found = []
        for code, name in NAMES.items():
            page = self.pages.get(code)
            state = state_of(page)
            theirs = page is not None and page.permissions_for_user(self.request.user).can_edit()
            missing = () if not theirs or state == LIVE else tuple(
                publish_together.open_problems(publish_together.newest(page), self.request.user)
            )  # fmt: skip
            planned = publish_together.newest(page).go_live_at if page and state == PLANNED else None
            found.append(LanguageState(code, name, state, page, missing, planned))
        return found

    def lesson_pages(self) -> QuerySet[LessonPage]:
        """Return the pages of the lessons that are taught, below the pages shown here."""
        below = Q()
        for page in self.pages.values():
            below |= Q(path__startswith=page.path)
        return LessonPage.objects.filter(
            below, lesson__course=self.course, lesson__is_retired=False, alias_of=None
        )

    def lessons(self) -> list[dict]:
        """Return the lessons that are taught, each with its pages by language; two queries."""
        pages: dict[int, list[dict]] = {}
        columns = ("pk", "lesson_id", "live", "locale__language_code")
        for row in self.lesson_pages().order_by("pk").values(*columns):
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
        moment, pages = form.cleaned_data["go_live_at"], list(self.pages.values())
        if form.cleaned_data["lessons"]:
            pages += self.lesson_pages()
        if len(self.pages) < len(LANGUAGES):
            messages.error(request, _("Nothing was published: a language has no page yet."))
            return redirect(request.path)
        try:
            done = publish_together.publish_together(pages, by=request.user, go_live_at=moment)
        except publish_together.NotTogether as refusal:
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
