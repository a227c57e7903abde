"""Access log and guardian changes. Append-only, bare ids, no names, so erasure does not affect them.

Sole writers: enrollments.privacy.access_log for ReadRecord, enrollments.families.guardians for GuardianEvent.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReadRecord(models.Model):
    """One staff access to a child's data, shown to guardians with full rights (domain §6)."""

    class What(models.TextChoices):
        FILE = "file", _("the child's file")
        SAFETY_NOTE = "safety_note", _("the safety note")
        ROSTER = "roster", _("a class roster")
        EXPORT = "export", _("a copy of the data")
        CONSENTS = "consents", _("the consents")
        PROJECTS = "projects", _("the projects")
        CERTIFICATE = "certificate", _("a certificate")
        REPORT = "report", _("the report of a term")
        PHOTOS = "photos", _("pictures of classes")

    class Reason(models.TextChoices):
        NONE = "", _("no reason needed")
        CLASS_TODAY = "class_today", _("the child is in class today")
        INCIDENT = "incident", _("there was an incident")
        GUARDIAN_ASKED = "guardian_asked", _("a guardian asked us to")
        CORRECTION = "correction", _("to correct the file")

    what = models.CharField(max_length=12, choices=What.choices)
    child_ref = models.PositiveBigIntegerField(db_index=True)
    by_ref = models.PositiveBigIntegerField()
    role = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("record of access")
        verbose_name_plural = _("records of access")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"R-{self.pk}"


class GuardianEvent(models.Model):
    """One change of a child's guardians, with who decided it, and as `reason` on which document; for a change
    of relationship, its two codes: "mother.guardian".
    """

    class What(models.TextChoices):
        ADDED = "added", _("became a guardian")
        RAISED = "raised", _("was given full rights")
        LEFT = "left", _("left")
        REMOVED = "removed", _("was removed")
        RELATION = "relation", _("relationship to the child changed")

    child_ref = models.PositiveBigIntegerField(db_index=True)
    guardian_ref = models.PositiveBigIntegerField()
    what = models.CharField(max_length=8, choices=What.choices)
    rights = models.CharField(max_length=10)
    reason = models.CharField(max_length=20, blank=True)
    by_ref = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("guardian change")
        verbose_name_plural = _("guardian changes")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"T-{self.pk}"


class AccountEvent(models.Model):
    """What happened around an account: failed sign-ins, new devices, changed phones, copies of data.

    Which phone or address is not stored, only whose. Sole writer: enrollments.families.account_events.
    """

    class What(models.TextChoices):
        LOGIN_FAILED = "login_failed", _("wrong password")
        SHUT_OUT = "shut_out", _("too many wrong passwords: strangers shut out")
        NEW_DEVICE = "new_device", _("sign-in on a new device")
        PHONE = "phone", _("phone of an account changed")
        CHILD_PHONE = "child_phone", _("a child's emergency or pick-up phone changed")
        COPY = "copy", _("copy of the own data created")
        WORK_COPY = "work_copy", _("a child's projects downloaded")
        WORK_DELETED = "work_deleted", _("a child's project or file deleted")
        PHOTO_HIDDEN = "photo_hidden", _("a picture of a class hidden: a family asked")
        PHOTO_SHOWN = "photo_shown", _("a hidden picture of a class shown again")
        STORY_SHOWN = "story_shown", _("a project approved for the showcase")
        STORY_HIDDEN = "story_hidden", _("a story of the showcase hidden: somebody asked")
        STORY_ENDED = "story_ended", _("a story taken out of the showcase")
        PHOTO_DELETED = "photo_erased", _("a picture of a class deleted")
        PRINT_BACK = "print_back", _("a 3D print marked ready or collected by mistake: undone")

    what = models.CharField(max_length=12, choices=What.choices)
    user_ref = models.PositiveBigIntegerField(null=True, db_index=True)  # empty: no account has that address
    child_ref = models.PositiveBigIntegerField(null=True)
    by_ref = models.PositiveBigIntegerField(null=True)  # empty: nobody was signed in
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("event of an account")
        verbose_name_plural = _("events of accounts")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"J-{self.pk}"
