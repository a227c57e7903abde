"""Pages that menus and code lead to: they stay published, where they are, and at their address.

A page type says so with `kept_for`. Wagtail's buttons ask its permissions; the actions behind every door
(bulk actions, the end of a page's time, the API) ask here.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page, PagePermissionTester

from home.refusals import Refusal

LEGAL = "mentions-legales"  # the foot of every page leads to it; translations keep the French slug


class Kept(Refusal, ValidationError):
    """The page stays published and where it is; nothing was written."""

    def __init__(self, page: Page) -> None:
        ValidationError.__init__(self, {"__all__": [words(page)]})
        self.page = page

    @property
    def sentences(self) -> list[str]:
        """Return why it is kept."""
        return [words(self.page)]

    def __str__(self) -> str:
        return words(self.page)


def reason(page: Page) -> str:
    """Return what leads to this page, if it is one that is kept; otherwise empty."""
    kind = page.specific_class
    if not hasattr(kind, "kept_for") or not (page.live or page.depth == 2):
        return ""  # a draft is nowhere led to, but a language's home page has pages below it
    return str(kind.kept_for(page))


def words(page: Page) -> str:
    """Return why a kept page cannot be removed."""
    return _(
        "“%(page)s” must stay published at this address: it cannot be unpublished, moved, deleted or given "
        "an end. %(reason)s"
    ) % {"page": page.title, "reason": reason(page)}


def uses(page: Page) -> list[str]:
    """Return what leads to a page besides other pages' texts: the menu, and code."""
    found = [_("The menu of every page leads to it.")] if page.show_in_menus and page.depth == 3 else []
    return [*found, why] if (why := reason(page)) else found


class KeptPermissions(PagePermissionTester):
    """The usual permissions, without taking away a page that is kept."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return not reason(self.page) and super().can_delete(ignore_bulk)

    def can_unpublish(self) -> bool:
        return not reason(self.page) and super().can_unpublish()

    def can_move(self) -> bool:
        return not reason(self.page) and super().can_move()

    def can_move_to(self, destination: Page) -> bool:
        if self.page.is_child_of(destination):  # another place in the menu
            return bool(PagePermissionTester(self.user, self.page).can_move_to(destination))
        return not reason(self.page) and super().can_move_to(destination)


def _stays(action: Any) -> bool:
    """Return whether a move only changes the order of a page among its siblings."""
    into = action.pos in {"first-child", "last-child", "sorted-child"}
    return bool(action.page.is_child_of(action.target if into else action.target.get_parent()))


def _guarded(action: Any, page_of: Callable[[Any], Page], harmless: Callable[[Any], bool]) -> None:
    """Make an action refuse a page that is kept, for every user."""
    execute = action.execute

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        page = page_of(self)
        if reason(page) and not harmless(self):
            raise Kept(page)
        return execute(self, *args, **kwargs)

    action.execute = refuse


_guarded(UnpublishPageAction, lambda action: action.object, lambda _action: False)
_guarded(DeletePageAction, lambda action: action.page, lambda _action: False)
_guarded(MovePageAction, lambda action: action.page, _stays)
