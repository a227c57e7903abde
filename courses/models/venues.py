"""Venues, their opening hours and their rooms."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from home.database.rows import LightRows
from home.language.dates import Hours, hours_words, weekday_words


class Venue(LightRows, models.Model):
    """A place where sessions take place."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    city = models.CharField(_("city"), max_length=40)
    address = models.CharField(_("address"), max_length=200)
    directions = models.CharField(_("how to get in"), max_length=250, blank=True)
    map_url = models.URLField(_("map link"), blank=True)
    is_open = models.BooleanField(_("sessions take place here"), default=True)

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        ordering = ["-is_open", "code"]

    def __str__(self):
        return self.name or self.code


class OpeningHours(models.Model):
    """Opening hours of a venue on a weekday (0 is Monday); no row means closed."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("day of the week"), validators=[MaxValueValidator(6)])
    opens = models.TimeField(_("opens at"))
    closes = models.TimeField(_("closes at"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(name="hours_one_line_per_opening", fields=["venue", "weekday", "opens"]),
            models.CheckConstraint(
                name="hours_open_before_close", condition=Q(opens__lt=F("closes"), weekday__lte=6)
            ),
        ]

    def __str__(self):
        return Hours(f"{weekday_words(self.weekday)} {hours_words(self.opens, self.closes)}")


class Room(LightRows, models.Model):
    """A room of a venue."""

    venue = models.ForeignKey(Venue, verbose_name=_("venue"), on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(_("name"), max_length=60)
    seats = models.PositiveSmallIntegerField(
        _("maximum number of children"), default=12, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["venue", "pk"]

    def __str__(self):
        return f"{self.name} ({self.venue})"
