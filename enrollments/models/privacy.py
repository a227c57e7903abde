"""Copies of one's data, and the wish to be forgotten. Written by enrollments.copies and enrollments.erasure alone."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollments.models.people import Child


class DataCopy(models.Model):
    """A ZIP of what is kept of a guardian and their children, for that guardian alone, during a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_copies")
    name = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("copy of the data")
        verbose_name_plural = _("copies of the data")
        ordering = ["-made_at"]

    def __str__(self):
        return f"D-{self.pk}"


class ErasureAgreement(models.Model):
    """One full guardian's yes to the erasure of a child; with everybody's yes it is done."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="erasure_agreements")
    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="erasure_agreements")
    agreed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("agreement to an erasure")
        verbose_name_plural = _("agreements to erasures")
        constraints = [models.UniqueConstraint(name="erasure_agreed_once", fields=["child", "guardian"])]

    def __str__(self):
        return f"X-{self.pk}"
