"""A second way to save a course page: save it, then open the form of its page in the next language."""

from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin.action_menu import ActionMenuItem

from courses.admin.course_screen import pages_of
from courses.models import CoursePage
from home.language.table import LANGUAGES


def next_page(page: CoursePage) -> CoursePage | None:
    """Return the course's page in the next language that has one, in the order of the table; the first
    language follows the last.
    """
    codes, pages = list(LANGUAGES), pages_of(page.course)
    at = codes.index(page.language)
    for code in (*codes[at + 1 :], *codes[:at]):
        if code in pages:
            return pages[code]
    return None


def next_language_form(page: CoursePage):
    """Return the redirect to the form of the next language's page, or None without one."""
    following = next_page(page)
    return redirect("wagtailadmin_pages:edit", following.pk) if following else None


class NextLanguageItem(ActionMenuItem):
    name = "action-next-language"
    icon_name = "globe"

    def is_shown(self, context):
        page = context.get("page")
        return (
            context["view"] == "edit"
            and isinstance(page, CoursePage)
            and super().is_shown(context)
            and next_page(page) is not None
        )

    def get_context_data(self, parent_context):
        following = next_page(parent_context["page"])
        language = {"language": LANGUAGES[following.language].taught_in}
        label = _("Save and continue %(language)s") % language
        return super().get_context_data(parent_context) | {"label": label}
