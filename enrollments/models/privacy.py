"""Data exports, erasure requests and merges.

Written by enrollments.privacy.data_export, .copy_requests, .erasure and .child_merge only; ErasedNumber by
enrollments.families.erased_numbers.
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


class ErasedNumber(models.Model):
    """The number of something deleted, hidden or refused, until it is in the file beside the backups.

    A backup from before, restored, loses it again by that file (enrollments.privacy.erased_again).

    Numbers and codes only. Sole writer: enrollments.families.erased_numbers.
    """

    class What(models.TextChoices):
        CHILD = "child"
        ACCOUNT = "account"
        GUARDIAN = "guardian"  # of a child: `row_ref` is the child, `other_ref` the account
        PROJECT = "project"
        PROJECT_FILE = "project_file"
        PHOTO = "photo"
        HIDDEN_PHOTO = "hidden_photo"
        STORY = "story"  # of a project
        SAFETY_NOTE = "safety_note"  # of a child
        PICKUP_PERSON = "pickup_person"
        NO = "no"  # to the policy `code`: `row_ref` is the account, `other_ref` the child, if it is about one
        NO_OF_CHILD = "no_of_child"  # the child's own, which this account told us

    what = models.CharField(max_length=20, choices=What.choices)
    row_ref = models.PositiveBigIntegerField()
    other_ref = models.PositiveBigIntegerField(null=True)
    code = models.CharField(max_length=30, blank=True)
    mark = models.CharField(max_length=16)  # tells the row from another that was given its number
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("number of something deleted")
        verbose_name_plural = _("numbers of what was deleted")
        ordering = ["pk"]

    def __str__(self):
        return f"EN-{self.pk}"


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
