"""What every public page has: folded search words, cacheable answers, a French fallback that says so."""

from functools import lru_cache

from django.db import models
from django.db.models import Q
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Locale, Page, PageViewRestriction
from wagtail.rich_text import get_text_for_indexing
from wagtail.search import index

from home.language.folding import folded_words


@lru_cache(maxsize=8)
def language_of(locale_id: int) -> str:
    """The language code of a locale; locales never change their language, so the answer is kept."""
    return Locale.objects.get(pk=locale_id).language_code


class PublicPage(models.Model):
    """Mixin of our page types.

    Public pages carry no form token and no person, so visitors share one answer for a few seconds.
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

    words_fields = ("title",)
    private_page_options = []

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
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("folded_words", boost=2),
        index.AutocompleteField("folded_title"),
        index.FilterField("locale"),
    ]

    class Meta:
        abstract = True

    @property
    def language(self) -> str:
        """The language its words are written in."""
        return language_of(self.locale_id)

    def words(self) -> str:
        """Everything this page says, as plain text; facts it prints may be added by a page type."""
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

    def get_view_restrictions(self):
        """What closes this page or a page above it (of an alias: its source), asked in one query instead of
        one per step.
        """
        paths = [self.path[:length] for length in range(self.steplen, len(self.path) + 1, self.steplen)]
        closed = Q(page__path__in=paths) | Q(page__aliases__path__in=paths)
        self._restrictions = PageViewRestriction.objects.filter(closed).distinct()
        return self._restrictions

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["fallback"] = getattr(request, "is_fallback", False) or self.language != get_language()
        return context

    def serve(self, request, *args, **kwargs):
        response = super().serve(request, *args, **kwargs)
        patch_vary_headers(
            response, ["HX-Request"]
        )  # one address, the whole page or a part of it: browsers keep them apart
        # The door of a closed page was asked before we came here (its rows are kept): what is behind it is
        # shared with nobody.
        closed = getattr(self, "_restrictions", None)
        response.visitor_cache = not closed and self.is_canonical(request)
        return response

    def is_canonical(self, request) -> bool:
        """Whether this address is one that visitors share: no query string, or one the page itself writes."""
        return request.method in {"GET", "HEAD"} and not request.GET
