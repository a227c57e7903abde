"""Pick-up persons, pick-up bans, safety notes and incidents.

Sole writer: enrollments.families.pickup, except where noted.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from enrollments.models.people import Child


class PickupPerson(models.Model):
    """An adult besides the guardians who may collect the child. Name and phone, never an identity number."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="pickup_persons")
    name = models.CharField(_("name"), max_length=150)
    relation = models.CharField(_("relationship to the child"), max_length=60)
    phone = PhoneNumberField(_("phone"))
    added_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("pick-up person")
        verbose_name_plural = _("pick-up persons")
        ordering = ["pk"]

    def __str__(self):
        return f"K-{self.pk}"


class Barring(models.Model):
    """A pick-up ban: a manager's decision based on a document. Shown to managers only (domain §7)."""

    class Paper(models.TextChoices):
        JUDGMENT = "judgment", _("a court judgment")
        CUSTODY = "custody", _("a custody decision")
        OTHER = "other", _("another official document")

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="barrings")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="barrings",
        verbose_name=_("guardian concerned"),
    )  # fmt: skip
    name = models.CharField(_("who may not collect"), max_length=150)
    paper = models.CharField(_("document seen"), max_length=10, choices=Paper.choices)
    seen_on = models.DateField(_("seen on"))
    recorded_by_ref = models.PositiveBigIntegerField()
    recorded_at = models.DateTimeField()
    lifted_by_ref = models.PositiveBigIntegerField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("pick-up ban")
        verbose_name_plural = _("pick-up bans")
        ordering = ["-recorded_at"]

    def __str__(self):
        return f"B-{self.pk}"


class SafetyNote(models.Model):
    """Safety instructions for a child, encrypted with dedicated keys (enrollments.families.safety_notes).

    The row reveals nothing of them.
    """

    child = models.OneToOneField(Child, on_delete=models.CASCADE, related_name="safety_note")
    sealed = models.TextField(editable=False)
    changed_at = models.DateTimeField(_("last changed"))
    changed_by_ref = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("safety note")
        verbose_name_plural = _("safety notes")

    def __str__(self):
        return f"N-{self.pk}"


class Incident(models.Model):
    """An incident report about a child. Text for guardians and managers; a guardian countersigns."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="incidents")
    meeting = models.ForeignKey(
        "courses.Meeting", on_delete=models.PROTECT, null=True, related_name="incidents"
    )
    happened_at = models.DateTimeField(_("when"))
    what = models.TextField(_("what happened"), max_length=2000)
    done = models.TextField(_("what was done"), max_length=2000)
    told = models.CharField(_("who was told, and how"), max_length=300)
    written_at = models.DateTimeField()
    written_by_ref = models.PositiveBigIntegerField()
    countersigned_at = models.DateTimeField(null=True)
    countersigned_by_ref = models.PositiveBigIntegerField(null=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-happened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="incident_signed_at_a_moment",
                condition=models.Q(countersigned_at=None, countersigned_by_ref=None)
                | models.Q(countersigned_at__isnull=False, countersigned_by_ref__isnull=False),
            )
        ]

    def __str__(self):
        return f"I-{self.pk}"


class PickupPass(models.Model):
    """A one-day pass for an adult named by a guardian.

    The link contains no child, place or time; single use.
    """

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="passes")
    name = models.CharField(_("name of this adult"), max_length=150)
    on = models.DateField(_("day"), db_column="on_date")
    token_hash = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_by_ref = models.PositiveBigIntegerField(null=True)

    class Meta:
        verbose_name = _("one-day pick-up pass")
        verbose_name_plural = _("one-day pick-up passes")
        ordering = ["-on", "-pk"]

    def __str__(self):
        return f"PP-{self.pk}"
