"""Three questions to a family when a course ends. Sole writer: enrollments.classes.surveys.

The answer holds neither child nor guardian, nor a moment. A link that was used no longer names its guardian:
in a small group, who answered would tell what was answered.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Session


class SurveyLink(models.Model):
    """The questions about one session, asked of one guardian; answered once, by a signed link.

    `asked_hash`: a keyed hash of guardian and session, so that nobody is asked twice.
    """

    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="survey_links"
    )
    asked_hash = models.CharField(max_length=64)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    is_used = models.BooleanField(default=False)  # no moment, which would lead to the answer

    class Meta:
        verbose_name = _("questions at the end of a course")
        verbose_name_plural = _("questions at the end of a course")
        constraints = [
            models.UniqueConstraint(name="survey_once_per_guardian", fields=["session", "asked_hash"]),
            models.CheckConstraint(
                name="survey_used_names_nobody", condition=Q(is_used=False) | Q(guardian=None)
            ),
        ]

    def __str__(self):
        return f"SV-{self.pk}"


class SurveyAnswer(models.Model):
    """One anonymous answer. Managers see it once five of a session have come in (`is_shown`); what is left
    when the links have ended loses its session and waits for five of its course.
    """

    class Liked(models.IntegerChoices):
        VERY = 1, _("Yes, very much")
        YES = 2, _("Yes")
        MIXED = 3, _("Not always")
        NO = 4, _("No")

    class Again(models.IntegerChoices):
        YES = 1, _("Yes")
        PERHAPS = 2, _("Perhaps")
        NO = 3, _("No")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # no order of arrival
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")
    liked = models.PositiveSmallIntegerField(choices=Liked.choices)
    again = models.PositiveSmallIntegerField(choices=Again.choices)
    words = models.CharField(max_length=300, blank=True)
    ended_on = models.DateField()  # the first of the month in which the session ended; kept from then
    is_shown = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("answer at the end of a course")
        verbose_name_plural = _("answers at the end of a course")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="survey_answer_of_the_choices",
                condition=Q(liked__gte=1, liked__lte=4, again__gte=1, again__lte=3),
            )
        ]

    def __str__(self):
        return "SA"
