"""Course pages: one page row per language, pointing to the language-free course data.

A page model holds text. The facts its template shows are added by courses/pages/page_context.py.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from courses.models.facts import Course
from courses.models.lessons import Lesson
from courses.pages.blocks import course_blocks
from courses.pages.one_page import LessonPageForm, PresentsOneRow, RowPageForm
from courses.pages.previews import PreviewedByLook
from home.cms.blocks import PLAIN, page_blocks
from home.cms.page_forms import TitlePanel
from home.cms.pages import PublicPage


class CatalogueIndexPage(PublicPage, Page):
    """The list of all courses, filtered by the query string (courses/catalogue/browse.py)."""

    intro = models.TextField(_("introduction"), max_length=400, blank=True)

    content_panels = [TitlePanel("title"), FieldPanel("intro")]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["courses.CoursePage"]
    max_count_per_parent = 1
    template = "courses/catalogue_index_page.html"
    words_fields = ("title", "intro")

    class Meta:
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")

    @classmethod
    def kept_for(cls, page):
        return gettext("The course finder and printed papers lead to it, and all course pages are below it.")

    def is_canonical(self, request):
        return request.method in {"GET", "HEAD"} and request.catalogue.is_canonical

    def get_template(self, request, *args, **kwargs):
        return "courses/catalogue_results.html" if getattr(request, "htmx", False) else self.template


class CoursePage(PreviewedByLook, PresentsOneRow, PublicPage, Page):
    """A course as presented to families. Dates, prices and places come from its Course."""

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="pages"
    )
    lead = models.TextField(_("introduction for parents"), max_length=500, blank=True)
    makes = RichTextField(_("what the child will make"), features=PLAIN, blank=True)
    for_whom = models.TextField(_("for whom"), max_length=400, blank=True)
    after = models.TextField(_("what comes next"), max_length=300, blank=True)
    body = StreamField(course_blocks(), verbose_name=_("body"), blank=True)

    content_panels = [
        HelpPanel(heading=_("In three languages"), template="cms/hub_link.html"),
        TitlePanel("title"),
        FieldPanel("course"),
        FieldPanel("lead"),
        FieldPanel("makes"),
        FieldPanel("for_whom"),
        FieldPanel("after"),
        FieldPanel("body"),
    ]
    base_form_class = RowPageForm
    presents = "course"
    parent_page_types = ["courses.CatalogueIndexPage"]
    subpage_types = ["courses.LessonPage"]
    template = "courses/course_page.html"
    words_fields = ("title", "lead", "makes", "for_whom", "after", "body")

    class Meta:
        verbose_name = _("course page")
        verbose_name_plural = _("course pages")

    def words(self):
        """Return the searchable text: the page's own and its data's, including lesson titles."""
        course, language = self.course, self.language
        facts = [getattr(course, f"{field}_{language}") or "" for field in ("title", "summary", "outcome")]
        with translation.override(language):
            facts += [course.track.name or "", course.band.name]
        taught = course.lessons.filter(is_retired=False)
        facts += [title or "" for title in taught.values_list(f"title_{language}", flat=True)]
        return " ".join([super().words(), *facts])


class LessonPage(PresentsOneRow, PublicPage, Page):
    """A lesson as presented to families: what is done, learnt and taken home."""

    lesson = models.ForeignKey(
        Lesson, verbose_name=_("lesson"), on_delete=models.PROTECT, related_name="pages"
    )
    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    body = StreamField(page_blocks(), verbose_name=_("body"), blank=True)

    content_panels = [TitlePanel("title"), FieldPanel("lesson"), FieldPanel("intro"), FieldPanel("body")]
    base_form_class = LessonPageForm
    presents = "lesson"
    parent_page_types = ["courses.CoursePage"]
    subpage_types = []
    template = "courses/lesson_page.html"
    words_fields = ("title", "intro", "body")
    reads_to_children = True

    class Meta:
        verbose_name = _("lesson page")
        verbose_name_plural = _("lesson pages")

    def clean(self):
        """Raise ValidationError when the lesson belongs to another course than the page above."""
        super().clean()
        parent = self.get_parent() if self.path else None
        if parent and self.lesson_id and not self._fits(parent):
            raise ValidationError({"lesson": gettext("This lesson does not belong to the course above.")})

    def can_move_to(self, parent):
        return super().can_move_to(parent) and self._fits(parent)

    def _fits(self, parent) -> bool:
        """Return whether the lesson belongs to the course that this page presents."""
        return self.lesson.course_id == getattr(parent.specific, "course_id", None)


class InstructorPage(PresentsOneRow, PublicPage, Page):
    """An instructor's public page: first name and a short text of their own; never a phone number or an
    address.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="instructor_pages",
        limit_choices_to={"groups__name": "Instructors"},
    )
    role = models.CharField(_("role"), max_length=120, blank=True)
    bio = RichTextField(_("short introduction"), features=PLAIN, blank=True)
    portrait = models.ForeignKey(
        "home.Picture",
        verbose_name=_("portrait"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    content_panels = [
        TitlePanel("title"),
        FieldPanel("role"),
        FieldPanel("bio"),
        FieldPanel("portrait"),
        FieldPanel("user"),
    ]
    base_form_class = RowPageForm
    presents = "user"
    parent_page_types = ["home.StandardPage"]
    subpage_types = []
    template = "courses/instructor_page.html"
    words_fields = ("title", "role", "bio")

    class Meta:
        verbose_name = _("instructor page")
        verbose_name_plural = _("instructor pages")
