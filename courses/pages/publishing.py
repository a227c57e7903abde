"""Publish the pages of a course together: in every language, or in none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.fields import RichTextField, StreamField
from wagtail.locks import BasicLock, ScheduledForPublishLock
from wagtail.models import Page

from home.account import User
from home.cms.publishing import NotPublishable, judge
from home.refusals import Refusal

WANTED = ("title", "lead")  # what families look for first


@dataclass(frozen=True)
class PageProblem:
    """What keeps a page from being published. `field` is empty for a problem of the whole page."""

    page: Page
    field: str
    words: str

    @property
    def label(self) -> str:
        """Return the name of the field, as its form shows it."""
        if not self.field:
            return ""
        return str(getattr(self.page._meta.get_field(self.field), "verbose_name", self.field))

    @property
    def link(self) -> str:
        """Return the address of the field in the page's form: Wagtail opens its tab."""
        form = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        if not self.field:
            return form
        column = self.page._meta.get_field(self.field)
        if isinstance(column, StreamField):
            return f"{form}#{self.field}-root"
        # The box of a rich text is hidden behind its editor.
        return f"{form}#id_{self.field}{'-label' if isinstance(column, RichTextField) else ''}"


class NotTogether(Refusal):
    """At least one page has a problem; none was published."""

    def __init__(self, problems: list[PageProblem]) -> None:
        super().__init__(" ".join(problem.words for problem in problems))
        self.problems = problems


def problems(page: Page) -> list[PageProblem]:
    """Return what keeps this version of a page from being published; empty if nothing does.

    What every door asks (home.cms.publishing), and the texts without which families cannot choose.
    """
    found: dict[str, list[str]] = {}
    try:
        judge(page)
    except NotPublishable as refusal:
        for name, faults in refusal.error_dict.items():
            own = "" if name == NON_FIELD_ERRORS or not _is_field(page, name) else name
            found.setdefault(own, []).extend(words for fault in faults for words in fault.messages)
    for name in WANTED:
        if not getattr(page, name, name).strip() and name not in found:
            found[name] = [_("This text is missing.")]
    return [PageProblem(page, name, words) for name, faults in found.items() for words in faults]


def problems_for(page: Page, user: User | AnonymousUser) -> list[PageProblem]:
    """Return the problems of a page, and that somebody else has locked it. A plan is no lock here: it is
    replaced.
    """
    lock = page.get_lock()
    if isinstance(lock, ScheduledForPublishLock):
        lock = BasicLock(page) if page.locked else None
    if lock and lock.for_user(user):
        return [PageProblem(page, "", _("Somebody else has locked this page.")), *problems(page)]
    return problems(page)


def newest(page: Page) -> Any:
    """Return a page as its form shows it: the draft, or the live version where there is none."""
    return page.get_latest_revision_as_object()


def may_publish(pages: Iterable[Page], user: User) -> bool:
    """Return whether this user may publish each of these pages."""
    return all(page.permissions_for_user(user).can_publish() for page in pages)


@transaction.atomic
def publish_together(pages: Iterable[Page], *, by: User, go_live_at: datetime | None = None) -> list[Page]:
    """Publish the newest draft of each page, or plan it for `go_live_at`; return those that had one.

    Pages that are live without a change stay as they are. Raises NotTogether, and PermissionDenied for a user
    who may not publish one of them; then nothing was written.
    """
    keys = [page.pk for page in pages]
    list(Page.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    rows = Page.objects.filter(pk__in=keys).order_by("depth", "pk").specific()
    waiting = [page for page in rows if _waits(page)]
    drafts = [newest(page) for page in waiting]
    planned_before = [draft.go_live_at for draft in drafts]
    for draft in drafts:
        draft.go_live_at = go_live_at
    if found := [problem for draft in drafts for problem in problems_for(draft, by)]:
        raise NotTogether(found)
    for draft, before in zip(drafts, planned_before, strict=True):
        revision = draft.get_latest_revision() if before == go_live_at else None
        revision = revision or draft.save_revision(user=by, changed=False, clean=False)
        revision.publish(user=by, changed=False)
    return waiting


def _waits(page: Page) -> bool:
    """Return whether a page has anything to publish: a first version, or a later one."""
    return bool(not page.live or page.has_unpublished_changes)


def _is_field(page: Any, name: str) -> bool:
    return any(column.name == name for column in page._meta.get_fields())
