"""Stories of projects on the public page of the showcase. Sole writer: enrollments.portfolio.showcase."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.models import AgeBand
from enrollments.models.portfolio import Project, ProjectFile


def new_code() -> str:
    """Return the part of a story's address: 128 bits, derived from nothing."""
    return secrets.token_hex(16)


class ShowcaseStory(models.Model):
    """A project as a manager approved it for the public: one picture, a title, a story, an age band.

    The words are a copy that the manager may shorten; the first name is read from the child's file on the
    public page alone. Whether it is shown now is asked of enrollments.portfolio.showcase.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="showcase")
    picture = models.ForeignKey(ProjectFile, on_delete=models.CASCADE, related_name="+")
    band = models.ForeignKey(AgeBand, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=32, unique=True, default=new_code, editable=False)
    title = models.CharField(_("title"), max_length=80)
    story = models.TextField(_("story"), max_length=2000, blank=True)
    approved_at = models.DateTimeField()
    approved_by_ref = models.PositiveBigIntegerField()
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("story in the showcase")
        verbose_name_plural = _("stories in the showcase")
        ordering = ["-approved_at", "-pk"]
        constraints = [models.CheckConstraint(name="showcase_story_has_a_title", condition=~Q(title=""))]

    def __str__(self):
        return f"SC-{self.pk}"

    @property
    def first_name(self) -> str:
        """Return the child's first name for the public page, in Arabic letters on an Arabic page if known."""
        child = self.project.child
        return (get_language() == "ar" and child.first_name_ar) or child.first_name
