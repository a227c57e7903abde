"""The single account model (email address, name, language, phone),
and the last runs of the scheduled jobs.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from home.database.rows import LightRows
from home.language.name_keys import NameKeysField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """Create an account.

        The address is stored in lower case, so that one person has one account. None for somebody without an
        address.
        """
        user = self.model(email=self.normalize_email(email).lower() or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email=email.lower())


class User(LightRows, AbstractBaseUser, PermissionsMixin):
    """An account: guardian, instructor, editor, front desk or manager. Permissions come from the groups."""

    email = models.EmailField(_("email address"), max_length=254, unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="fr")
    phone = PhoneNumberField(_("mobile phone"), blank=True)
    is_staff = models.BooleanField(_("member of the team"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("invented for the demo"), default=False)
    name_keys = NameKeysField("name")
    date_joined = models.DateTimeField(_("since"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                name="user_address_in_lower_case", condition=models.Q(email=Lower("email"))
            )
        ]

    def __str__(self):
        # A reference, never a name: logs and the CMS store it.
        return f"U-{self.pk}"

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class JobRun(models.Model):
    """The last run of one scheduled job. Sole writer: academy.clockwork."""

    name = models.CharField(max_length=30, unique=True)
    next_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    ran_at = models.DateTimeField(null=True)
    well_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(default=0)
    did = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")
        ordering = ["name"]

    def __str__(self):
        return self.name
