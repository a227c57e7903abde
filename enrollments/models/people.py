"""Children and the adults answerable for them. There is no household: each guardian has an own account and an own tie to the child."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.ages import age_on


class ChildQuerySet(models.QuerySet):
    def of(self, user):
        """The children this person is a guardian of, whatever the rights."""
        return self.filter(guardianships__guardian=user)

    def in_care_of(self, user):
        """The children this person may enroll and cancel for: full rights only."""
        return self.filter(guardianships__guardian=user, guardianships__rights=Guardianship.Rights.FULL)


class Child(models.Model):
    """A child. No school, gender, address or identity number is ever asked."""

    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("family name"), max_length=80)
    birth_date = models.DateField(_("date of birth"))
    guardians = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Guardianship", related_name="children")
    is_demo = models.BooleanField(_("invented for the demonstration"), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name = _("child")
        verbose_name_plural = _("children")
        ordering = ["birth_date", "pk"]

    def __str__(self):
        # A reference, never a name: logs keep it.
        return f"C-{self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def age_on(self, day: date) -> int:
        """Whole years on that day (courses.ages)."""
        return age_on(self.birth_date, day)


class Guardianship(models.Model):
    """One adult answerable for one child, and what that adult may do."""

    class Relation(models.TextChoices):
        MOTHER = "mother", _("mother")
        FATHER = "father", _("father")
        GUARDIAN = "guardian", _("legal guardian")
        OTHER = "other", _("other")

    class Rights(models.TextChoices):
        FULL = "full", _("full: enrolls, cancels, consents")
        INFORMED = "informed", _("informed: reads")

    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("guardian"), on_delete=models.PROTECT, related_name="guardianships"
    )
    child = models.ForeignKey(Child, verbose_name=_("child"), on_delete=models.CASCADE, related_name="guardianships")
    relation = models.CharField(_("relation"), max_length=10, choices=Relation.choices, default=Relation.GUARDIAN)
    rights = models.CharField(_("rights"), max_length=10, choices=Rights.choices, default=Rights.FULL)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        constraints = [
            models.UniqueConstraint(name="guardianship_once_per_pair", fields=["guardian", "child"]),
            models.CheckConstraint(name="guardianship_known_rights", condition=Q(rights__in=["full", "informed"])),
        ]

    def __str__(self):
        return f"G-{self.pk}"
