"""CMS hooks of the home app: input direction, out-of-date translations, hints, no accounts."""

from django.db import models
from django.forms import TextInput
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from phonenumber_field.modelfields import PhoneNumberField
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.menu import MenuItem
from wagtail.admin.userbar import AccessibilityItem, ContentCheckerItem
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateInput, AdminDateTimeInput, AdminTimeInput
from wagtail.models import Page
from wagtail.permissions import policy_registry

from home.cms import closed, history, schedule  # noqa: F401  (history: restricts the site history to the team)
from home.cms.content_checks import notices
from home.cms.gate import reasons, screens
from home.cms.pages import PublicPage
from home.cms.publishing import refusals
from home.cms.translations import BehindPanel, BehindView
from home.cms.words_language import writes_in
from home.date_words import date_words
from home.language.table import LANGUAGES
from home.language.typed_dates import ClockField, DayField, MomentField
from home.language.typed_phones import NumberField
from home.models import Picture
from home.pictures.failed_panel import FailedPicturesPanel


def in_its_direction(widget):
    """Set a language column's (`name_ar`) widget to its language and direction; others keep the default."""

    def override(db_field):
        code = db_field.name.rpartition("_")[2]
        if code not in LANGUAGES or not hasattr(db_field, "translated_field"):
            return {}
        return {"widget": widget(attrs=LANGUAGES[code].attrs)}

    return override


register_form_field_override(models.CharField, override=in_its_direction(TextInput))
register_form_field_override(models.TextField, override=in_its_direction(AdminAutoHeightTextInput))
# One reading of days and times for every model's form, page scheduling included.
register_form_field_override(models.DateField, override={"form_class": DayField, "widget": AdminDateInput})
register_form_field_override(
    models.DateTimeField, override={"form_class": MomentField, "widget": AdminDateTimeInput}
)
register_form_field_override(models.TimeField, override={"form_class": ClockField, "widget": AdminTimeInput})
register_form_field_override(PhoneNumberField, override={"form_class": NumberField})


@hooks.register("insert_global_admin_css")
def our_css():
    return format_html('<link rel="stylesheet" href="{}">', static("home/cms.css"))


@hooks.register("insert_global_admin_js")
def our_js():
    return format_html(
        '<script src="{}" defer></script><script src="{}" data-url="{}" defer></script>',
        static("home/cms.js"),
        static("home/date-words.js"),
        reverse("date_words"),
    )


# ---- translations


@hooks.register("register_admin_urls")
def our_urls():
    return [
        path("date-words/", date_words, name="date_words"),
        path("page-reasons/<int:page_id>/", screens.give_reasons, name="page_reasons"),
        path("reports/problems/", screens.ProblemsView.as_view(), name="page_problems"),
        path(
            "reports/problems/results/",
            screens.ProblemsView.as_view(results_only=True),
            name="page_problems_results",
        ),
        path("reports/translations/", BehindView.as_view(), name="translations_behind"),
        path(
            "reports/translations/results/",
            BehindView.as_view(results_only=True),
            name="translations_behind_results",
        ),
    ]


class WritersItem(MenuItem):
    """Menu item for users who edit pages."""

    def is_shown(self, request):
        return policy_registry.get_by_type(Page).user_has_any_permission(
            request.user, ["add", "change", "publish"]
        )


@hooks.register("register_reports_menu_item")
def translations_item():
    return WritersItem(
        gettext_lazy("Translations"),
        reverse("translations_behind"),
        name="translations-behind",
        icon_name="globe",
        order=100,
    )


@hooks.register("construct_homepage_panels")
def translations_panel(request, panels):
    if policy_registry.get_by_type(Page).user_has_any_permission(request.user, ["add", "change", "publish"]):
        panels.append(BehindPanel())


# ---- pictures


@hooks.register("before_edit_page")
def write_in_its_language(request, page):
    writes_in(page.locale.language_code)


@hooks.register("before_create_page")
def write_in_the_language_above(request, parent, page_class):
    writes_in(parent.locale.language_code)


@hooks.register("construct_homepage_panels")
def failed_pictures_panel(request, panels):
    if policy_registry.get_by_type(Picture).user_has_permission(request.user, "change"):
        panels.append(FailedPicturesPanel())


# ---- no accounts here


@hooks.register("construct_settings_menu")
def without_accounts(request, items):
    items[:] = [item for item in items if item.name not in {"users"}]


@hooks.register("construct_help_menu")
def without_other_hosts(request, items):
    items[:] = [
        item for item in items if not item.name.startswith("whats-new") and item.name != "editor-guide"
    ]


# ---- hints


class Checker(ContentCheckerItem):
    """Wagtail's page checks in preview, plus missing alternative text."""

    axe_run_only = [*ContentCheckerItem.axe_run_only, "image-alt"]
    axe_messages = ContentCheckerItem.axe_messages | {
        "image-alt": {
            "error_name": gettext_lazy("A picture has no alternative text"),
            "help_text": gettext_lazy("Describe it for those who cannot see it, or mark it as decoration."),
        }
    }


@hooks.register("construct_wagtail_userbar")
def our_checks(request, items, page):
    items[:] = [
        Checker(in_editor=item.in_editor) if type(item) in {AccessibilityItem, ContentCheckerItem} else item
        for item in items
    ]


# ---- restricted pages and documents

hooks.register("on_serve_page", closed.ask_first, order=-10)
hooks.register("before_serve_document", closed.ask_for_document, order=-10)


# ---- publishing


@hooks.register("before_bulk_action")
def judge_all(request, action_type, objects, action):
    """Publish all chosen pages or none, and say what each one lacks."""
    if action_type != "publish" or not issubclass(action.model, Page):
        return None
    below = action.cleaned_form.cleaned_data["include_descendants"]
    found = refusals(objects, below=below, user=request.user)
    for refusal in found:
        messages.error(request, screens.refused(refusal))
    return redirect(action.next_url) if found else None


@hooks.register("before_edit_page")
def say_what_failed(request, page):
    if request.method == "GET":
        for plan in schedule.waits_in_vain(page, timezone.now()):
            messages.error(request, plan.sentence)


@hooks.register("construct_homepage_panels")
def late_panel(request, panels):
    if policy_registry.get_by_type(Page).user_has_any_permission(request.user, ["add", "change", "publish"]):
        panels.insert(0, schedule.LatePanel(lambda: schedule.late(timezone.now())))


@hooks.register("register_log_actions")
def words_of_plans(actions):
    actions.register_action(
        schedule.FAILED,
        gettext_lazy("Planned publication failed"),
        gettext_lazy("The plan could not be carried out"),
    )


@hooks.register("register_reports_menu_item")
def problems_item():
    return WritersItem(
        gettext_lazy("Pages with problems"),
        reverse("page_problems"),
        name="page-problems",
        icon_name="warning",
        order=90,
    )


@hooks.register("construct_homepage_panels")
def problems_panel(request, panels):
    if policy_registry.get_by_type(Page).user_has_any_permission(request.user, ["add", "change", "publish"]):
        panels.append(screens.ProblemsPanel())


@hooks.register("register_log_actions")
def words_of_reasons(actions):
    actions.register_action(reasons.GIVEN)(reasons.ReasonFormatter)


@hooks.register("after_publish_page")
def say_what_lacks(request, page):
    if isinstance(page, PublicPage):
        for sentence in notices(page):
            messages.info(request, sentence)
