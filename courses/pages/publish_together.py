"""Publish the pages of a course together: in every language, or in none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.locks import BasicLock, ScheduledForPublishLock
from wagtail.models import Page

from courses.pages.publishing import problems
from home.account import User
from home.cms.gate.problems import Severity
from home.refusals import Refusal


@dataclass(frozen=True)
class OpenProblem:
    """What keeps one of the pages from being published."""

    page: Page
    sentence: str
    anchor: str = ""

    @property
    def link(self) -> str:
        """Return the address of the field in the page's form."""
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk]) + self.anchor


class NotTogether(Refusal):
    """At least one page has a problem; none was published."""

    def __init__(self, found: list[OpenProblem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in found))
        self.problems = found


def open_problems(page: Page, user: User | AnonymousUser) -> list[OpenProblem]:
    """Return what keeps this version of a page from being published, and that somebody else has locked it.

    A plan is no lock here: it is replaced.
    """
    found = [
        OpenProblem(page, problem.sentence, problem.anchor)
        for problem in problems(page)
        if problem.severity is not Severity.WARNS
    ]
    if page.expire_at and page.expire_at <= (page.go_live_at or timezone.now()):
        found.insert(0, OpenProblem(page, _("The page would end before that: look at its planned dates.")))
    lock = page.get_lock()
    if isinstance(lock, ScheduledForPublishLock):
        lock = BasicLock(page) if page.locked else None
    if lock and lock.for_user(user):
        found.insert(0, OpenProblem(page, _("Somebody else has locked this page.")))
    return found


def newest(page: Page) -> Any:
    """Return a page as its form shows it: the draft, or the live version where there is none."""
    return page.get_latest_revision_as_object()


def may_publish(pages: Iterable[Page], user: User | AnonymousUser) -> bool:
    """Return whether this user may publish each of these pages."""
    return all(page.permissions_for_user(user).can_publish() for page in pages)


@transaction.atomic
def publish_together(
    pages: Iterable[Page], *, by: User | AnonymousUser, go_live_at: datetime | None = None
) -> list[Page]:
    """Publish the newest draft of each page, or plan it for `go_live_at`; return those that had one.

    Pages that are live without a change stay as they are. Raises NotTogether, and PermissionDenied for a user
    who may not publish one of them; then nothing was written.
    """
    keys = [page.pk for page in pages]
    list(Page.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    rows = Page.objects.filter(pk__in=keys).order_by("depth", "pk").specific()
    waiting = [page for page in rows if not page.live or page.has_unpublished_changes]
    drafts = [newest(page) for page in waiting]
    planned_before = [draft.go_live_at for draft in drafts]
    for draft in drafts:
        draft.go_live_at = go_live_at
    if found := [problem for draft in drafts for problem in open_problems(draft, by)]:
        raise NotTogether(found)
    for draft, before in zip(drafts, planned_before, strict=True):
        revision = draft.get_latest_revision() if before == go_live_at else None
        revision = revision or draft.save_revision(user=by, changed=False, clean=False)
        revision.publish(user=by, changed=False)
    return waiting
