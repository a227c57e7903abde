"""Screens of the gate in the CMS: why a page was refused, reasons, the list of pages with problems."""

from collections import Counter, defaultdict
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.ui.components import Component
from wagtail.admin.views.reports import PageReportView
from wagtail.models import Page

from home.cms import publishing
from home.cms.gate import reasons
from home.cms.gate.open_problems import PageProblem, keep
from home.cms.gate.problems import LABELS, ORDER, Severity
from home.cms.publishing import NotPublishable
from home.cms.report_files import text_columns


def refused(refusal: NotPublishable) -> SafeString:
    """Return why a page was not published, as HTML: that nothing is lost, and a link to each field."""
    page = refusal.page
    stored = Page.objects.filter(pk=page.pk).values("title", "live").first() if page.pk else None
    return render_to_string(
        "cms/refused.html",
        {
            "page": page,
            "stored": stored,
            "problems": refusal.problems,
            "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk]) if stored else "",
            "reasons_url": reverse("page_reasons", args=[page.pk]) if stored and refusal.asks else "",
        },
    )


@require_http_methods(["GET", "POST"])
def give_reasons(request: HttpRequest, page_id: int) -> HttpResponse:
    """Ask for a reason for each price, date, place or age that stays in a text, and keep it."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    newest = page.get_latest_revision_as_object()
    form = reasons.ReasonsForm(publishing.open_problems(newest), request.POST or None)
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    if not form.asked:
        messages.success(request, _("No reason is missing. You can publish the page."))
        return redirect(edit)
    if request.method == "POST" and form.is_valid():
        reasons.give(page, form.reasons(), by=request.user)
        if any(problem.severity is not Severity.WARNS for problem in keep(page)):
            said = _("The reasons are kept in the page’s history. Something else keeps the page back.")
        else:
            said = _("The reasons are kept in the page’s history. You can publish the page.")
        messages.success(request, said)
        return redirect(edit)
    context = {"page": page, "form": form, "edit_url": edit, "page_title": _("Why it stays")}
    return TemplateResponse(request, "cms/reasons.html", context)


class ProblemsView(PageReportView):
    """Report of the pages with open problems, the gravest first; by language and by weight."""

    page_title = gettext_lazy("Pages with problems")
    header_icon = "warning"
    index_url_name = "page_problems"
    index_results_url_name = "page_problems_results"
    results_template_name = "cms/problems_results.html"
    any_permission_required = ["add", "change", "publish"]
    is_searchable = False
    paginate_by = 30
    list_export = ["title", "locale", "sentences"]
    export_headings = {
        "title": gettext_lazy("Page"),
        "locale": gettext_lazy("Language"),
        "sentences": gettext_lazy("Problems"),
    }
    custom_field_preprocess = text_columns(*list_export)

    def get_filename(self) -> str:
        return "pages-with-problems"

    @cached_property
    def language(self) -> str:
        asked: str = self.request.GET.get("language", "")
        return asked if asked in dict(settings.LANGUAGES) else ""

    @cached_property
    def severity(self) -> str:
        asked: str = self.request.GET.get("severity", "")
        return asked if asked in LABELS else ""

    def get_filtered_queryset(self) -> Any:
        rows = PageProblem.objects.all()
        if self.severity:
            rows = rows.filter(severity=self.severity)
        pages = Page.objects.filter(pk__in=rows.values("page")).select_related("locale")
        if self.language:
            pages = pages.filter(locale__language_code=self.language)
        worst = rows.filter(severity=Severity.STOPS).values("page")
        asking = rows.filter(severity=Severity.ASKS).values("page")
        return pages.order_by(_place(worst, asking), "path")

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        pages = list(object_list)
        rows = PageProblem.objects.filter(page__in=[page.pk for page in pages])
        if self.severity:
            rows = rows.filter(severity=self.severity)
        found = defaultdict(list)
        for row in rows:
            found[row.page_id].append(row.problem)
        for page in pages:
            page.found = sorted(found[page.pk], key=lambda problem: ORDER[problem.severity])
            page.sentences = "\n".join(problem.sentence for problem in page.found)
        return pages

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "languages": settings.LANGUAGES,
            "language": self.language,
            "severities": LABELS.items(),
            "severity": self.severity,
        }


def _place(worst: Any, asking: Any) -> Any:
    """Return the place of a page in the list: first what stops, then what asks, then the rest."""
    return Case(When(pk__in=worst, then=Value(0)), When(pk__in=asking, then=Value(1)), default=Value(2))


class ProblemsPanel(Component):
    """Panel on the CMS home page: how many problems are open, by weight; empty if there are none."""

    name = "page_problems"
    template_name = "cms/problems_panel.html"
    order = 240

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        rows = PageProblem.objects.values_list("severity", flat=True).order_by()
        counts = Counter(rows)
        weights = [(severity, LABELS[severity], counts[severity]) for severity in LABELS if counts[severity]]
        return {"weights": weights, "total": sum(counts.values()), "url": reverse("page_problems")}
