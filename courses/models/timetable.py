"""Terms, closures, sessions and class meetings.

Local (wall-clock) time is authoritative; UTC times are derived.
"""

from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from courses.models.facts import Course
from courses.models.venues import Room, Venue
from home.account import User
from home.database.rows import LightRows
from home.language.alphabet import in_alphabet
from home.language.dates import Hours, day_short, hours_words, spelled_words, weekday_words


def instant(day: date, moment: time) -> datetime:
    """Return the aware datetime (academy's time zone) of this local time on this day."""
    return datetime.combine(day, moment, tzinfo=ZoneInfo(settings.TIME_ZONE))


class Term(LightRows, models.Model):
    """A season of sessions."""

    name = models.CharField(_("name"), max_length=60)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to (included)"))

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                name="term_starts_before_it_ends",
                condition=Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("The first day must be before the last."),
            )
        ]

    def __str__(self):
        return self.name or f"T-{self.pk}"


class Closure(models.Model):
    """Days without classes: a public holiday or school break.

    A religious holiday is an estimate until it is announced.
    """

    name = models.CharField(_("name"), max_length=100)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to (included)"))
    venue = models.ForeignKey(
        Venue,
        verbose_name=_("only at"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("Leave empty if it applies everywhere."),
    )
    is_estimate = models.BooleanField(_("estimated: may change by a day"), default=False)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                name="closure_starts_before_it_ends", condition=Q(starts_on__lte=F("ends_on"))
            )
        ]

    def __str__(self):
        return f"{self.name} {self.starts_on:%d/%m/%Y}"

    def covers(self, day: date, venue_id: int | None = None) -> bool:
        """Return whether no classes take place on that day, at that venue."""
        return self.starts_on <= day <= self.ends_on and self.venue_id in {None, venue_id}


class SessionQuerySet(models.QuerySet["Session"]):
    def published(self) -> Self:
        """Return sessions visible to families: published, including cancelled ones (their page says so)."""
        return self.filter(published_at__isnull=False)

    def listed(self) -> Self:
        """Return sessions shown in the catalogue and on pages: published, and not private."""
        return self.published().filter(access_code="")

    def with_facts(self) -> Self:
        """Select everything a card, a page or a rule reads of a session, in one query."""
        return self.select_related("course__track", "course__band", "room__venue", "term")

    def current(self, on: date) -> Self:
        """Return sessions not over on that day, and those without dates."""
        return self.filter(Q(last_on__gte=on) | Q(last_on__isnull=True))

    def undecided(self, at: datetime) -> Self:
        """Return sessions below their minimum that a manager has neither confirmed nor cancelled, dates laid
        out or a decision planned.
        """
        return self.filter(
            Q(decision_at__isnull=False) | Q(first_at__isnull=False),
            published_at__isnull=False,
            cancelled_at=None,
            confirmed_at=None,
            seats_taken__lt=F("minimum"),
            over_at__gt=at,
        )

    def taught_by(self, user: User) -> Self:
        """Return sessions this instructor is assigned to, as a whole or for one class."""
        whole = Session.instructors.through.objects.filter(user=user).values("session")
        once = Meeting.instructors.through.objects.filter(user=user).values("meeting__session")
        return self.filter(Q(pk__in=whole) | Q(pk__in=once))


