"""What is known of a child's level. Written by enrollments.learning alone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models import Course
from enrollments.models.people import Child


class Equivalence(models.Model):
    """A guardian's word that the child has the level a course asks for; it opens the door once the team confirms it."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="equivalences")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    declared_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("equivalent level")
        verbose_name_plural = _("equivalent levels")
        constraints = [models.UniqueConstraint(name="equivalence_once_per_course", fields=["child", "course"])]

    def __str__(self):
        return f"L-{self.pk}"
