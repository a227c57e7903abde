"""Guardian invitations. Sole writer: enrollments.families.guardians."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollments.models.people import Child, Guardianship


class GuardianInvitation(models.Model):
    """Single use, seven days, revocable; the link is stored as a hash only."""

    children = models.ManyToManyField(Child, related_name="invitations")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guardian_invitations"
    )
    relation = models.CharField(_("relationship"), max_length=10, choices=Guardianship.Relation.choices)
    rights = models.CharField(_("rights"), max_length=10, choices=Guardianship.Rights.choices)
    email = models.EmailField(_("their email address"), blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by_ref = models.PositiveBigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("guardian invitation")
        verbose_name_plural = _("guardian invitations")
        ordering = ["-created_at"]

    def __str__(self):
        return f"I-{self.pk}"
