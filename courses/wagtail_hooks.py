"""CMS menu and hooks of the courses app."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.permissions import policy_registry, register_permission_policy

from courses.admin import course_hub, facts, people, places, sessions, timetable  # noqa: F401
from courses.admin.next_language import NextLanguageItem, next_language_form
from courses.models import (
    AgeBand,
    Closure,
    Course,
    CoursePage,
    Lesson,
    Room,
    SearchWords,
    Session,
    Skill,
    Term,
    Track,
    Venue,
)
from courses.pages import new_course

for _model in (
    Track,
    AgeBand,
    Skill,
    Course,
    Lesson,
    SearchWords,
    Term,
    Closure,
    Venue,
    Room,
    Session,
):
    register_permission_policy(_model, exact_class=True)


class FactsGroup(ViewSetGroup):
    menu_label = _("What we teach")
    menu_icon = "openquote"
    menu_order = 200
    items = (
        facts.CourseViewSet,
        facts.LessonViewSet,
        facts.TrackViewSet,
        facts.AgeBandViewSet,
        facts.SkillViewSet,
        facts.SearchWordsViewSet,
    )


class PlacesGroup(ViewSetGroup):
    menu_label = _("When and where")
    menu_icon = "calendar-alt"
    menu_order = 210
    items = (
        sessions.SessionViewSet,
        places.TermViewSet,
        places.ClosureViewSet,
        places.VenueViewSet,
        places.RoomViewSet,
    )


@hooks.register("register_admin_viewset")
def facts_and_places():
    return [FactsGroup(), PlacesGroup()]


@hooks.register("register_admin_urls")
def our_urls():
    return [*timetable.urlpatterns, *course_hub.urlpatterns]


class NewCourseItem(MenuItem):
    def is_shown(self, request):
        return new_course.may_begin(request.user)


@hooks.register("register_admin_menu_item")
def new_course_item():
    return NewCourseItem(
        _("New course…"), reverse("course_pages:new"), name="new-course", icon_name="plus", order=90
    )


@hooks.register("register_page_action_menu_item")
def next_language_item():
    return NextLanguageItem(order=15)


@hooks.register("after_edit_page")
def go_to_next_language(request, page):
    if NextLanguageItem.name in request.POST and isinstance(page, CoursePage):
        return next_language_form(page)
    return None


class TimetableItem(MenuItem):
    def is_shown(self, request):
        return policy_registry.get_by_type(Session).user_has_permission(request.user, "change")


@hooks.register("register_admin_menu_item")
def timetable_item():
    return TimetableItem(
        _("Timetable"), reverse("timetable:index"), name="timetable", icon_name="table", order=205
    )


@hooks.register("register_reports_menu_item")
def coverage_item():
    return MenuItem(
        _("Skills coverage"), reverse("office_coverage"), name="coverage", icon_name="tasks", order=900
    )


@hooks.register("register_log_actions")
def words_of_acts(actions):
    """Label the timetable's actions in the history."""
    for code, label, said in (
        ("publish", _("Publish"), _("Shown to families")),
        ("unpublish", _("Unpublish"), _("Returned to draft")),
        ("lay_out", _("Set the dates of the session"), _("Dates set")),
        ("move", _("Move a class"), _("Class moved")),
        ("cancel", _("Cancel a class"), _("Class cancelled")),
        ("assign", _("Assign"), _("Instructors of a class assigned")),
    ):
        actions.register_action(f"courses.{code}", label, said)
