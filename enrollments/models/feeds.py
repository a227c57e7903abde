"""Private calendar addresses. Sole writer: enrollments.calendars.feeds."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enrollments.models.people import Child


class CalendarFeed(models.Model):
    """The classes of one child for one guardian, or those an instructor teaches (`child` empty).

    The token is stored as a hash.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    child = models.ForeignKey(Child, on_delete=models.CASCADE, null=True, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    read_at = models.DateTimeField(_("last opened"), null=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="feed_one_open_per_child",
                fields=["owner", "child"],
                condition=Q(ended_at=None, child__isnull=False),
            ),
            models.UniqueConstraint(
                name="feed_one_open_of_own", fields=["owner"], condition=Q(ended_at=None, child=None)
            ),
        ]

    def __str__(self):
        return f"F-{self.pk}"