class Session(LightRows, ClusterableModel):
    """A run of a course, in which children enroll. Stores the counters that lists need."""

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ARABIC = "ar", _("Arabic")
        ENGLISH = "en", _("English")

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="sessions"
    )
    term = models.ForeignKey(Term, verbose_name=_("term"), on_delete=models.PROTECT, related_name="sessions")
    room = models.ForeignKey(Room, verbose_name=_("room"), on_delete=models.PROTECT, related_name="sessions")
    language = models.CharField(
        _("language taught"), max_length=2, choices=Language.choices, default=Language.FRENCH
    )
    instructors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("instructors"), blank=True, related_name="sessions_taught"
    )
    price = models.DecimalField(_("price (MAD)"), max_digits=8, decimal_places=2)
    capacity = models.PositiveSmallIntegerField(_("places"), default=12)
    held_back = models.PositiveSmallIntegerField(_("places reserved by the team"), default=0)
    minimum = models.PositiveSmallIntegerField(_("minimum number of children"), default=6)
    decision_at = models.DateTimeField(
        _("decided on"), null=True, blank=True, help_text=_("When we decide whether the session will run.")
    )
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    beginners_welcome = models.BooleanField(
        _("beginners welcome"),
        default=False,
        help_text=_("The first classes bring newcomers up to level. This session has no prerequisites."),
    )

    opens_at = models.DateTimeField(
        _("enrollment opens"),
        null=True,
        blank=True,
        help_text=_("Leave empty to open as soon as it is published."),
    )
    closes_at = models.DateTimeField(
        _("enrollment closes"),
        null=True,
        blank=True,
        help_text=_("Leave empty to close on the last day to join."),
    )
    join_until = models.DateField(
        _("last day to join"), null=True, blank=True, help_text=_("By default, the day of the third class.")
    )
    published_at = models.DateTimeField(_("published on"), null=True, blank=True)
    # Only families with this code see the session (enrollments.places.private_sessions); empty: everybody
    # does.
    access_code = models.CharField(max_length=8, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled on"), null=True, blank=True)

    starts = models.TimeField(_("starts at"), null=True, blank=True)
    ends = models.TimeField(_("ends at"), null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), null=True, blank=True, editable=False)
    first_on = models.DateField(_("first class"), null=True, blank=True, editable=False)
    last_on = models.DateField(_("last class"), null=True, blank=True, editable=False)
    first_at = models.DateTimeField(_("start of the first class"), null=True, blank=True, editable=False)
    over_at = models.DateTimeField(_("end of the last class"), null=True, blank=True, editable=False)
    third_on = models.DateField(_("third class"), null=True, blank=True, editable=False)
    meetings_count = models.PositiveSmallIntegerField(_("number of classes"), default=0, editable=False)

    seats_taken = models.PositiveSmallIntegerField(_("places taken"), default=0, editable=False)
    waiting_count = models.PositiveIntegerField(_("on waiting list"), default=0, editable=False)
    next_ticket = models.PositiveIntegerField(default=1, editable=False)
    # When its places next need processing: an offer's deadline, a withdrawal, the last day to join.
    due_at = models.DateTimeField(null=True, editable=False, db_index=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["first_on", "starts", "pk"]
        indexes = [models.Index(name="session_by_course_and_day", fields=["course", "first_on"])]
        constraints = [
            models.CheckConstraint(
                name="session_never_overbooked",
                condition=Q(seats_taken__gte=0, seats_taken__lte=F("capacity")),
                violation_error_message=_("More places than this are already taken."),
            ),
            models.CheckConstraint(
                name="session_keeps_its_held_places",
                condition=Q(capacity__gte=F("seats_taken") + F("held_back")),
                violation_error_message=_("The places taken and reserved are more than this."),
            ),
            models.CheckConstraint(
                name="session_minimum_within_capacity",
                condition=Q(minimum__lte=F("capacity")),
                violation_error_message=_(
                    "The minimum number of children cannot be more than the number of places."
                ),
            ),
            models.CheckConstraint(
                name="session_price_not_negative",
                condition=Q(price__gte=0),
                violation_error_message=_("A price cannot be negative."),
            ),
            models.CheckConstraint(
                name="session_opens_before_it_closes",
                condition=Q(opens_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(opens_at__lt=F("closes_at")),
                violation_error_message=_("Enrollment must open before it closes."),
            ),
            models.CheckConstraint(
                name="session_starts_before_it_ends",
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(starts__lt=F("ends")),
                violation_error_message=_("A class must start before it ends."),
            ),
            models.CheckConstraint(
                name="session_first_day_before_last",
                condition=Q(first_on__isnull=True, last_on__isnull=True) | Q(first_on__lte=F("last_on")),
            ),
            models.UniqueConstraint(
                name="session_code_opens_one", fields=["access_code"], condition=~Q(access_code="")
            ),
            models.CheckConstraint(name="session_tickets_from_one", condition=Q(next_ticket__gte=1)),
        ]

    def __str__(self):
        return f"S-{self.pk} {self.course.code}"

    @property
    def venue(self) -> Venue:
        return self.room.venue

    @property
    def teachers(self) -> list:
        """Return the session's instructors, by name."""
        return in_alphabet(self.instructors.all(), "name")

    @property
    def free(self) -> int:
        """Return free places: capacity minus reserved and taken places, never below 0."""
        return max(0, self.capacity - self.held_back - self.seats_taken)

    @property
    def rhythm(self) -> str:
        """Return "samedi 14:00–15:30" in the active language; empty without dates."""
        if self.weekday is None or self.starts is None:
            return ""
        return Hours(f"{weekday_words(self.weekday)} {hours_words(self.starts, self.ends)}")

    def is_over(self, at: datetime) -> bool:
        """Return whether the session has had its last class; never one that was cancelled."""
        return self.cancelled_at is None and self.over_at is not None and self.over_at <= at

    @property
    def last_day_to_join(self) -> date | None:
        """Return the day a manager set, else the day of the third class not cancelled (or the last, if there
        are fewer).
        """
        return self.join_until or self.third_on

    @property
    def joinable_until(self) -> datetime | None:
        """Return when enrollment ends: the earlier of the closing time and the end of the last day to
        join.
        """
        ends = [self.closes_at] if self.closes_at else []
        if self.last_day_to_join:
            ends.append(instant(self.last_day_to_join + timedelta(days=1), time.min))
        return min(ends, default=None)


class Meeting(LightRows, models.Model):
    """One dated class of a session.

    Local date and times are authoritative; `starts_at` and `ends_at` (UTC) are derived.
    """

    session = ParentalKey(
        Session, verbose_name=_("session"), on_delete=models.CASCADE, related_name="meetings"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    lesson = models.ForeignKey(
        "courses.Lesson",
        verbose_name=_("lesson"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings",
    )
    # The number the lesson had when the class was given it: a session keeps the order it began with.
    lesson_number = models.PositiveSmallIntegerField(null=True, editable=False)
    room = models.ForeignKey(Room, verbose_name=_("room"), on_delete=models.PROTECT, related_name="meetings")
    on = models.DateField(_("day"), db_column="on_date")
    starts = models.TimeField(_("starts at"))
    ends = models.TimeField(_("ends at"))
    starts_at = models.DateTimeField(_("starts (instant)"), editable=False, db_index=True)
    ends_at = models.DateTimeField(_("ends (instant)"), editable=False)
    cancelled_at = models.DateTimeField(_("cancelled on"), null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    moved_from = models.DateField(_("originally planned on"), null=True, blank=True, editable=False)
    revision = models.PositiveSmallIntegerField(default=0, editable=False)
    instructors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("instructors of this class"),
        blank=True,
        related_name="meetings_taught",
        help_text=_("Leave empty to use the session's instructors."),
    )

    class Meta:
        verbose_name = _("class meeting")
        verbose_name_plural = _("class meetings")
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(name="meeting_by_room_and_day", fields=["room", "on"])]
        constraints = [
            models.UniqueConstraint(name="meeting_one_per_number", fields=["session", "number"]),
            models.CheckConstraint(
                name="meeting_starts_before_it_ends",
                condition=Q(starts__lt=F("ends")),
                violation_error_message=_("A class must start before it ends."),
            ),
            models.CheckConstraint(name="meeting_instants_in_order", condition=Q(starts_at__lt=F("ends_at"))),
        ]

    def __str__(self):
        return f"M-{self.pk}"

    def derive_instants(self) -> "Meeting":
        """Set `starts_at` and `ends_at` from the local time, using this machine's current time-zone data."""
        self.starts_at, self.ends_at = instant(self.on, self.starts), instant(self.on, self.ends)
        return self

    @property
    def shown_lesson_number(self) -> int | None:
        """Return the number of its lesson as this session knows it."""
        return self.lesson_number or (self.lesson.number if self.lesson else None)

    @property
    def hours(self) -> str:
        return hours_words(self.starts, self.ends)

    @property
    def teachers(self) -> list:
        """Return who teaches this class, by name: its own instructors, else the session's."""
        return in_alphabet(self.instructors.all(), "name") or self.session.teachers

    @property
    def spelled(self) -> str:
        return spelled_words(self.on, self.starts, self.ends)

    @property
    def when(self) -> str:
        """Return "sam. 5 déc. 14:00–15:30" in the active language."""
        return Hours(f"{day_short(self.on)} {self.hours}")
