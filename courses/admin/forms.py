"""Forms of course data: validation messages, and the two lists typed as lines or ticks."""

import re
from datetime import time
from itertools import pairwise

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from courses.admin.panels import writers_of
from courses.models import Hazard, OpeningHours
from home.language.dates import weekday_words
from home.language.lists import listed


class FactsForm(WagtailAdminModelForm):
    """Base form: French is required where the field is.

    Inline rows are dropped for users who may only translate.
    """

    fact_lines: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        model = self._meta.model
        for name, field in self.fields.items():
            base, _underscore, language = name.rpartition("_")
            if language == settings.LANGUAGE_CODE and base in {f.name for f in model._meta.fields}:
                field.required = not model._meta.get_field(base).blank
        if code := self.fields.get("code"):  # Wagtail's box for slugs would write it in small letters
            box = {"dir": "ltr", "autocomplete": "off", "maxlength": code.max_length}
            code.widget = forms.TextInput(attrs=box)
        if self.for_user and not self.for_user.has_perm(writers_of(model)):
            for name in self.fact_lines:
                self.formsets.pop(name, None)

    def clean_code(self) -> str:
        """Return the code as typed; refuse one that differs from another's only by capitals."""
        code = self.cleaned_data["code"]
        others = self._meta.model._default_manager.exclude(pk=self.instance.pk)
        if other := others.filter(code__iexact=code).exclude(code=code).first():
            raise ValidationError(
                gettext("%(code)s exists already. Capitals make no difference.") % {"code": other.code},
                code="same_code",
            )
        return code

    def refuse_backwards(self, first: str, last: str) -> None:
        """Refuse a period whose first day is after its last; the error is on the last day."""
        starts, ends = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if starts and ends and starts > ends:
            self.add_error(last, gettext("The first day must be before the last."))


class PeriodForm(FactsForm):
    """Form for a term or a closure."""

    def clean(self):
        cleaned = super().clean()
        self.refuse_backwards("starts_on", "ends_on")
        return cleaned


class SkillForm(FactsForm):
    def clean(self):
        cleaned = super().clean()
        foundations = list(cleaned.get("builds_on") or [])
        if self.instance.pk and (circle := self.instance.circle_through(foundations)):
            said = {"skill": self.instance.code, "others": listed(skill.code for skill in circle[1:])}
            words = gettext("This would create a loop: %(others)s already builds on %(skill)s.") % said
            self.add_error("builds_on", words)
        return cleaned


class CourseForm(FactsForm):
    fact_lines = ("prerequisites", "equipment")

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and self.instance in (cleaned.get("leads_to") or []):
            self.add_error("leads_to", gettext("A course cannot lead to itself."))
        return cleaned

    def is_valid(self):
        valid = super().is_valid()
        for line in (
            self.formsets["prerequisites"].forms if "prerequisites" in self.formsets and self.is_bound else []
        ):
            required = getattr(line, "cleaned_data", {}).get("required_course")
            if required and self.instance.pk and required.pk == self.instance.pk:
                line.add_error("required_course", gettext("A course cannot be its own prerequisite."))
                valid = False
        return valid


class KitField(forms.CharField):
    """Field for what a lesson needs, one item per line: for whom | how many | French | Arabic | English."""

    WHOM = ("child", "pair", "group")
    widget = forms.Textarea(attrs={"rows": 5, "dir": "auto"})

    def prepare_value(self, value):
        if not isinstance(value, list):
            return value
        return "\n".join(
            " | ".join(str(line.get(key, "")) for key in ("per", "qty", "fr", "ar", "en")) for line in value
        )

    def to_python(self, value):
        lines = []
        for number, line in enumerate((super().to_python(value) or "").splitlines(), start=1):
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 5 or parts[0] not in self.WHOM or not parts[1].isdecimal() or not parts[2]:
                words = _(
                    "Line %(number)s does not follow “for whom | how many | French | Arabic | English”. "
                    "For whom: %(whom)s."
                )
                raise ValidationError(words, params={"number": number, "whom": listed(self.WHOM)})
            lines.append(
                {"per": parts[0], "qty": int(parts[1]), "fr": parts[2], "ar": parts[3], "en": parts[4]}
            )
        return lines

    def has_changed(self, initial, data):
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class LessonForm(FactsForm):
    hazards = forms.MultipleChoiceField(
        label=capfirst(_("hazards")),
        choices=Hazard.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Families are told, and the instructor sees it that day."),
    )
    kit = KitField(
        label=capfirst(_("kit")),
        required=False,
        help_text=_(
            "One item per line: for whom (child, pair, group) | how many | French | Arabic | English."
        ),
    )

    def clean_course(self):
        """A lesson that classes have stays with its course: those classes are of that course."""
        course, before = self.cleaned_data["course"], self.initial.get("course")
        if before and course.pk != before and self.instance.meetings.exists():
            raise ValidationError(_("Classes have this lesson, so it stays with its course."))
        return course


HOURS = re.compile(r"^(\d{1,2})[:hH.](\d{2})\s*(?:-|–|à)\s*(\d{1,2})[:hH.](\d{2})$")


def read_hours(text: str) -> list[tuple[time, time]]:
    """Parse "09:00-12:30, 14:00-18:00" into pairs of times, in order.

    Raises ValidationError with a sentence.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = HOURS.match(part)
        try:
            opens, closes = (
                (time(*map(int, match.groups()[:2])), time(*map(int, match.groups()[2:])))
                if match
                else (None, None)
            )
        except ValueError:
            opens = closes = None
        if opens is None:
            raise ValidationError(_("“%(hours)s” is not in the form 09:00-18:00."), params={"hours": part})
        if opens >= closes:
            raise ValidationError(
                _("The opening time must be before the closing time: %(hours)s."), params={"hours": part}
            )
        found.append((opens, closes))
    found.sort()
    if any(before[1] > after[0] for before, after in pairwise(found)):
        raise ValidationError(_("These hours overlap."))
    return found


class HoursField(forms.CharField):
    """Field for the opening hours of one day: "09:00-12:30, 14:00-18:00"; empty means closed."""

    def __init__(self, weekday: int, **kwargs):
        self.weekday = weekday
        widget = forms.TextInput(attrs={"dir": "ltr", "placeholder": "09:00-18:00"})
        super().__init__(required=False, widget=widget, **kwargs)

    def get_bound_field(self, form, field_name):
        bound = super().get_bound_field(form, field_name)
        bound.label = capfirst(weekday_words(self.weekday))
        return bound

    def to_python(self, value):
        text = super().to_python(value)
        read_hours(text)
        return text


class VenueForm(FactsForm):
    """Form for a venue with its opening hours, one box per weekday."""

    hours_0, hours_1, hours_2, hours_3, hours_4, hours_5, hours_6 = (HoursField(day) for day in range(7))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        for hours in self.instance.hours.all():
            name = f"hours_{hours.weekday}"
            if name in self.fields:
                before = self.initial.get(name)
                run = f"{hours.opens:%H:%M}-{hours.closes:%H:%M}"
                self.initial[name] = f"{before}, {run}" if before else run

    def save(self, commit=True):
        venue = super().save(commit)
        if commit and "hours_0" in self.fields:
            rows = [
                OpeningHours(venue=venue, weekday=day, opens=opens, closes=closes)
                for day in range(7)
                for opens, closes in read_hours(self.cleaned_data[f"hours_{day}"])
            ]
            venue.hours.all().delete()
            OpeningHours.objects.bulk_create(rows)
        return venue
