"""Public page mixin: folded search text, cacheable responses, and a marked French fallback."""

from functools import lru_cache
from typing import Any, cast

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Locale, Page, PagePermissionTester, PageViewRestriction
from wagtail.rich_text import get_text_for_indexing
from wagtail.search import index

from home.cms.closed import paths_above, restrictions_on
from home.cms.kept_pages import KeptPermissions
from home.cms.page_forms import PublicPageForm
from home.cms.publishing import judge, judge_form
from home.database.rows import LightRows
from home.language.folding import folded_words
from home.signals import page_requested


@lru_cache(maxsize=8)
def language_of(locale_id: int) -> str:
    """Return a locale's language code; cached, since locales never change."""
    code: str = Locale.objects.get(pk=locale_id).language_code
    return code


class PublicPage(LightRows, models.Model):
    """Mixin of our page types.

    Public pages contain no CSRF token or personal data, so visitors share a response for a few seconds.
    """

    social_image = models.ForeignKey(
        "home.Picture",
        verbose_name=_("picture for sharing"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Leave empty to use the one we draw."),
    )

    review_on = models.DateField(
        _("to be read again on"),
        null=True,
        blank=True,
        help_text=_("After this day the page is listed among the pages with problems."),
    )

    words_fields: tuple[str, ...] = ("title",)
    reads_to_children = False  # its texts are measured for children, not for adults
    private_page_options: list[str] = []
    base_form_class = PublicPageForm

    # Columns of Page, the other base class of every page type.
    subpage_types: list[str]
    locale_id: int
    live: bool
    title: str
    path: str
    steplen: int
    alias_of: Any
    alias_of_id: int | None
    _restrictions: list[PageViewRestriction] | None = None  # read by home.cms.closed while it is served
    is_judged = False  # set while a version that passed the gate is stored

    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("social_image"),
            ],
            heading=_("For search engines and sharing"),
        ),
        MultiFieldPanel([FieldPanel("show_in_menus")], heading=_("In the menu")),
        MultiFieldPanel([FieldPanel("review_on")], heading=_("Review")),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("folded_words", boost=2),
        index.AutocompleteField("folded_title"),
        index.FilterField("locale"),
    ]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Judge what visitors will see, also where Wagtail stores it unjudged: copies, aliases and the pages
        below them. Raises home.cms.publishing.NotPublishable.

        The gate is for what goes live: a page that is live is stored again when it is moved, for example.
        """
        if self.alias_of_id and (source := self.alias_of.alias_of):
            self.alias_of = source  # one step to what closes it (home.cms.closed)
        if self.live and kwargs.get("update_fields") is None:
            if self.is_judged or self._was_live():
                judge_form(self)
            else:
                judge(self)
        return super().save(*args, **kwargs)

    def _was_live(self) -> bool:
        return not self._state.adding and Page.objects.filter(pk=self.pk, live=True).exists()

    @classmethod
    def kept_for(cls, page: Page) -> str:
        """Return what leads to this page of this type, if menus or code do; otherwise empty
        (home.cms.kept_pages).
        """
        return ""

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return KeptPermissions(user, self)

    def update_aliases(self, **kwargs: Any) -> None:
        """Bring aliases up to date, but not before this page is live: Wagtail publishes them when a page is
        only planned. (It passes `_updated_ids` for aliases of an alias, which it read before updating them.)
        """
        if self.live or "_updated_ids" in kwargs:
            super().update_aliases(**kwargs)  # type: ignore[misc]  # Page has it

    @property
    def language(self) -> str:
        """Return the language of the page's texts."""
        return language_of(self.locale_id)

    def words(self) -> str:
        """Return the page's whole text; page types may add data they show."""
        parts = []
        for field in self.words_fields:
            value = getattr(self, field)
            if hasattr(value, "stream_block"):
                parts += value.stream_block.get_searchable_content(value)
            else:
                parts.append(get_text_for_indexing(value))
        return " ".join(parts)

    def folded_words(self) -> str:
        return " ".join(folded_words(self.words(), self.language))

    def folded_title(self) -> str:
        return " ".join(folded_words(self.title, self.language))

    def get_view_restrictions(self) -> "QuerySet[PageViewRestriction] | list[PageViewRestriction]":
        """Return the view restrictions on this page or its ancestors (for an alias: its source), in one query
        instead of one per level; while a page is served, those that were read for its first check.
        """
        if self._restrictions is not None:
            return self._restrictions
        return restrictions_on(paths_above(cast(Page, self)))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the page itself, and the data that receivers of `page_requested` add for this page type.

        A preview on another day says which: `request.previewed_at`.
        """
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)  # type: ignore[misc]  # Page has it
        context["fallback"] = getattr(request, "is_fallback", False) or self.language != get_language()
        now = getattr(request, "previewed_at", None) or timezone.now()
        for _receiver, facts in page_requested.send(type(self), page=self, request=request, at=now):
            context |= cast(dict[str, Any], facts)
        return context

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)  # type: ignore[misc]  # Page has it
        patch_vary_headers(
            response, ["HX-Request"]
        )  # one URL for the whole page or a part of it: browsers cache them separately
        # The restrictions were checked before; what a closed page says is shared with nobody.
        response.visitor_cache = not self._restrictions and self.is_canonical(request)  # type: ignore[attr-defined]  # read by a middleware
        return response

    def is_canonical(self, request: HttpRequest) -> bool:
        """Return whether visitors share this URL: no query string, or the canonical one."""
        return request.method in {"GET", "HEAD"} and not request.GET
