"""Course data in the CMS: tracks, age bands, skills, courses, lessons."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn

from courses.admin.forms import CourseForm, LessonForm, SkillForm
from courses.admin.panels import LANGUAGES, FactInlinePanel, FactPanel, MinutesPanel, in_three_languages
from courses.admin.views import FactsViewSet
from courses.models import AgeBand, Course, Lesson, SearchWords, Skill, Track

_LEVELS = _("For observed skills: 1 discovering, 2 with help, 3 on their own, 4 helping others.")


def facts(*fields, heading=None) -> MultiFieldPanel:
    """Return a panel of data fields: written by managers, read by editors."""
    return MultiFieldPanel([FactPanel(field) for field in fields], heading=heading or _("Details"))


def overview_words(course: Course) -> str:
    """Return the words of the link to a course's overview."""
    return gettext("Overview")


def overview_address(course: Course) -> str:
    return reverse("course_pages:hub", args=[course.pk])


class TrackViewSet(FactsViewSet):
    model = Track
    name = "tracks"
    icon = "list-ul"
    list_display = ["name", "code", "position"]
    search_fields = ["code", "name_fr", "name_ar", "name_en"]
    empty = _("There are no tracks yet. A track is a field we teach: coding, robotics or 3D printing.")
    panels = [in_three_languages("name"), facts("code", "icon", "position")]
    inspect_view_fields = ["code", "name_fr", "name_ar", "name_en", "icon", "position"]


class AgeBandViewSet(FactsViewSet):
    model = AgeBand
    name = "age-bands"
    icon = "group"
    list_display = ["__str__", "code", "min_age", "max_age", "minutes", "capacity"]
    empty = _("There are no age bands yet. An age band has a lowest and a highest age, both included.")
    panels = [
        in_three_languages("nickname"),
        facts("code", "min_age", "max_age", heading=_("Who it admits")),
        facts("minutes", "capacity", "children_per_adult", heading=_("Default values")),
    ]


class SkillViewSet(FactsViewSet):
    model = Skill
    name = "skills"
    icon = "tick"
    base_form_class = SkillForm
    list_display = ["name", "code", "track"]
    list_filter = ["track"]
    related = ("track",)
    search_fields = ["code", "name_fr", "name_ar", "name_en"]
    empty = _("There are no skills yet. A skill is something you can see a child do.")
    panels = [in_three_languages("name"), facts("code", "track", "builds_on")]


class CourseViewSet(FactsViewSet):
    model = Course
    name = "courses"
    icon = "openquote"
    base_form_class = CourseForm
    list_display = [
        "__str__",
        "track",
        "band",
        "meetings_count",
        "minutes",
        Column("price", label=_("Default price (MAD)"), sort_key="price"),
        TitleColumn("pages", label=_("Pages"), accessor=overview_words, get_url=overview_address),
    ]
    list_filter = ["track", "band"]
    related = ("track", "band")
    search_fields = ["code", "title_fr", "title_ar", "title_en"]
    empty = _(
        "There are no courses yet. Add the course data here, then its page in each language under Pages."
    )
    inspect_view_fields = [
        "code",
        "title_fr",
        "title_ar",
        "title_en",
        "track",
        "band",
        "meetings_count",
        "minutes",
        "price",
        "leads_to",
    ]
    panels = [
        in_three_languages("title", "summary", "outcome"),
        facts("code", "track", "band", "meetings_count", "minutes", "price", "leads_to"),
        FactInlinePanel(
            "prerequisites",
            heading=_("Prerequisites: any one of these is enough"),
            label=_("option"),
            panels=[
                FieldRowPanel(
                    [
                        FieldPanel("kind"),
                        FieldPanel("required_course"),
                        FieldPanel("level", help_text=_LEVELS),
                    ]
                ),
                FieldPanel("skills"),
            ],
        ),
        FactInlinePanel(
            "equipment",
            heading=_("Equipment"),
            label=_("line"),
            panels=[
                FieldRowPanel([FieldPanel(f"item_{code}") for code in LANGUAGES]),
                FieldRowPanel(
                    [FieldPanel("per"), FieldPanel("quantity"), FieldPanel("unit"), FieldPanel("position")]
                ),
            ],
        ),
    ]


class LessonViewSet(FactsViewSet):
    model = Lesson
    name = "lessons"
    icon = "doc-full"
    base_form_class = LessonForm
    list_display = [
        "title",
        Column("course", label=_("Course"), accessor="course.code", sort_key="course"),
        "number",
        BooleanColumn("is_retired", label=_("No longer taught")),
        BooleanColumn("unplugged", label=_("Without a computer")),
        BooleanColumn("showcase", label=_("Families are invited")),
    ]
    list_filter = ["course", "is_retired", "unplugged", "showcase"]
    list_per_page = 50
    related = ("course",)
    search_fields = ["title_fr", "title_ar", "title_en", "course__code"]
    empty = _("There are no lessons yet. Lessons are numbered from 1 within their course.")
    inspect_view_fields = [
        "course",
        "number",
        "is_retired",
        "title_fr",
        "title_ar",
        "title_en",
        "objective",
        "skills",
        "unplugged",
        "showcase",
    ]
    panels = [
        in_three_languages("title", "objective", "family_words"),
        facts("course", "number", "is_retired", "skills"),
        MultiFieldPanel(
            [FactPanel("unplugged"), FactPanel("showcase"), FactPanel("hazards")], heading=_("That day")
        ),
        MultiFieldPanel([FieldPanel("kit")], heading=_("Kit")),
        MinutesPanel(heading=_("Minutes")),
        InlinePanel(
            "blocks",
            heading=_("Class plan"),
            label=_("block"),
            panels=[
                FieldRowPanel(
                    [
                        FieldPanel("kind"),
                        FieldPanel("minutes"),
                        FieldPanel("for_learner"),
                        FieldPanel("position"),
                    ]
                ),
                *(FieldPanel(f"text_{code}") for code in LANGUAGES),
                FieldPanel("drawing"),
            ],
        ),
    ]


class SearchWordsViewSet(FactsViewSet):
    model = SearchWords
    name = "search-words"
    menu_label = _("Search words")
    icon = "search"
    search_fields = ["words_fr", "words_ar", "words_en"]
    empty = _(
        "There are no search words yet. One row holds words that mean the same: whoever types one of them "
        "finds the courses that use any of them."
    )
    panels = [in_three_languages("words")]
    inspect_view_fields = ["words_fr", "words_ar", "words_en"]
