"""One page per course, lesson or instructor in each language; its row is fixed once families have seen it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from home.cms.page_forms import PublicPageForm


class PresentsOneRow:
    """Mixin of page types that present one row, named by `presents`.

    `clean` raises ValidationError on that field: when another page of the language is live for the row,
    when the page was published for another row, and when a published translation presents another row.
    """

    presents: str

    def clean(self) -> None:
        super().clean()  # type: ignore[misc]  # Page has it
        row = getattr(self, f"{self.presents}_id")
        if row and (refusal := self._refusal(row)):
            raise ValidationError({self.presents: refusal})

    def _refusal(self, row: int) -> str:
        """Return the sentence that refuses this row, or an empty one."""
        pages: Any = type(self)._default_manager.exclude(pk=self.pk)  # type: ignore[attr-defined]  # a model
        kept = type(self)._default_manager.filter(pk=self.pk).first()  # type: ignore[attr-defined]
        if kept and kept.first_published_at and getattr(kept, f"{self.presents}_id") != row:
            return _(
                "This page was published for “%(row)s”, so it stays with it. "
                "To present something else, add a new page."
            ) % {"row": getattr(kept, self.presents)}
        same_row = {f"{self.presents}_id": row}
        if other := pages.live().filter(**same_row, locale_id=self.locale_id).first():  # type: ignore[attr-defined]
            return _("“%(page)s” is already the page for it in this language. Unpublish that page first.") % {
                "page": other.title
            }
        translated = pages.filter(translation_key=self.translation_key, first_published_at__isnull=False)  # type: ignore[attr-defined]
        if other := translated.exclude(**same_row).select_related("locale").first():
            return _("The published translation “%(page)s” presents “%(row)s”. Choose the same.") % {
                "page": other.title,
                "row": getattr(other, self.presents),
            }
        return ""


class RowPageForm(PublicPageForm):
    """Form of such a page: the choice of the row is closed once the page was published."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get(self._meta.model.presents)
        if field and self.instance.first_published_at and getattr(self.instance, self.instance.presents):
            field.disabled = True
            field.help_text = _("Fixed since the page was first published.")


class LessonPageForm(RowPageForm):
    """Form of a lesson page: only the lessons of the course it is under."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.parent_page and self.parent_page.specific
        if parent and "lesson" in self.fields:
            lessons = self.fields["lesson"].queryset.filter(course_id=parent.course_id, is_retired=False)
            self.fields["lesson"].queryset = lessons.order_by("number")
