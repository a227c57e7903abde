"""Access: sign-in cards (written by enrollments.families.login_cards), roles and rescue codes (by
enrollments.staff.team).
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# Each role is a group of this name.
INSTRUCTOR, EDITOR, FRONT_DESK, MANAGER = "Instructors", "Editors", "Front desk", "Programme managers"
ROLES = (INSTRUCTOR, EDITOR, FRONT_DESK, MANAGER)


class LoginCard(models.Model):
    """A printed code that opens a guardian's account once, on the phone that stays signed in.

    Stored as a hash.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="login_cards")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    issued_by_ref = models.PositiveBigIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign-in card")
        verbose_name_plural = _("sign-in cards")
        ordering = ["-issued_at"]

    def __str__(self):
        return f"K-{self.pk}"


class StaffInvitation(models.Model):
    """A role offered to an account: single use, seven days, revocable. Its link is stored as a hash."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_invitations"
    )
    role = models.CharField(_("role"), max_length=20, choices=[(role, role) for role in ROLES])
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by_ref = models.PositiveBigIntegerField()
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation to the team")
        verbose_name_plural = _("invitations to the team")
        ordering = ["-invited_at"]

    def __str__(self):
        return f"V-{self.pk}"


class RescueCode(models.Model):
    """A code read out to a colleague who lost their second factor.

    It allows one sign-in, after which a new factor is set up.
    """

    class Reason(models.TextChoices):
        LOST = "lost", _("the phone is lost or stolen")
        CHANGED = "changed", _("new phone")
        BROKEN = "broken", _("it does not work")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="rescue_codes")
    code_hash = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    issued_by_ref = models.PositiveBigIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rescue code")
        verbose_name_plural = _("rescue codes")
        ordering = ["-issued_at"]

    def __str__(self):
        return f"Q-{self.pk}"


class RoleEvent(models.Model):
    """One change of a team member's role. Append-only; bare ids."""

    user_ref = models.PositiveBigIntegerField(db_index=True)
    role = models.CharField(max_length=20)
    what = models.CharField(max_length=8, choices=[("given", _("given on")), ("taken", _("removed"))])
    by_ref = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("role change")
        verbose_name_plural = _("role changes")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"W-{self.pk}"
