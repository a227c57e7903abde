"""Say in the CMS why a page is not published, or not removed, on the page where it is mended."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.localization import get_localized_response
from wagtail.models import Page

from home.cms.approval import in_the_form
from home.cms.gate.screens import refused
from home.cms.kept_pages import Kept, reason, words
from home.cms.publishing import NotPublishable

TAKEN_AWAY = {f"wagtailadmin_pages:{name}" for name in ("delete", "unpublish", "move", "move_confirm")}
BULK = [
    {"app_label": "wagtailcore", "model_name": "page", "action": action}
    for action in ("delete", "unpublish", "move")
]


class PageDoors:
    """The doors through which a page is published or removed, in `/cms/`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = in_the_form.set(False)
        try:
            return self.get_response(request)
        finally:
            in_the_form.reset(token)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Note which form a reviewer reads, and say why a kept page stays before Wagtail speaks of
        permissions.
        """
        match = request.resolver_match
        name = match.view_name if match else ""
        if name == "wagtailadmin_pages:edit":
            in_the_form.set(True)
        elif name in TAKEN_AWAY:
            key = kwargs.get("page_id") or kwargs.get("page_to_move_id")
            page = Page.objects.filter(pk=key).first()
            if page and reason(page) and page.permissions_for_user(request.user).can_edit():
                return _answer(request, page, [words(page)])
        elif (
            name == "wagtail_bulk_action"
            and kwargs in BULK
            and request.user.has_perm("wagtailadmin.access_admin")
        ):
            _say_kept(request)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path_info.startswith("/cms/") or not isinstance(exception, NotPublishable | Kept):
            return None
        answer: HttpResponse = get_localized_response(_say, request, exception)  # in the language of the CMS
        return answer


def _say(request: HttpRequest, exception: NotPublishable | Kept) -> HttpResponse:
    if isinstance(exception, NotPublishable):
        return _answer(request, exception.page, [refused(exception)])
    return _answer(request, exception.page, exception.sentences)


def _say_kept(request: HttpRequest) -> None:
    """Name the kept pages among the chosen ones; Wagtail leaves them out of the action."""
    keys = [int(key) for key in request.GET.getlist("id") if key.isdecimal() and len(key) <= 18]
    for page in Page.objects.filter(pk__in=keys):
        if reason(page):
            messages.warning(request, words(page))


def _answer(request: HttpRequest, page: Page, sentences: Sequence[str]) -> HttpResponse:
    for sentence in sentences:
        messages.error(request, sentence)
    back = (
        reverse("wagtailadmin_pages:edit", args=[page.pk])
        if page.pk and Page.objects.filter(pk=page.pk).exists()
        else reverse("wagtailadmin_home")
    )
    if request.headers.get("x-requested-with") == "XMLHttpRequest":  # the dialog of a workflow follows this
        return JsonResponse({"step": "success", "redirect": back})
    return HttpResponseRedirect(back)
