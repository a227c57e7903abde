"""The 3D print queue: printers, spools of filament, and the prints of children's projects. Sole writer:
enrollments.portfolio.print_queue.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, Count, F, Max, Q, When
from django.utils.translation import gettext_lazy as _

from courses.models import Room
from enrollments.models.people import Child, ChildQuerySet
from enrollments.models.portfolio import ProjectFile


class PrinterQuerySet(models.QuerySet["Printer"]):
    def with_load(self) -> Self:
        """Return them with their place, `prints_until` (UTC, None: nothing prints), and how many prints wait
        and failed (`waits`, `failed`), in one query.
        """
        return self.select_related("room__venue").annotate(
            prints_until=Max("jobs__ends_at", filter=Q(jobs__state=PrintJob.State.PRINTING)),
            waits=Count("jobs", filter=Q(jobs__state=PrintJob.State.APPROVED)),
            failed=Count("jobs", filter=Q(jobs__state=PrintJob.State.FAILED)),
        )


class Printer(models.Model):
    """A 3D printer. Width, depth and height in mm: what fits on its plate."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    room = models.ForeignKey(Room, verbose_name=_("room"), on_delete=models.PROTECT, related_name="printers")
    width_mm = models.PositiveSmallIntegerField(_("width of the plate (mm)"))
    depth_mm = models.PositiveSmallIntegerField(_("depth of the plate (mm)"))
    height_mm = models.PositiveSmallIntegerField(_("greatest height (mm)"))
    is_in_service = models.BooleanField(_("in service"), default=True)

    objects = PrinterQuerySet.as_manager()

    class Meta:
        verbose_name = _("3D printer")
        verbose_name_plural = _("3D printers")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="printer_has_a_size", condition=Q(width_mm__gt=0, depth_mm__gt=0, height_mm__gt=0)
            )
        ]

    def __str__(self):
        return self.name

    @property
    def size_mm(self) -> list[int]:
        return [self.width_mm, self.depth_mm, self.height_mm]

    def takes(self, size_mm: list[float] | None) -> bool:
        """Return whether a model of that size (three sides in mm) fits, turned if need be; also when the size
        is not known.
        """
        plate = sorted(self.size_mm)
        return all(side <= most for side, most in zip(sorted(size_mm or []), plate, strict=False))


class Spool(models.Model):
    """A spool of filament, and the grams left on it. One that is no longer used stays, for the record."""

    class Material(models.TextChoices):
        PLA = "pla", "PLA"
        PETG = "petg", "PETG"
        TPU = "tpu", "TPU"
        ABS = "abs", "ABS"

    LOW = 100  # grams

    material = models.CharField(_("material"), max_length=4, choices=Material.choices, default=Material.PLA)
    colour = models.CharField(_("colour"), max_length=40)
    grams_left = models.PositiveIntegerField(_("grams left"))
    is_in_use = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("spool")
        verbose_name_plural = _("spools")
        ordering = ["material", "colour", "pk"]
        constraints = [
            models.CheckConstraint(name="spool_has_a_colour", condition=~Q(colour="")),
        ]

    def __str__(self):
        return f"{self.get_material_display()} {self.colour}"

    @property
    def is_low(self) -> bool:
        return self.grams_left < self.LOW


class SpoolChange(models.Model):
    """Grams put on a spool or taken from it: append-only. `job_ref` is a bare number, as the print may go."""

    class Why(models.TextChoices):
        NEW = "new", _("new spool")
        PRINT = "print", _("a print started")
        WEIGHED = "weighed", _("weighed again")
        WASTED = "wasted", _("lost: a jam, or cleaning")

    spool = models.ForeignKey(Spool, on_delete=models.CASCADE, related_name="changes")
    grams = models.IntegerField(_("grams"))
    why = models.CharField(_("why"), max_length=8, choices=Why.choices)
    job_ref = models.PositiveBigIntegerField(null=True)
    by_ref = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a spool")
        verbose_name_plural = _("changes of spools")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"SC-{self.pk}"


