"""The editing form of our pages: addresses that hold, and translations that keep the French slug."""

from typing import Any

from django.conf import settings
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import TitleFieldPanel
from wagtail.models import Page

from home.cms import kept_pages
from home.cms.reserved import TAKEN, is_reserved


def is_translation(page: Any) -> bool:
    """Return whether a page translates a French one, whose slug it has."""
    if not page or not page.pk or not page.locale_id or page.locale.language_code == settings.LANGUAGE_CODE:
        return False
    twins = Page.objects.filter(
        translation_key=page.translation_key, locale__language_code=settings.LANGUAGE_CODE
    )
    return bool(twins.exists())


class TitlePanel(TitleFieldPanel):
    """The title, from which a new page's slug is made; a translation keeps the French slug."""

    class BoundPanel(TitleFieldPanel.BoundPanel):
        def get_should_apply(self) -> bool:
            return bool(super().get_should_apply()) and not is_translation(self.instance)


class PublicPageForm(WagtailAdminPageForm):
    """Wagtail's form; a page that menus and code lead to keeps its address and has no end."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if is_reserved(cleaned.get("slug", ""), self.parent_page):
            self.add_error("slug", TAKEN)
        stored = Page.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        if stored and kept_pages.reason(stored):
            if "slug" in cleaned and cleaned["slug"] != stored.slug:
                self.add_error("slug", kept_pages.words(stored))
            if cleaned.get("expire_at"):
                self.add_error("expire_at", kept_pages.words(stored))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Begin a new page as a draft: if its publication is refused, the draft is there with all its words.
        (Wagtail stores a new page live before it publishes its first version.)
        """
        if self.instance._state.adding:
            self.instance.live = False
        return super().save(commit=commit)
