"""Children and their guardians.

There is no household: each guardian has their own account and guardianship.
"""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from courses.ages import age_on
from home.account import User
from home.database.rows import LightRows
from home.language.name_keys import NameKeysField


class ChildQuerySet(models.QuerySet["Child"]):
    def of(self, user: User) -> Self:
        """Return the children this user is a guardian of, whatever their rights."""
        return self.filter(guardianships__guardian=user)

    def in_care_of(self, user: User) -> Self:
        """Return the children this user may enroll and cancel for: full rights only."""
        return self.filter(guardianships__guardian=user, guardianships__rights=Guardianship.Rights.FULL)


class Child(LightRows, models.Model):
    """A child. No school, gender, address or identity number is ever asked.

    An erased child keeps an empty row: places and accounting refer to its reference alone.
    """

    class Language(models.TextChoices):
        ARABIC = "ar", _("Arabic")
        AMAZIGH = "zgh", _("Amazigh")
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")
        SPANISH = "es", _("Spanish")

    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("family name"), max_length=80)
    first_name_ar = models.CharField(_("first name in Arabic"), max_length=80, blank=True)
    last_name_ar = models.CharField(_("family name in Arabic"), max_length=80, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True)
    languages = models.JSONField(_("languages spoken"), default=list, blank=True)
    has_laptop = models.BooleanField(_("brings their own laptop"), default=False)
    may_go_alone = models.BooleanField(_("may go home alone"), default=False)
    emergency_name = models.CharField(_("emergency contact, after the guardians"), max_length=150, blank=True)
    emergency_relation = models.CharField(_("relationship to the child"), max_length=60, blank=True)
    emergency_phone = PhoneNumberField(_("emergency contact's phone"), blank=True)
    speak_first = models.BooleanField(
        _("speak with me before the first class about my child's safety"), default=False
    )
    spoken_at = models.DateTimeField(_("talked with guardian on"), null=True, blank=True, editable=False)
    spoken_by_ref = models.PositiveBigIntegerField(null=True, editable=False)
    is_protected = models.BooleanField(_("protected file"), default=False, editable=False)
    confirmed_at = models.DateTimeField(_("data confirmed on"), null=True, editable=False)
    collection_confirmed_at = models.DateTimeField(_("pick-up list confirmed on"), null=True, editable=False)
    erased_at = models.DateTimeField(_("deleted on"), null=True, editable=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="merged_files"
    )
    name_keys = NameKeysField("first_name", "last_name", "first_name_ar", "last_name_ar")
    guardians = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Guardianship", related_name="children"
    )
    is_demo = models.BooleanField(_("invented for the demo"), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name = _("child")
        verbose_name_plural = _("children")
        ordering = ["birth_date", "pk"]
        constraints = [
            models.CheckConstraint(
                name="child_born_unless_erased",
                condition=Q(birth_date__isnull=False) | Q(erased_at__isnull=False),
            ),
            models.CheckConstraint(
                name="child_erased_without_a_name",
                condition=Q(erased_at__isnull=True) | Q(first_name="", last_name="", name_keys=""),
            ),
        ]

    def __str__(self):
        # A reference, never a name: logs store it.
        return f"C-{self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or str(self)

    def age_on(self, day: date) -> int | None:
        """Return the age in whole years on that day (courses.ages); None once erased."""
        return age_on(self.birth_date, day) if self.birth_date else None

    @property
    def must_be_spoken_for(self) -> bool:
        """Return whether the front desk still has to talk with a guardian: until then, instructors see "ask
        the front desk" (domain §7).
        """
        return self.speak_first and self.spoken_at is None


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    def full(self) -> Self:
        """Return guardianships with full rights: enroll, cancel and consent."""
        return self.filter(rights=Guardianship.Rights.FULL)


class Guardianship(LightRows, models.Model):
    """One adult's guardianship of one child, with their rights."""

    class Relation(models.TextChoices):
        MOTHER = "mother", _("mother")
        FATHER = "father", _("father")
        GUARDIAN = "guardian", _("legal guardian")
        OTHER = "other", _("other")

    class Rights(models.TextChoices):
        FULL = "full", _("full: can enroll, cancel and consent")
        INFORMED = "informed", _("informed: can view only")

    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("guardian"),
        on_delete=models.PROTECT,
        related_name="guardianships",
    )
    child = models.ForeignKey(
        Child, verbose_name=_("child"), on_delete=models.CASCADE, related_name="guardianships"
    )
    relation = models.CharField(
        _("relationship"), max_length=10, choices=Relation.choices, default=Relation.GUARDIAN
    )
    rights = models.CharField(_("rights"), max_length=10, choices=Rights.choices, default=Rights.FULL)
    since = models.DateTimeField(auto_now_add=True)

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        constraints = [
            models.UniqueConstraint(name="guardianship_once_per_pair", fields=["guardian", "child"]),
            models.CheckConstraint(
                name="guardianship_known_rights", condition=Q(rights__in=["full", "informed"])
            ),
        ]

    def __str__(self):
        return f"G-{self.pk}"