class PrintJobQuerySet(models.QuerySet["PrintJob"]):
    def open(self) -> Self:
        """Return those that are neither collected nor refused."""
        return self.filter(state__in=PrintJob.OPEN)

    def ended(self) -> Self:
        """Return those collected or refused, the latest first."""
        return self.exclude(state__in=PrintJob.OPEN).order_by("-changed_at", "-pk")

    def of_children(self, children: ChildQuerySet | Iterable[Child]) -> Self:
        """Return the prints of these children's projects."""
        return self.filter(file__project__child__in=children)

    def with_facts(self) -> Self:
        """Return them with project, child, printer, place and spool, in the same query."""
        return self.select_related("file__project__child", "printer__room__venue", "spool")

    def by_printer(self) -> Self:
        """Return what has no printer yet, then printer by printer: printing, failed, waiting, ready."""
        order = (PrintJob.State.PRINTING, PrintJob.State.FAILED, PrintJob.State.APPROVED)
        rank = Case(*(When(state=state, then=place) for place, state in enumerate(order)), default=len(order))
        return self.order_by(F("printer__name").asc(nulls_first=True), rank, "starts_at", "pk")

    def in_the_way(self, printer: Printer, begins: datetime, ends: datetime, *, at: datetime) -> Self:
        """Return the prints that hold this printer at some moment between two instants. One that still prints
        after its time holds it until now at least.
        """
        over = Q(ends_at__gt=begins)
        if begins <= at:
            over |= Q(state=PrintJob.State.PRINTING)
        held = self.filter(printer=printer, state__in=(PrintJob.State.APPROVED, PrintJob.State.PRINTING))
        return held.filter(over, starts_at__lt=ends).order_by("starts_at", "pk")


class PrintJob(models.Model):
    """One print of one file. `grams` and `minutes` are what the slicer says; the printer is held from
    `starts_at` to `ends_at` (UTC). `version` counts the changes: a form says which one it was made from.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        APPROVED = "approved", _("approved")
        PRINTING = "printing", _("printing")
        DONE = "done", _("ready to collect")
        COLLECTED = "collected", _("collected")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")

    class Why(models.TextChoices):
        TOO_LARGE = "too_large", _("it is too large for our printers")
        BROKEN = "broken", _("the model has gaps or overlaps, and cannot be printed as it is")
        TOO_LONG = "too_long", _("it would take too long to print")
        UNSUITABLE = "unsuitable", _("it does not suit the academy")

    OPEN = (State.ASKED, State.APPROVED, State.PRINTING, State.FAILED, State.DONE)

    file = models.ForeignKey(ProjectFile, on_delete=models.CASCADE, related_name="prints")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ASKED)
    printer = models.ForeignKey(Printer, on_delete=models.PROTECT, null=True, related_name="jobs")
    spool = models.ForeignKey(Spool, on_delete=models.PROTECT, null=True, related_name="jobs")
    grams = models.PositiveSmallIntegerField(_("grams"), null=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=10, choices=Why.choices, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    asked_by_ref = models.PositiveBigIntegerField()
    changed_at = models.DateTimeField()
    changed_by_ref = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField(default=0)

    objects = PrintJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("3D print")
        verbose_name_plural = _("3D prints")
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(name="print_job_of_printer", fields=["printer", "starts_at"])]
        constraints = [
            models.UniqueConstraint(
                name="print_job_one_open_per_file",
                fields=["file"],
                condition=Q(state__in=["asked", "approved", "printing", "failed", "done"]),
            ),
            models.UniqueConstraint(
                name="print_job_one_on_a_printer", fields=["printer"], condition=Q(state="printing")
            ),
            models.CheckConstraint(
                name="print_job_planned_in_full",  # a comparison with nothing would pass
                condition=Q(state__in=["asked", "refused"])
                | Q(printer__isnull=False, spool__isnull=False, grams__isnull=False, minutes__isnull=False)
                & Q(starts_at__isnull=False, ends_at__isnull=False)
                & Q(grams__gt=0, minutes__gt=0, ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="print_job_refused_with_reason",
                condition=Q(state="refused") & ~Q(reason="") | ~Q(state="refused") & Q(reason=""),
            ),
        ]

    def __str__(self):
        return f"PJ-{self.pk}"

    @property
    def child(self) -> Child:
        return self.file.project.child

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
