"""Keep what is wrong with each page, so that lists and the first screen of the CMS need not check again.

Sole writer of PageProblem. Rows are about the newest version of a page: written again after each save and
publication, and each night, since what pages rest on (lessons, pictures, days) changes without them.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision, get_page_models
from wagtail.signals import page_published, page_unpublished

from home.cms import publishing
from home.cms.gate.problems import FORM, LABELS, Problem, Severity
from home.cms.pages import PublicPage
from home.language.table import LANGUAGES

logger = logging.getLogger("home.gate")


class PageProblem(models.Model):
    """A problem of a page's newest version that nobody has corrected or given a reason for."""

    page = models.ForeignKey(
        Page, verbose_name=_("page"), on_delete=models.CASCADE, related_name="open_problems"
    )
    severity = models.CharField(_("weight"), max_length=5, choices=LABELS.items())
    code = models.SlugField(_("code"), max_length=40)
    field = models.CharField(_("field"), max_length=120, blank=True)
    words = models.CharField(_("words"), max_length=200, blank=True)
    values = models.JSONField(_("values"), default=dict, blank=True)

    class Meta:
        verbose_name = _("problem of a page")
        verbose_name_plural = _("problems of pages")
        ordering = ["page", "pk"]
        constraints = [
            models.UniqueConstraint(name="pageproblem_once", fields=["page", "code", "field", "words"]),
            models.CheckConstraint(
                name="pageproblem_known_severity",
                condition=models.Q(severity__in=[severity.value for severity in Severity]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page_id}:{self.code}"

    @property
    def problem(self) -> Problem:
        return Problem(self.code, Severity(self.severity), self.field, self.values)


def keep(page: Page) -> list[Problem]:
    """Check the newest version of a page and keep what is found; return it."""
    specific = page.specific
    revision = specific.get_latest_revision() if specific.has_unpublished_changes else None
    newest = revision.as_object() if revision else specific
    found = publishing.open_problems(newest)
    faults = _faults(newest) if any(problem.code == FORM for problem in found) else {}
    rows = [
        PageProblem(
            page_id=page.pk,
            severity=problem.severity,
            code=problem.code,
            field=problem.field,
            words=str(problem.values.get("words", ""))[:200],
            values=faults.get(number, problem.values),
        )
        for number, problem in enumerate(found)
    ]
    with transaction.atomic():
        PageProblem.objects.filter(page=page.pk).delete()
        PageProblem.objects.bulk_create(rows, ignore_conflicts=True)  # two tabs may save at once
    return found


def _faults(page: Page) -> dict[int, dict[str, str]]:
    """Return what the form says of each of its faults, by position, in every language."""
    said: dict[int, dict[str, str]] = {}
    for language in LANGUAGES:
        with translation.override(language):
            for number, problem in enumerate(publishing.open_problems(page)):
                if problem.code == FORM:
                    said.setdefault(number, {})[f"fault_{language}"] = problem.sentence
    return said


def checkable(pages: Any = None) -> Any:
    """Return the pages that are checked: those of our types, without aliases."""
    kinds = [kind for kind in get_page_models() if issubclass(kind, PublicPage)]
    return (Page.objects if pages is None else pages).type(*kinds).filter(alias_of=None)


def keep_all(at: datetime, pages: Iterable[Page] | None = None) -> int:
    """Check every page again, each in its own transaction; return how many have a problem that stops or asks.

    A page that cannot be checked is written to the log and stops no other.
    """
    count = 0
    for page in checkable() if pages is None else pages:
        try:
            found = keep(page)
        except Exception:
            logger.exception("checks of page %s", page.pk)
            continue
        count += any(problem.severity is not Severity.WARNS for problem in found)
    return count


def _keep_later(key: int) -> None:
    """Check once the change is stored; a fault in a check loses no draft (`robust`)."""

    def now() -> None:
        if page := checkable(Page.objects.filter(pk=key)).first():
            keep(page)

    transaction.on_commit(now, robust=True)


@receiver(post_save, sender=Revision, dispatch_uid="problems of a new version")
def _saved(instance: Revision, raw: bool = False, **_what: Any) -> None:
    model = instance.base_content_type.model_class()
    if not raw and model and issubclass(model, Page):
        _keep_later(int(instance.object_id))


@receiver([page_published, page_unpublished], dispatch_uid="problems of a published page")
def _published(instance: Page, **_what: Any) -> None:
    _keep_later(instance.pk)
