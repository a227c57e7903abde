"""What children make: projects and their files. Sole writer: enrollments.portfolio.projects.

The rows hold facts and names. The contents are in the storage "private" (trust 25), under random names.
"""

from typing import Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Meeting
from enrollments.models.people import Child, Guardianship
from home.account import User


class ProjectQuerySet(models.QuerySet["Project"]):
    def of(self, user: User) -> Self:
        """Return the projects of the children this user is a guardian of, whatever their rights."""
        return self.filter(child__guardianships__guardian=user)

    def in_care_of(self, user: User) -> Self:
        """Return the projects this user may change: full rights only."""
        return self.filter(
            child__guardianships__guardian=user, child__guardianships__rights=Guardianship.Rights.FULL
        )

    def with_files(self) -> Self:
        """Return them with their files, course and story in the showcase, in one more query."""
        return self.select_related("course", "showcase").prefetch_related("files")

    def with_prints(self) -> Self:
        """Return them with their files, and the 3D prints of these, the latest first."""
        return self.with_files().prefetch_related("files__prints__printer__room__venue")

    def with_picture(self) -> Self:
        """Return them with `picture_ref`, the primary key of their first picture, in the same query."""
        pictures = ProjectFile.objects.filter(project=OuterRef("pk"), kind=ProjectFile.PICTURE)
        return self.annotate(picture_ref=Subquery(pictures.order_by("pk").values("pk")[:1]))

    def as_tiles(self) -> Self:
        """Return them with `picture_ref`, and with `drawn_kind` and `drawn_facts` of the file that a tile
        without a picture draws, in the same query.
        """
        others = ProjectFile.objects.filter(project=OuterRef("pk")).exclude(kind=ProjectFile.PICTURE)
        first = others.order_by("pk")
        return self.with_picture().annotate(
            drawn_kind=Subquery(first.values("kind")[:1]), drawn_facts=Subquery(first.values("facts")[:1])
        )


class Project(models.Model):
    """Something a child made: its title and story in the child's words, a link, pictures and files.

    `fingerprint` tells what was sent twice: the same words, day and files are the same project.
    `set_aside_at`: when a manager decided not to show it in the showcase.
    """

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="projects")
    title = models.CharField(_("title"), max_length=80)
    story = models.TextField(_("story"), max_length=2000, blank=True)
    link = models.CharField(_("link"), max_length=500, blank=True)
    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.SET_NULL, null=True, related_name="projects")
    made_on = models.DateField(_("made on"))
    added_at = models.DateTimeField()
    added_by_ref = models.PositiveBigIntegerField()
    fingerprint = models.CharField(max_length=64, editable=False)
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by_ref = models.PositiveBigIntegerField(null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["-made_on", "-pk"]
        indexes = [models.Index(name="project_latest_first", fields=["child", "-made_on", "-id"])]
        constraints = [
            models.UniqueConstraint(name="project_added_once", fields=["child", "fingerprint"]),
            models.CheckConstraint(name="project_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="project_link_is_https", condition=Q(link="") | Q(link__startswith="https://")
            ),
        ]

    def __str__(self):
        return f"PR-{self.pk}"

    @property
    def host(self) -> str:
        """Return the host of the link as it is asked for, other alphabets in their ASCII form."""
        return urlsplit(self.link).hostname or "" if self.link else ""

    @property
    def pictures(self) -> list["ProjectFile"]:
        return [file for file in self.files.all() if file.is_picture]

    @property
    def others(self) -> list["ProjectFile"]:
        """Return the files that are no pictures."""
        return [file for file in self.files.all() if not file.is_picture]

    @property
    def picture(self) -> "ProjectFile | None":
        """Return the picture that stands for the project: its first."""
        return next(iter(self.pictures), None)


class ProjectFile(models.Model):
    """One file of a project, as enrollments.portfolio.readings has read it.

    `stored_as` and `small_as` are names in the storage, `name` is the one people see. `size` in bytes counts
    both stored files. `digest` is of what was sent, so that it is stored once.
    """

    PICTURE = "picture"
    PRINTABLE = ("stl", "model_3mf")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(_("kind"), max_length=20)
    facts = models.JSONField(default=dict)
    name = models.CharField(_("name"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    digest = models.CharField(max_length=64, editable=False)
    stored_as = models.CharField(max_length=60, unique=True, editable=False)
    small_as = models.CharField(max_length=60, blank=True, editable=False)

    class Meta:
        verbose_name = _("file of a project")
        verbose_name_plural = _("files of projects")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="project_file_once", fields=["project", "digest"]),
            models.CheckConstraint(name="project_file_not_empty", condition=Q(size__gt=0)),
        ]

    def __str__(self):
        return f"PF-{self.pk}"

    @property
    def is_picture(self) -> bool:
        return self.kind == self.PICTURE

    @property
    def is_printable(self) -> bool:
        """Return whether it is a 3D model, which can be printed."""
        return self.kind in self.PRINTABLE
