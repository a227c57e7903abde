"""Ways in for whoever has no e-mail address. Written by enrollments.cards alone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LoginCard(models.Model):
    """A printed code that opens a guardian's account once, on the telephone that will keep it; only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="login_cards")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    issued_by_ref = models.PositiveBigIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("login card")
        verbose_name_plural = _("login cards")
        ordering = ["-issued_at"]

    def __str__(self):
        return f"K-{self.pk}"
