"""Tags of Wagtail's screens."""

from django import template
from django.urls import reverse
from wagtail.models import Page

from home.cms import publishing
from home.cms.gate.problems import Severity

register = template.Library()


@register.inclusion_tag("cms/problems.html")
def page_problems(page):
    """Show what is open about a stored page; nothing for what is no page of ours."""
    if not isinstance(page, Page) or not page.pk or not hasattr(page, "review_on"):
        return {"hidden": True}
    problems = publishing.open_problems(page)
    asks = any(problem.severity is Severity.ASKS for problem in problems)
    return {
        "problems": problems,
        "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "reasons_url": reverse("page_reasons", args=[page.pk]) if asks else "",
    }
