"""A child's enrollment in a session, and the append-only record of its changes.

Sole writer: enrollments.places.admission.
"""

import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import Meeting, Session
from enrollments.models.people import Child
from home.account import User
from home.database.rows import LightRows

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L: it is read out on the phone


def new_reference() -> str:
    """Return a reference that families quote, such as "AL-7K3Q2P": about 7 × 10⁸ values, never derived from a
    name.
    """
    return "AL-" + "".join(secrets.SystemRandom().choices(ALPHABET, k=6))


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def live(self) -> Self:
        """Return enrollments with a place or on the waiting list."""
        return self.filter(state__in=Enrollment.LIVE)

    def under_way(self, at: datetime) -> Self:
        """Return live enrollments, without places kept until the session was over: these stay as they are."""
        return self.live().exclude(
            state=Enrollment.State.SEATED,
            leaves_at=None,
            session__cancelled_at=None,
            session__over_at__lte=at,
        )

    def holding(self) -> Self:
        """Return enrollments that take a seat: seated or offered."""
        return self.filter(state__in=Enrollment.HOLDING)

    def of(self, user: User) -> Self:
        """Return enrollments of children this user is a guardian of."""
        return self.filter(child__guardianships__guardian=user)


class Enrollment(LightRows, models.Model):
    """`seated` and `offered` take a seat, `waiting` holds a queue ticket; in any other state the enrollment
    has ended.
    """

    class State(models.TextChoices):
        SEATED = "seated", _("has a place")
        OFFERED = "offered", _("has been offered a place")
        WAITING = "waiting", _("on the waiting list")
        WITHDRAWN = "withdrawn", _("withdrawn by the family")
        REMOVED = "removed", _("removed by the team")
        DECLINED = "declined", _("offer declined")
        LAPSED = "lapsed", _("offer expired")
        MOVED = "moved", _("moved to another session")
        CANCELLED = "cancelled", _("session cancelled")

    class OfferKind(models.TextChoices):
        LETTER = "letter", _("by email")
        CALL = "call", _("by phone")
        MERGE = "merge", _("sessions merged")
        RECALL = "recall", _("sessions merging, no answer yet")

    HOLDING = ("seated", "offered")
    LIVE = ("seated", "offered", "waiting")
    KEPT_BY_US = (
        OfferKind.MERGE,
        OfferKind.RECALL,
    )  # seats of children the academy moved: nobody competes for them

    child = models.ForeignKey(
        Child, verbose_name=_("child"), on_delete=models.PROTECT, related_name="enrollments"
    )
    session = models.ForeignKey(
        Session, verbose_name=_("session"), on_delete=models.PROTECT, related_name="enrollments"
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    priority = models.SmallIntegerField(_("priority"), default=0)
    ticket = models.PositiveIntegerField(_("queue ticket"))
    reference = models.CharField(_("reference"), max_length=12, db_index=True, default=new_reference)
    price = models.DecimalField(_("price (MAD)"), max_digits=8, decimal_places=2)
    first_meeting_on = models.DateField(_("first class at the time of enrollment"))
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("enrolled by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("since"))
    changed_at = models.DateTimeField(_("last changed"))
    # When the seat was taken, and when it was left: which classes the child belongs to (models.attendance).
    seated_at = models.DateTimeField(_("has had a place since"), null=True, editable=False)
    seat_ended_at = models.DateTimeField(_("had a place until"), null=True, editable=False)
    # Waiting rows served as one, all or none: the number of their first row.
    party = models.PositiveBigIntegerField(null=True, editable=False, db_index=True)
    offered_at = models.DateTimeField(null=True, editable=False)
    offer_until = models.DateTimeField(_("offered until"), null=True, editable=False)
    offer_kind = models.CharField(max_length=6, choices=OfferKind.choices, blank=True, editable=False)
    offer_opened_at = models.DateTimeField(null=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    called_at = models.DateTimeField(null=True, editable=False)
    # A withdrawal that can still be undone: the seat is held until then.
    leaves_at = models.DateTimeField(_("withdrawal takes effect on"), null=True, editable=False)
    leaving_by_ref = models.PositiveBigIntegerField(null=True, editable=False)
    # What it held when joining closed, restored if that was a slip (enrollments.places.queue_end).
    closed_with = models.JSONField(null=True, editable=False)
    # When this row next needs processing: a reminder, an offer's deadline, a withdrawal.
    due_at = models.DateTimeField(null=True, editable=False)
    # What the family was told is refunded of the price when it gave the seat up; None: nothing was said.
    refund_amount = models.DecimalField(
        _("refund (MAD)"), max_digits=8, decimal_places=2, null=True, editable=False
    )
    refund_is_reconstructed = models.BooleanField(default=False, editable=False)  # older than the field

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        ordering = ["-priority", "ticket"]
        constraints = [
            models.UniqueConstraint(
                name="enrollment_one_live_per_child_and_session",
                fields=["child", "session"],
                condition=Q(state__in=["seated", "offered", "waiting"]),
            ),
            models.UniqueConstraint(name="enrollment_one_per_ticket", fields=["session", "ticket"]),
            models.CheckConstraint(
                name="enrollment_known_state",
                condition=Q(
                    state__in=[
                        "seated",
                        "offered",
                        "waiting",
                        "withdrawn",
                        "removed",
                        "declined",
                        "lapsed",
                        "moved",
                        "cancelled",
                    ]
                ),
            ),
            models.CheckConstraint(name="enrollment_price_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(
                name="enrollment_offered_until_a_moment",
                condition=Q(state="offered", offer_until__isnull=False, offered_at__isnull=False)
                | (~Q(state="offered") & Q(offer_until=None)),
            ),
            models.CheckConstraint(
                name="enrollment_seated_since_a_moment",
                condition=Q(state="seated", seated_at__isnull=False, seat_ended_at=None)
                | (~Q(state="seated") & (Q(seated_at=None) | Q(seat_ended_at__isnull=False))),
            ),
            models.CheckConstraint(
                name="enrollment_refund_within_price",
                condition=Q(refund_amount=None) | Q(refund_amount__gte=0, refund_amount__lte=F("price")),
            ),
            models.CheckConstraint(
                name="enrollment_leaves_from_a_seat",
                condition=Q(leaves_at__isnull=True) | Q(state="seated"),
            ),
        ]

    def __str__(self):
        return f"E-{self.pk} {self.reference}"

    def is_finished(self, at: datetime) -> bool:
        """Return whether the child kept its place until the session was over."""
        return self.state == self.State.SEATED and self.leaves_at is None and self.session.is_over(at)

    def had_seat_during(self, meeting: Meeting) -> bool:
        """Return whether the child has this seat, or we keep it for it, at some moment of the class."""
        if self.state == self.State.OFFERED and self.offer_kind in self.KEPT_BY_US:
            return bool(self.offered_at and self.offered_at < meeting.ends_at)
        if self.seated_at is None or self.seated_at >= meeting.ends_at:
            return False
        return self.seat_ended_at is None or self.seat_ended_at > meeting.starts_at


class PlaceEvent(models.Model):
    """One change to one enrollment.

    Append-only. Stores ids and codes, no foreign keys or names, so erasure does not affect it.
    """

    enrollment_ref = models.PositiveBigIntegerField(db_index=True)
    session_ref = models.PositiveBigIntegerField(db_index=True)
    child_ref = models.PositiveBigIntegerField()
    ticket = models.PositiveIntegerField(default=0)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    reason = models.CharField(max_length=30)
    by_ref = models.PositiveBigIntegerField(null=True)
    asked_by_ref = models.PositiveBigIntegerField(null=True)  # the guardian for whom the desk did it
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("place event")
        verbose_name_plural = _("place events")
        ordering = ["pk"]

    def __str__(self):
        return f"P-{self.pk}"


class SessionEvent(models.Model):
    """One staff decision about a session's places: capacity, reserved places, priority, cancellation.

    Append-only.
    """

    session_ref = models.PositiveBigIntegerField(db_index=True)
    enrollment_ref = models.PositiveBigIntegerField(null=True)
    what = models.CharField(max_length=20)
    before = models.IntegerField(null=True)
    after = models.IntegerField(null=True)
    reason = models.CharField(max_length=30)
    by_ref = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision on a session")
        verbose_name_plural = _("decisions on sessions")
        ordering = ["pk"]

    def __str__(self):
        return f"Q-{self.pk}"


class SessionGuest(models.Model):
    """A user who entered the access code of a private session.

    Sole writer: enrollments.places.private_sessions.
    """

    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("invited family")
        verbose_name_plural = _("invited families")
        constraints = [models.UniqueConstraint(name="guest_once_per_session", fields=["guardian", "session"])]

    def __str__(self):
        return f"G-{self.pk}"


class Waiver(models.Model):
    """A manager's waiver of one obstacle for one child in one session.

    Sole writer: enrollments.places.overrides.
    """

    class Code(models.TextChoices):
        TOO_YOUNG = "too_young", _("younger than the age band")
        TOO_OLD = "too_old", _("older than the age band")
        PREREQUISITE = "prerequisite", _("without the required course")
        CLASH = "clash", _("another class at that time")

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="waivers")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(_("obstacle"), max_length=20, choices=Code.choices)
    reason = models.CharField(_("reason"), max_length=30)
    by_ref = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(name="waiver_once_per_obstacle", fields=["child", "session", "code"])
        ]

    def __str__(self):
        return f"W-{self.pk}"


class PlaceNote(models.Model):
    """A staff note on a place, beside the reason code; erased with the child.

    Sole writer: enrollments.places.overrides.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="notes")
    words = models.CharField(_("note"), max_length=300)
    by_ref = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("note on a place")
        verbose_name_plural = _("notes on places")
        ordering = ["pk"]

    def __str__(self):
        return f"V-{self.pk}"


class PlaceCheck(models.Model):
    """The result of one check of all places: counts and references, no names.

    Sole writer: enrollments.places.audit.
    """

    at = models.DateTimeField()
    sessions = models.PositiveIntegerField()
    faults = models.JSONField(default=list)

    class Meta:
        verbose_name = _("consistency check of places")
        verbose_name_plural = _("consistency checks of places")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"H-{self.pk}"
