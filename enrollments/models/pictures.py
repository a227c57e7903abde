"""Pictures of a class for its families. Sole writer: enrollments.portfolio.class_photos.

The contents are in the storage "private" (trust 25), under random names.
"""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting
from enrollments.models.people import Child
from home.account import User


class ClassPhotoQuerySet(models.QuerySet["ClassPhoto"]):
    def of(self, user: User) -> Self:
        """Return the pictures in which a child is whom this user is a guardian of, whatever their rights.

        Whether they may be seen now is asked of enrollments.portfolio.class_photos.
        """
        return self.filter(pk__in=ChildInPhoto.objects.of(user).values("photo"))


class ClassPhoto(models.Model):
    """A picture of a class, for the families of the children in it.

    It is seen while every child in it has a yes for that purpose and nobody has asked to remove it
    (`hidden_at`). `digest` is of what was sent, so that it is stored once; `size` in bytes counts both files.
    """

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("class meeting"), on_delete=models.PROTECT, related_name="photos"
    )
    added_at = models.DateTimeField()
    added_by_ref = models.PositiveBigIntegerField()
    hidden_at = models.DateTimeField(null=True)
    extension = models.CharField(max_length=4)  # .jpg or .png, as home.files.photos writes them
    size = models.PositiveIntegerField(_("size"))
    digest = models.CharField(max_length=64, editable=False)
    stored_as = models.CharField(max_length=60, unique=True, editable=False)
    small_as = models.CharField(max_length=60, editable=False)

    objects = ClassPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture of a class")
        verbose_name_plural = _("pictures of classes")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="class_photo_once", fields=["meeting", "digest"]),
            models.CheckConstraint(name="class_photo_not_empty", condition=Q(size__gt=0)),
        ]

    def __str__(self):
        return f"CP-{self.pk}"

    @property
    def name(self) -> str:
        """Return the name it is downloaded under: no child, no place."""
        return f"{self}{self.extension}"


class ChildInPhotoQuerySet(models.QuerySet["ChildInPhoto"]):
    def of(self, user: User) -> Self:
        """Return the ticks of the children this user is a guardian of."""
        return self.filter(child__guardianships__guardian=user)


class ChildInPhoto(models.Model):
    """One child in one picture, ticked by the instructor and never recognised by software."""

    photo = models.ForeignKey(ClassPhoto, on_delete=models.CASCADE, related_name="ticks")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="photo_ticks")

    objects = ChildInPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("child in a picture")
        verbose_name_plural = _("children in pictures")
        constraints = [models.UniqueConstraint(name="child_in_photo_once", fields=["photo", "child"])]

    def __str__(self):
        return f"CP-{self.photo_id}/C-{self.child_id}"
