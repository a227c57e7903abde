"""Publish and unpublish what is planned, each page in its own transaction.

What fails stays planned and is tried again on each turn. It is noted once in the page's history, its author
is told once (home.signals.plan_failed), and the CMS shows it in red until it is mended.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import Error, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry, Revision

from home.account import User
from home.database.away import is_away
from home.language.dates import clock_words, day_words
from home.signals import plan_failed

logger = logging.getLogger("home.schedule")
FAILED = "home.plan_failed"


@dataclass(frozen=True)
class PagePlan:
    """A page to publish, or to take off the site, whose time has come."""

    page: Page
    due_at: datetime
    revision: Revision | None = None  # None: it ends

    @property
    def is_end(self) -> bool:
        return self.revision is None

    @property
    def edit_url(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])

    @cached_property
    def fault(self) -> str:
        """Return why it failed, as noted last; empty if it was not tried yet."""
        entry = _noted(self)
        return entry.data["fault"] if entry else ""

    @property
    def sentence(self) -> str:
        """Return what was planned for when, and why it failed."""
        moment = {"day": day_words(self.due_at), "clock": clock_words(self.due_at), "fault": self.fault}
        if self.is_end:
            return _("This page was to end on %(day)s at %(clock)s. %(fault)s") % moment
        return _("This page was to be published on %(day)s at %(clock)s. %(fault)s") % moment

    def author(self) -> User | None:
        """Return who planned it, or wrote that version, or the page."""
        entry = (
            PageLogEntry.objects.filter(page=self.page.pk, action="wagtail.publish.schedule")
            .filter(revision=self.revision)
            .order_by("-timestamp")
            .first()
            if self.revision
            else None
        )
        people = [entry and entry.user, self.revision and self.revision.user, self.page.owner]
        return next((person for person in people if person and person.is_active), None)


def due(at: datetime) -> list[PagePlan]:
    """Return what should be done by now, the earliest first: ends, then publications."""
    ends = Page.objects.filter(live=True, expire_at__lt=at).order_by("expire_at", "pk")
    revisions = Revision.page_revisions.filter(approved_go_live_at__lt=at).order_by(
        "approved_go_live_at", "pk"
    )
    found = [PagePlan(page, page.expire_at) for page in ends]
    for revision in revisions:
        page = Page.objects.filter(pk=revision.object_id).first()
        if page:
            found.append(PagePlan(page, revision.approved_go_live_at, revision))
    return found


def run(at: datetime) -> int:
    """Do what is due; return how many pages were published or unpublished."""
    return sum(_try(plan, at) for plan in due(at))


def late(at: datetime) -> list[PagePlan]:
    """Return what was tried and failed, and still waits."""
    return [plan for plan in due(at) if plan.fault]


def _try(plan: PagePlan, at: datetime) -> bool:
    author = plan.author()
    with translation.override(author.language if author else settings.LANGUAGE_CODE):
        try:
            with transaction.atomic():
                return _carry_out(plan, at)
        except Exception as fault:
            if isinstance(fault, Error) and is_away(fault):
                logger.exception(
                    "plan of page %s", plan.page.pk
                )  # a lock or a lost connection: the next turn
                return False
            words = " ".join(getattr(fault, "sentences", [])) or _(
                "A technical fault: please tell whoever looks after the site."
            )
            _note(plan, words, author, at, fault)
            return False


def _carry_out(plan: PagePlan, at: datetime) -> bool:
    """Publish or unpublish; False if the plan was cancelled or done in the meantime."""
    if plan.revision is None:
        page = Page.objects.select_for_update().filter(pk=plan.page.pk, live=True, expire_at__lt=at).first()
        if page is None:
            return False
        page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        return True
    rows = Revision.objects.select_for_update().filter(pk=plan.revision.pk, approved_go_live_at__lt=at)
    revision = rows.first()
    if revision is None:
        return False
    revision.publish(log_action="wagtail.publish.scheduled")
    return True


def _noted(plan: PagePlan) -> PageLogEntry | None:
    """Return the last note of a failure of exactly this plan."""
    rows = PageLogEntry.objects.filter(page=plan.page.pk, action=FAILED, revision=plan.revision)
    entry: PageLogEntry | None = rows.order_by("-timestamp", "-pk").first()
    return entry if entry and entry.data.get("due_at") == plan.due_at.isoformat() else None


def _note(plan: PagePlan, words: str, author: User | None, at: datetime, fault: Exception) -> None:
    """Note a failure and tell the author, once for each reason."""
    noted = _noted(plan)
    if noted and noted.data["fault"] == words:
        return
    logger.warning("plan of page %s failed", plan.page.pk, exc_info=fault)
    with transaction.atomic():
        log(
            instance=plan.page.specific_deferred,
            action=FAILED,
            revision=plan.revision,
            data={"fault": words, "due_at": plan.due_at.isoformat()},
        )
        plan_failed.send(PagePlan, plan=plan, to=author, fault=words, at=at)


class LatePanel(Component):
    """Panel on the CMS home page: what was planned and failed; empty while all is well."""

    name = "late_plans"
    template_name = "cms/late_panel.html"
    order = 50

    def __init__(self, plans: Callable[[], list[PagePlan]]) -> None:
        self.plans = plans

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"plans": self.plans()}


def waits_in_vain(page: Page, at: datetime) -> list[PagePlan]:
    """Return the failed plans of one page."""
    revisions = Revision.objects.for_instance(page).filter(approved_go_live_at__lt=at)
    plans = [PagePlan(page, revision.approved_go_live_at, revision) for revision in revisions]
    if Page.objects.filter(Q(live=True, expire_at__lt=at), pk=page.pk).exists():
        plans.append(PagePlan(page, page.expire_at))
    return [plan for plan in plans if plan.fault]
