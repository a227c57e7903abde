"""Course data that does not depend on language.

Translated names have one column per language (courses/translation.py).
"""

import math

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel

from courses.ages import band_words
from home.database.rows import LightRows


class Track(LightRows, models.Model):
    """A field we teach: coding, robotics, 3D printing; ALL for skills shared by every track."""

    code = models.SlugField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=60)
    icon = models.CharField(_("icon"), max_length=30, default="blocks")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        ordering = ["position", "code"]

    def __str__(self):
        return self.name or self.code


class AgeBand(LightRows, models.Model):
    """An age group, both ends included: 7–8 admits from the 7th birthday to the day before the 9th.

    Its name is made from its ages, so that no text can promise another age than the rule admits.
    """

    code = models.SlugField(_("code"), max_length=4, unique=True)
    min_age = models.PositiveSmallIntegerField(_("from (years)"), validators=[MinValueValidator(3)])
    max_age = models.PositiveSmallIntegerField(_("to (years, included)"), validators=[MaxValueValidator(18)])
    nickname = models.CharField(_("nickname"), max_length=40, blank=True)
    minutes = models.PositiveSmallIntegerField(_("usual length of a class (minutes)"), default=90)
    capacity = models.PositiveSmallIntegerField(_("usual number of places"), default=12)
    children_per_adult = models.PositiveSmallIntegerField(_("children per adult"), default=6)

    class Meta:
        verbose_name = _("age band")
        verbose_name_plural = _("age bands")
        ordering = ["min_age"]
        constraints = [
            models.CheckConstraint(
                name="ageband_from_before_to",
                condition=Q(min_age__lte=F("max_age")),
                violation_error_message=_("The first age must be lower than the last."),
            ),
            models.CheckConstraint(name="ageband_for_children", condition=Q(min_age__gte=3, max_age__lte=18)),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """Return the ages in the active language: "Ages 7-8"."""
        return band_words(self.min_age, self.max_age)

    def adults_for(self, children: int) -> int:
        """Return how many adults that many children need."""
        return math.ceil(children / self.children_per_adult)


class Skill(models.Model):
    """A skill one can observe in a child. Skills build on others, without cycles."""

    code = models.SlugField(_("code"), max_length=10, unique=True)
    track = models.ForeignKey(Track, verbose_name=_("track"), on_delete=models.PROTECT, related_name="skills")
    name = models.CharField(_("name"), max_length=120)
    builds_on = models.ManyToManyField(
        "self", verbose_name=_("builds on"), symmetrical=False, blank=True, related_name="leads_to"
    )

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["track__position", "code"]

    def __str__(self):
        return self.name or self.code

    def circle_through(self, foundations) -> list["Skill"]:
        """Return the skills of a cycle these foundations would close, or an empty list."""
        open_skills, seen = list(foundations), set()
        while open_skills:
            skill = open_skills.pop()
            if skill.pk == self.pk:
                return [self, *foundations]
            if skill.pk not in seen:
                seen.add(skill.pk)
                open_skills.extend(skill.builds_on.all())
        return []


class Course(LightRows, ClusterableModel):
    """What is taught: data that is the same in every language. The texts are on its pages."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    track = models.ForeignKey(
        Track, verbose_name=_("track"), on_delete=models.PROTECT, related_name="courses"
    )
    band = models.ForeignKey(
        AgeBand, verbose_name=_("age band"), on_delete=models.PROTECT, related_name="courses"
    )
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("summary"), max_length=250)
    outcome = models.CharField(_("what the child will make"), max_length=200, blank=True)
    meetings_count = models.PositiveSmallIntegerField(
        _("number of classes"), validators=[MinValueValidator(1)]
    )
    minutes = models.PositiveSmallIntegerField(
        _("length of a class (minutes)"), validators=[MinValueValidator(15)]
    )
    price = models.DecimalField(_("usual price (MAD)"), max_digits=8, decimal_places=2)
    leads_to = models.ManyToManyField(
        "self", verbose_name=_("leads to"), symmetrical=False, blank=True, related_name="follows"
    )

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["track__position", "band__min_age", "code"]
        constraints = [
            models.CheckConstraint(name="course_price_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(
                name="course_has_meetings", condition=Q(meetings_count__gte=1, minutes__gte=15)
            ),
        ]

    def __str__(self):
        return f"{self.code} · {self.title}" if self.title else self.code


class Prerequisite(LightRows, ClusterableModel):
    """One prerequisite of a course. Any one of a course's prerequisites is enough."""

    class Kind(models.TextChoices):
        COURSE = "course", _("a completed course")
        SKILLS = "skills", _("skills observed")
        READY = "ready", _("an instructor’s “ready for the next level”")
        EQUIVALENT = "equivalent", _("an equivalent level, confirmed by the team")

    course = ParentalKey(
        Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="prerequisites"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    required_course = models.ForeignKey(
        Course,
        verbose_name=_("completed course"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opens",
    )
    skills = ParentalManyToManyField(Skill, verbose_name=_("skills"), blank=True, related_name="+")
    level = models.PositiveSmallIntegerField(
        _("level (1 to 4)"), default=3, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )

    class Meta:
        verbose_name = _("prerequisite")
        verbose_name_plural = _("prerequisites")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="prerequisite_names_its_course",
                condition=Q(kind="course", required_course__isnull=False)
                | (~Q(kind="course") & Q(required_course__isnull=True)),
                violation_error_message=_("Name a completed course for that kind of prerequisite only."),
            ),
            models.CheckConstraint(name="prerequisite_not_itself", condition=~Q(required_course=F("course"))),
            models.CheckConstraint(
                name="prerequisite_level_of_four", condition=Q(level__gte=1, level__lte=4)
            ),
        ]

    def __str__(self):
        return f"{self.course_id}:{self.kind}"


class Equipment(models.Model):
    """One line of the equipment a course needs."""

    class Per(models.TextChoices):
        CHILD = "child", _("for each child")
        PAIR = "pair", _("for two children")
        FOUR = "four", _("for four children")
        FIVE = "five", _("for five children")
        GROUP = "group", _("for the group")

    course = ParentalKey(Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="equipment")
    item = models.CharField(_("item"), max_length=160)
    per = models.CharField(_("for whom"), max_length=8, choices=Per.choices, default=Per.CHILD)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1, validators=[MinValueValidator(1)])
    unit = models.CharField(_("unit"), max_length=10, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("equipment line")
        verbose_name_plural = _("equipment lines")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.item
