"""Attendance, going home, and notes for the next class. Sole writer: enrollments.classes.register."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting
from enrollments.models.people import Child


class Presence(models.Model):
    """One child in one class: announcement, mark, way home. No row: nothing recorded yet."""

    class Mark(models.TextChoices):
        PRESENT = "present", _("present")
        LATE = "late", _("late")
        ABSENT = "absent", _("absent")
        LEFT = "left", _("left early")
        EXCUSED = "excused", _("excused")

    class Announced(models.TextChoices):
        ABSENT = "absent", _("will not come")
        LATE = "late", _("will be late")

    class Home(models.TextChoices):
        GUARDIAN = "guardian", _("a guardian")
        LISTED = "listed", _("somebody on the list")
        ALONE = "alone", _("on their own")
        OTHER = "other", _("another adult, after a call")
        PASS = "pass", _("with a one-day pass")

    class SpokenWith(models.TextChoices):
        INSTRUCTOR = "instructor", _("the instructor")
        ADULT = "adult", _("another adult")

    CAME = (Mark.PRESENT, Mark.LATE, Mark.LEFT)
    MISSED = (Mark.ABSENT, Mark.EXCUSED)
    IN_ROOM = (Mark.PRESENT, Mark.LATE)

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("class meeting"), on_delete=models.PROTECT, related_name="presences"
    )
    child = models.ForeignKey(
        Child, verbose_name=_("child"), on_delete=models.CASCADE, related_name="presences"
    )
    mark = models.CharField(_("mark"), max_length=7, choices=Mark.choices, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes late, or minutes left early"), null=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    version = models.PositiveIntegerField(
        default=0
    )  # version for optimistic locking: a mark says which one it saw
    marked_at = models.DateTimeField(null=True)
    marked_by_ref = models.PositiveBigIntegerField(null=True)
    announced = models.CharField(
        _("notice from the family"), max_length=6, choices=Announced.choices, blank=True
    )
    announced_at = models.DateTimeField(null=True)
    announced_by_ref = models.PositiveBigIntegerField(null=True)
    spoken_at = models.DateTimeField(null=True)  # an adult has said where the child is
    spoken_by_ref = models.PositiveBigIntegerField(null=True)
    spoken_with = models.CharField(max_length=10, choices=SpokenWith.choices, blank=True)
    went_home = models.CharField(_("went home with"), max_length=8, choices=Home.choices, blank=True)
    went_with = models.CharField(_("name"), max_length=150, blank=True)
    went_at = models.DateTimeField(null=True)
    went_by_ref = models.PositiveBigIntegerField(null=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["meeting", "child"]
        constraints = [
            models.UniqueConstraint(name="presence_once_per_meeting", fields=["meeting", "child"]),
            models.CheckConstraint(
                name="presence_known_mark",
                condition=Q(mark__in=["", "present", "late", "absent", "left", "excused"]),
            ),
            models.CheckConstraint(
                name="presence_spoken_with_known", condition=Q(spoken_with__in=["", "instructor", "adult"])
            ),
            models.CheckConstraint(
                name="presence_minutes_of_late_or_left",
                condition=Q(minutes=None) | Q(mark__in=["late", "left"], minutes__lte=600),
            ),
            models.CheckConstraint(
                name="presence_home_at_a_moment",
                condition=Q(went_home="", went_at=None) | ~Q(went_home="") & Q(went_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"A-{self.pk}"

    @property
    def came(self) -> bool:
        return self.mark in self.CAME

    @property
    def is_in_room(self) -> bool:
        """Return whether the child is present and has not gone home."""
        return self.mark in self.IN_ROOM and not self.went_home


class PresenceChange(models.Model):
    """One change of one mark, or one answer about a child who was missing, given or undone.

    Its idempotency key makes a resent tap the same change. Bare ids, so erasure does not affect it.
    """

    class Answer(models.TextChoices):
        INSTRUCTOR = "instructor", _("the instructor")
        ADULT = "adult", _("another adult")
        TAKEN_BACK = "taken_back", _("undone")

    key = models.UUIDField(unique=True)
    meeting_ref = models.PositiveBigIntegerField(db_index=True)
    child_ref = models.PositiveBigIntegerField()
    mark = models.CharField(max_length=7, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    went_home = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField()
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    by_ref = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("attendance change")
        verbose_name_plural = _("attendance changes")
        ordering = ["pk"]

    def __str__(self):
        return f"AC-{self.pk}"


class ClassDiary(models.Model):
    """What one class records: register closed, where the group stopped, a note for the next instructor."""

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="diary")
    closed_at = models.DateTimeField(_("register closed"), null=True)
    closed_by_ref = models.PositiveBigIntegerField(null=True)
    stopped_at = models.CharField(_("where the group stopped"), max_length=200, blank=True)
    handover = models.TextField(_("for the next instructor"), blank=True, max_length=1000)
    worked = models.TextField(_("what worked"), blank=True, max_length=1000)
    kit_missing = models.CharField(_("missing or broken"), max_length=300, blank=True)
    kit_said_at = models.DateTimeField(null=True)
    kit_said_by_ref = models.PositiveBigIntegerField(null=True)
    kit_righted_at = models.DateTimeField(null=True)
    kit_righted_by_ref = models.PositiveBigIntegerField(null=True)
    written_at = models.DateTimeField(null=True)
    written_by_ref = models.PositiveBigIntegerField(null=True)
    told_at = models.DateTimeField(_("families notified about the class"), null=True)

    class Meta:
        verbose_name = _("class diary")
        verbose_name_plural = _("class diaries")

    def __str__(self):
        return f"D-{self.pk}"


class MakeUp(models.Model):
    """One make-up class: a child attends an equivalent class of another session, once."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="make_ups")
    missed = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="made_up")
    host = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="guests")
    booked_at = models.DateTimeField()
    booked_by_ref = models.PositiveBigIntegerField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("make-up class")
        verbose_name_plural = _("make-up classes")
        ordering = ["-booked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="make_up_once_per_missed", fields=["child", "missed"], condition=Q(cancelled_at=None)
            ),
            models.UniqueConstraint(
                name="make_up_once_per_host", fields=["child", "host"], condition=Q(cancelled_at=None)
            ),
        ]

    def __str__(self):
        return f"MU-{self.pk}"
