"""Words that mean the same in a search: editors keep them, course search asks them at each query."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.language.lists import listed

COMMAS = str.maketrans("،;؛\n", ",,,,")


def split(words: str | None) -> list[str]:
    """Return the words or phrases between commas, Arabic ones too, without repetition."""
    parts = (" ".join(part.split()) for part in (words or "").translate(COMMAS).split(","))
    return list(dict.fromkeys(part for part in parts if part))


class SearchWords(models.Model):
    """Words and phrases that find the same courses, whichever of them is typed or written on a page."""

    words = models.CharField(
        _("words"), max_length=400, blank=True, help_text=_("Words or phrases, with commas between them.")
    )

    words_fr: str | None
    words_ar: str | None
    words_en: str | None

    objects: ClassVar[models.Manager["SearchWords"]] = models.Manager()

    class Meta:
        verbose_name = _("words that mean the same")
        verbose_name_plural = _("words that mean the same")
        ordering = ["pk"]

    def __str__(self) -> str:
        return listed(self.all()[:5])

    def all(self) -> list[str]:
        """Return the words and phrases of the three languages."""
        return list(dict.fromkeys(split(self.words_fr) + split(self.words_ar) + split(self.words_en)))

    def clean(self) -> None:
        """Raise ValidationError for a row that links nothing."""
        super().clean()
        if len(self.all()) < 2:
            raise ValidationError(
                gettext("Enter at least two words, in any of the languages, with commas between them.")
            )
