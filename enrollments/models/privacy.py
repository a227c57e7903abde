"""Data exports, erasure requests and merges.

Written by enrollments.privacy.data_export, .copy_requests, .erasure and .child_merge only.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollments.models.people import Child


class DataCopy(models.Model):
    """A ZIP with the data of a guardian and their children, for that guardian only, for one day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_copies")
    name = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("copy of personal data")
        verbose_name_plural = _("copies of personal data")
        ordering = ["-made_at"]

    def __str__(self):
        return f"D-{self.pk}"


class CopyRequest(models.Model):
    """A copy of the own data that was asked for and is not made yet. Sole writer:
    enrollments.privacy.copy_requests.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="copy_request"
    )
    asked_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)  # those that failed

    class Meta:
        verbose_name = _("copy of personal data asked for")
        verbose_name_plural = _("copies of personal data asked for")
        ordering = ["asked_at", "pk"]

    def __str__(self):
        return f"DR-{self.pk}"


class ErasureAgreement(models.Model):
    """One guardian's agreement to a child's erasure; it happens once all have agreed."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="erasure_agreements")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="erasure_agreements"
    )
    agreed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("agreement to delete a file")
        verbose_name_plural = _("agreements to delete files")
        constraints = [models.UniqueConstraint(name="erasure_agreed_once", fields=["child", "guardian"])]

    def __str__(self):
        return f"X-{self.pk}"


class MergeProposal(models.Model):
    """The front desk's question whether two files are the same child, open until every guardian who must
    agree has.
    """

    kept = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="merges_in")
    gone = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="merges_out")
    proposed_by_ref = models.PositiveBigIntegerField()
    proposed_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("proposal to merge two files")
        verbose_name_plural = _("proposals to merge files")
        constraints = [
            models.UniqueConstraint(name="merge_proposed_once", fields=["kept", "gone"]),
            models.CheckConstraint(name="merge_of_two_files", condition=~models.Q(kept=models.F("gone"))),
        ]

    def __str__(self):
        return f"M-{self.pk}"


class MergeAgreement(models.Model):
    """One guardian's agreement to merge two files."""

    proposal = models.ForeignKey(MergeProposal, on_delete=models.CASCADE, related_name="agreements")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="merge_agreements"
    )
    agreed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("agreement to merge two files")
        verbose_name_plural = _("agreements to merge files")
        constraints = [models.UniqueConstraint(name="merge_agreed_once", fields=["proposal", "guardian"])]

    def __str__(self):
        return f"Y-{self.pk}"
