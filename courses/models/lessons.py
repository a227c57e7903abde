"""Lessons and what they are made of; their texts have one column per language (courses/translation.py)."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from courses.code_blocks import drawings
from courses.models.facts import Course, Skill
from home.database.rows import LightRows
from home.language.lists import listed


class Hazard(models.TextChoices):
    """A hazard of a lesson; families are told, and the instructor sees it that day."""

    FLASHES = "flashes", _("flashing lights")
    HEAT = "heat", _("hot parts")
    BLADES = "blades", _("scissors or blades")
    SMALL_PARTS = "small_parts", _("small parts")
    ALLERGENS = "allergens", _("allergens (modelling clay, latex)")


def known_hazards(codes):
    """Refuse an unknown hazard code."""
    unknown = set(codes) - set(Hazard.values)
    if unknown:
        raise ValidationError(_("Unknown hazard: %(codes)s."), params={"codes": listed(sorted(unknown))})


class Lesson(LightRows, ClusterableModel):
    """One taught unit of a course.

    Its data serves instructor, child and family; the page's texts are on LessonPage.
    """

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="lessons"
    )
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    title = models.CharField(_("title"), max_length=120)
    is_retired = models.BooleanField(
        _("no longer taught"),
        default=False,
        help_text=_("New sessions go without it. Sessions that have it keep it, until they are updated."),
    )
    skills = models.ManyToManyField(Skill, verbose_name=_("skills"), blank=True, related_name="lessons")
    unplugged = models.BooleanField(_("without a computer"), default=False)
    showcase = models.BooleanField(_("families are invited"), default=False)
    hazards = models.JSONField(_("hazards"), default=list, blank=True, validators=[known_hazards])
    objective = models.CharField(_("objective"), max_length=250, blank=True)
    family_words = models.TextField(_("summary for families"), blank=True)
    kit = models.JSONField(
        _("kit"),
        default=list,
        blank=True,
        help_text=_("Lines of {per, qty, fr, ar, en}; per is child, pair or group."),
    )

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ["course", "number"]
        constraints = [
            models.UniqueConstraint(
                name="lesson_one_per_number",
                fields=["course", "number"],
                condition=Q(is_retired=False),
                violation_error_message=_("Another lesson of this course has this number."),
            ),
            models.CheckConstraint(name="lesson_counted_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self):
        return f"{self.course_id}/{self.number} {self.title}"

    @property
    def hazard_labels(self) -> list[str]:
        """Return the labels of the hazards in the active language."""
        return [str(Hazard(code).label) for code in self.hazards]


def readable(text: str) -> None:
    """Refuse drawn blocks that cannot be read, with their line."""
    drawings.read(text)


class LessonBlock(models.Model):
    """One part of a lesson, for one or two of its three faces (courses.faces)."""

    class Kind(models.TextChoices):
        PREP = "prep", _("Before the class")
        WARMUP = "warmup", _("Warm-up")
        EXPLAIN = "explain", _("Explanation")
        ACTIVITY = "activity", _("Activity")
        STEP = "step", _("Step for the child")
        EASIER = "easier", _("Easier, for the child")
        FURTHER = "further", _("Further, for the child")
        WORD = "word", _("Word to know")
        EXIT = "exit", _("Exit ticket")
        SHARE = "share", _("Sharing")
        TIDY = "tidy", _("Tidying up")
        MISTAKE = "mistake", _("Common mistake")
        TIP = "tip", _("Tip")
        ADAPT = "adapt", _("Easier, more advanced")
        OBSERVE = "observe", _("What to observe")
        ASK = "ask", _("To ask at home")
        HOME = "home", _("To try at home")

    # Written to the child; nobody else needs them in a plan.
    CHILD_ONLY = (Kind.STEP, Kind.EASIER, Kind.FURTHER, Kind.WORD)
    FAMILY_ONLY = (Kind.ASK, Kind.HOME)
    # Written to the instructor, about children: never shown to one.
    TEAM_ONLY = (Kind.PREP, Kind.MISTAKE, Kind.TIP, Kind.ADAPT, Kind.OBSERVE)

    lesson = ParentalKey(Lesson, verbose_name=_("lesson"), on_delete=models.CASCADE, related_name="blocks")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)
    for_learner = models.BooleanField(_("shown to the child"), default=False)
    text = models.TextField(_("text"), help_text=_("For a word to know: the word, a colon, what it means."))
    drawing = models.TextField(
        _("drawn blocks"),
        blank=True,
        validators=[readable],
        help_text=_("Blocks of Scratch or micro:bit, or a listing; shown in the reader’s language."),
    )

    class Meta:
        verbose_name = _("lesson block")
        verbose_name_plural = _("lesson blocks")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="lessonblock_team_only",
                condition=Q(for_learner=False) | ~Q(kind__in=["prep", "mistake", "tip", "adapt", "observe"]),
                violation_error_message=_("This kind of block is written for the instructor."),
            ),
            models.CheckConstraint(
                name="lessonblock_child_only",
                condition=Q(for_learner=True) | ~Q(kind__in=["step", "easier", "further", "word"]),
                violation_error_message=_("This kind of block is written for the child."),
            ),
            models.CheckConstraint(
                name="lessonblock_family_only",
                condition=Q(for_learner=False) | ~Q(kind__in=["ask", "home"]),
                violation_error_message=_("This kind of block is written for the family."),
            ),
        ]

    def __str__(self):
        return f"{self.lesson_id}:{self.kind}"

    def clean(self):
        """A step, a word and the like are the child's: nobody needs to tick it."""
        self.for_learner = self.for_learner or self.kind in self.CHILD_ONLY
