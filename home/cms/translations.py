"""Out-of-date translations: French changed since, still a draft, or missing. A CMS report and panel."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import Component
from wagtail.admin.views.reports import PageReportView
from wagtail.models import Locale, Page

from home.cms.report_files import text_columns

MISSING, DRAFT, BEHIND = "missing", "draft", "behind"
STATES = {
    MISSING: gettext_lazy("not translated"),
    DRAFT: gettext_lazy("draft, not published"),
    BEHIND: gettext_lazy("the French page has changed since"),
}


@dataclass(frozen=True)
class Gap:
    """A page in one language that is not up to date with the French page.

    page         the French page: pk, title, and when it was last published
    translation  the row in the other language, None if there is none
    """

    page: dict[str, Any]
    language: str
    language_name: str
    state: str
    translation: dict[str, Any] | None = None

    @property
    def title(self) -> str:
        title: str = self.page["title"]
        return title

    @property
    def words(self) -> str:
        return str(STATES[self.state])

    @property
    def since(self) -> datetime | None:
        """Return when the French page was last published."""
        published_at: datetime | None = self.page["last_published_at"]
        return published_at

    @property
    def link(self) -> str:
        """Return the URL to fix it: the translation's edit form, or the form to create one."""
        if self.translation:
            return reverse("wagtailadmin_pages:edit", args=[self.translation["pk"]])
        return reverse("simple_translation:submit_page_translation", args=[self.page["pk"]])

    @property
    def french_link(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.page["pk"]])


def gaps(language: str | None = None) -> list[Gap]:
    """Return all gaps, the oldest change first; optionally of one language.

    Two queries for any number of pages.
    """
    columns = ("pk", "title", "translation_key", "live", "last_published_at", "locale__language_code", "path")
    pages = Page.objects.filter(depth__gte=2, alias_of=None).order_by("path").values(*columns)
    wanted = dict(settings.LANGUAGES)
    there = set(Locale.objects.values_list("language_code", flat=True))
    french, others = [], {}
    for page in pages:
        if page["locale__language_code"] == settings.LANGUAGE_CODE:
            if page["live"] and page["last_published_at"]:
                french.append(page)
        else:
            others[page["translation_key"], page["locale__language_code"]] = page
    found = []
    for code in [language] if language in wanted else wanted:
        if code == settings.LANGUAGE_CODE or code not in there:
            continue
        for page in french:
            other = others.get((page["translation_key"], code))
            if state := state_of(page, other):
                found.append(Gap(page, code, wanted[code], state, other))
    return sorted(found, key=lambda gap: (gap.since, gap.page["path"]))


def state_of(page: dict[str, Any], other: dict[str, Any] | None) -> str:
    """Return missing, draft or behind; empty if the translation was published with the French page or
    later.
    """
    if other is None:
        return MISSING
    if not other["live"]:
        return DRAFT
    return (
        BEHIND
        if other["last_published_at"] is None or other["last_published_at"] < page["last_published_at"]
        else ""
    )


class BehindView(PageReportView):
    """Report of what to translate and what to update."""

    page_title = gettext_lazy("Out-of-date translations")
    header_icon = "globe"
    index_url_name = "translations_behind"
    index_results_url_name = "translations_behind_results"
    results_template_name = "cms/translations_results.html"
    any_permission_required = ["add", "change", "publish"]
    is_searchable = False
    list_export = ["title", "language_name", "words", "since"]
    export_headings = {
        "title": gettext_lazy("Page"),
        "language_name": gettext_lazy("Language"),
        "words": gettext_lazy("State"),
        "since": gettext_lazy("French published"),
    }
    custom_field_preprocess = text_columns(*list_export)
    context_object_name = "gaps"

    def get_filename(self) -> str:
        return "translations-behind"

    @cached_property
    def language(self) -> str | None:
        asked = self.request.GET.get("language")
        return asked if asked in dict(settings.LANGUAGES) else None

    def get_filtered_queryset(self) -> list[Gap]:
        return gaps(self.language)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"languages": others, "language": self.language}


class BehindPanel(Component):
    """Panel on the CMS home page: the number of gaps by language, and the oldest."""

    name = "translations_behind"
    template_name = "cms/translations_panel.html"
    order = 250
    SHOWN = 5

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        found = gaps()
        counts = Counter(gap.language_name for gap in found)
        return {
            "gaps": found[: self.SHOWN],
            "counts": dict(counts),
            "total": len(found),
            "url": reverse("translations_behind"),
        }
