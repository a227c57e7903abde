"""Optional emails guardians opt in to. Sole writer: enrollments.classes.digests."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LetterWish(models.Model):
    """Both kinds are off by default. The dates record what was sent last, so that none is sent twice."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letter_wish"
    )
    tomorrow = models.BooleanField(_("the evening before a class"), default=False)
    weekly = models.BooleanField(_("the week, on Sunday evening"), default=False)
    tomorrow_sent_on = models.DateField(null=True)
    weekly_sent_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("emails asked for")
        verbose_name_plural = _("emails asked for")

    def __str__(self):
        return f"L-{self.pk}"
