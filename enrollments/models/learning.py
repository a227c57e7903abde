"""Children's levels. Sole writers: enrollments.classes.progress and next_level."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Meeting, Skill
from enrollments.models.people import Child


class Equivalence(models.Model):
    """A guardian's declaration that the child has the required level; it counts as a prerequisite once the
    team confirms it.
    """

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="equivalences")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    declared_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("equivalent level")
        verbose_name_plural = _("equivalent levels")
        constraints = [
            models.UniqueConstraint(name="equivalence_once_per_course", fields=["child", "course"])
        ]

    def __str__(self):
        return f"L-{self.pk}"


class Recommendation(models.Model):
    """An instructor's “ready for the next level”: the child may follow this course. Sole writer:
    enrollments.classes.next_level.
    """

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="recommendations")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    given_by_ref = models.PositiveBigIntegerField()
    given_at = models.DateTimeField()

    class Meta:
        verbose_name = _("recommendation for the next level")
        verbose_name_plural = _("recommendations for the next level")
        constraints = [
            models.UniqueConstraint(name="recommendation_once_per_course", fields=["child", "course"])
        ]

    def __str__(self):
        return f"NL-{self.pk}"


class SkillObservation(models.Model):
    """A skill an instructor observed in one class: one of four levels, never a grade."""

    class Level(models.IntegerChoices):
        DISCOVERING = 1, _("I am discovering")
        WITH_HELP = 2, _("I can with help")
        ALONE = 3, _("I can do it on my own")
        HELPING = 4, _("I help others")

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="observations")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="observations")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    seen_at = models.DateTimeField()
    seen_by_ref = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("observed skill")
        verbose_name_plural = _("observed skills")
        ordering = ["seen_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="observation_once_per_class", fields=["child", "skill", "meeting"]),
            models.CheckConstraint(
                name="observation_of_four_levels", condition=models.Q(level__gte=1, level__lte=4)
            ),
        ]

    def __str__(self):
        return f"O-{self.pk}"


class ClassNote(models.Model):
    """A note on a child in one class: three chips and the instructor's text. The family reads it."""

    class Chip(models.TextChoices):
        CURIOUS = "curious", _("curious today")
        PATIENT = "patient", _("tried again until it worked")
        TEAM = "team", _("worked well with others")

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="class_notes")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="notes")
    chips = models.JSONField(default=list, blank=True)
    text = models.CharField(_("note"), max_length=400, blank=True)
    written_at = models.DateTimeField()
    written_by_ref = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("class note")
        verbose_name_plural = _("class notes")
        ordering = ["-written_at", "-pk"]
        constraints = [models.UniqueConstraint(name="class_note_once", fields=["child", "meeting"])]

    def __str__(self):
        return f"Q-{self.pk}"

    @property
    def chip_labels(self) -> list[str]:
        return [str(self.Chip(chip).label) for chip in self.chips if chip in self.Chip.values]
