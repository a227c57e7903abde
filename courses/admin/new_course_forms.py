"""The form of a new course: its data, its texts in three languages, its picture."""

from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.permissions import policy_registry

from courses.models import AgeBand, Course, CoursePage, Track
from courses.pages.new_course import NewCourse, NewFacts, NewLesson, keep_picture, may_write_facts
from home.files.fields import PhotoField
from home.language.table import LANGUAGES
from home.language.typed_dates import MomentField
from home.models import Picture

FACTS = ("code", "track", "band", "price", "meetings_count", "minutes")
RELEASE = ("shows_children", "release")
LONGEST = {"title": 120, "lead": 250, "makes": 200}  # as the course's own title, summary and outcome


def may_add_pictures(user) -> bool:
    """Return whether this user may add to the library of pictures."""
    return policy_registry.get_by_type(Picture).user_has_permission(user, "add")


class NewCourseForm(forms.Form):
    """Facts are asked of those who may write them; others choose a course that has no pages yet."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    kept_picture = forms.IntegerField(widget=forms.HiddenInput, required=False)
    course = forms.ModelChoiceField(
        label=gettext_lazy("A course that has no pages yet"),
        queryset=Course.objects.none(),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("This course has pages already. Choose another one.")},
    )
    picture = PhotoField(label=gettext_lazy("Picture"), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.user, self.writes_facts = user, may_write_facts(user)
        self.fields["course"].queryset = Course.objects.filter(pages=None).select_related("track", "band")
        if self.writes_facts:
            self._ask_facts()
        for name, longest in LONGEST.items():
            for code, language in LANGUAGES.items():
                box = forms.TextInput if name == "title" else forms.Textarea
                attrs = language.attrs if name == "title" else language.attrs | {"rows": 3}
                label = f"{capfirst(CoursePage._meta.get_field(name).verbose_name)} {language.taught_in}"
                self.fields[f"{name}_{code}"] = self._words(label, longest, box(attrs=attrs))
        for code, language in LANGUAGES.items():
            box = forms.TextInput(attrs=language.attrs)
            column = Picture._meta.get_field(f"alt_{code}")
            label = capfirst(column.verbose_name)
            self.fields[column.name] = self._words(label, column.max_length, box)
        for name in RELEASE:
            self.fields[name] = Picture._meta.get_field(name).formfield(required=False)
        if not may_add_pictures(user):
            for name in ("picture", "kept_picture", *RELEASE, *(f"alt_{code}" for code in LANGUAGES)):
                del self.fields[name]

    @staticmethod
    def _words(label: str, longest: int, widget) -> forms.CharField:
        field = forms.CharField(label=label, max_length=longest, required=False, widget=widget)
        field.widget.attrs.pop("maxlength", None)
        return field

    def _ask_facts(self) -> None:
        model = {name: Course._meta.get_field(name) for name in FACTS}
        asked = {
            "code": model["code"].formfield(
                widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
                help_text=gettext("For example ROBOT-D. It stays."),
            ),
            "track": forms.ModelChoiceField(Track.objects.all(), label=capfirst(model["track"].verbose_name)),
            "band": forms.ModelChoiceField(AgeBand.objects.all(), label=capfirst(model["band"].verbose_name)),
            "price": model["price"].formfield(min_value=0),
            "meetings_count": model["meetings_count"].formfield(
                min_value=1, max_value=100, help_text=gettext("Leave empty for one class a lesson.")
            ),
            "minutes": model["minutes"].formfield(
                min_value=15,
                max_value=480,
                help_text=gettext("Leave empty for what the age band usually has."),
            ),
        }
        for name, field in asked.items():
            field.required = False  # `clean` asks for them, unless a course is chosen
            self.fields[name] = field

    def group(self, name: str) -> list[forms.BoundField]:
        """Return the boxes of one text, a language each."""
        return [self[f"{name}_{code}"] for code in LANGUAGES if f"{name}_{code}" in self.fields]

    @property
    def facts_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in FACTS if name in self.fields]

    @property
    def words_fields(self) -> list[list[forms.BoundField]]:
        return [self.group(name) for name in LONGEST]

    @property
    def alternatives(self) -> list[forms.BoundField]:
        return self.group("alt")

    @property
    def release_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in RELEASE if name in self.fields]

    @property
    def kept(self) -> Picture | None:
        """Return the picture that was sent with an earlier try, if it is this user's."""
        if "kept_picture" not in self.fields:
            return None
        key = str(self["kept_picture"].value() or "")
        mine = Picture.objects.filter(uploaded_by_user=self.user)
        return mine.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if code and (other := Course.objects.filter(code__iexact=code).first()):
            raise ValidationError(
                gettext("%(code)s exists already. Capitals make no difference.") % {"code": other.code},
                code="same_code",
            )
        return code

    def clean(self):
        cleaned = super().clean()
        course = cleaned.get("course")
        if course and any(cleaned.get(name) not in (None, "") for name in FACTS):
            self.add_error("course", gettext("Choose a course here, or fill in a new one below: not both."))
        elif not course and "course" not in self.errors:
            self._require_new(cleaned)
        for code in LANGUAGES:
            own = getattr(course, f"title_{code}") if course else ""
            self._require(f"title_{code}", cleaned, unless=own)
        if cleaned.get("picture") or self.kept:
            for code in LANGUAGES:
                self._require(f"alt_{code}", cleaned)
        return cleaned

    def _require_new(self, cleaned) -> None:
        if not self.writes_facts:
            self._require("course", cleaned)
            return
        for name in ("code", "track", "band", "lead_fr"):
            self._require(name, cleaned)
        self._require("price", cleaned, unless=cleaned.get("price") == 0)

    def _require(self, name: str, cleaned, *, unless=False) -> None:
        if not cleaned.get(name) and not unless and name not in self.errors:
            self.add_error(name, self.fields[name].error_messages["required"])

    def ask_for_classes(self, lessons: int) -> None:
        """Refuse a new course of which neither the number of classes nor a lesson is known."""
        said = self.cleaned_data
        if self.writes_facts and not said.get("course") and not said.get("meetings_count") and not lessons:
            self._require("meetings_count", said)

    @property
    def length(self) -> int | None:
        """Return the minutes of a class, as far as they are known."""
        said = self.cleaned_data
        if course := said.get("course"):
            return course.minutes
        band = said.get("band")
        return said.get("minutes") or (band.minutes if band else None)

    def new_course(self, lessons: list[NewLesson]) -> NewCourse:
        """Return what a valid form says, with the picture stored."""
        said = self.cleaned_data
        texts = {name: {code: said[f"{name}_{code}"] for code in LANGUAGES} for name in LONGEST}
        return NewCourse(
            titles=texts["title"],
            leads=texts["lead"],
            makes=texts["makes"],
            course=said.get("course"),
            facts=None if said.get("course") else self._facts(len(lessons)),
            lessons=lessons,
            picture=self.stored_picture(),
        )

    def _facts(self, lessons: int) -> NewFacts:
        said = self.cleaned_data
        return NewFacts(
            code=said["code"],
            track=said["track"],
            band=said["band"],
            price=said["price"],
            minutes=self.length or said["band"].minutes,
            meetings_count=said["meetings_count"] or lessons,
        )

    def stored_picture(self) -> Picture | None:
        """Return the picture with its alternative texts, stored once for all tries."""
        if "picture" not in self.fields:
            return None
        said = getattr(self, "cleaned_data", {})
        facts = {f"alt_{code}": said.get(f"alt_{code}") or "" for code in LANGUAGES}
        facts |= {"shows_children": bool(said.get("shows_children")), "release": said.get("release") or ""}
        if photo := said.get("picture"):
            return keep_picture(photo, title=said.get("title_fr") or "", facts=facts, by=self.user)
        if picture := self.kept:
            for name, value in facts.items():
                setattr(picture, name, value)
            picture.save(update_fields=list(facts))
        return picture


class TogetherForm(forms.Form):
    """When to publish the pages of a course: now, or at a moment to come."""

    go_live_at = MomentField(
        label=gettext_lazy("Publish on"), required=False, widget=AdminDateTimeInput,
        help_text=gettext_lazy("Leave empty to publish now."),
    )  # fmt: skip

    lessons = forms.BooleanField(label=gettext_lazy("Also the pages of the lessons"), required=False)

    def clean_go_live_at(self):
        moment = self.cleaned_data["go_live_at"]
        if moment and moment <= timezone.now():
            raise ValidationError(gettext("This moment is past. Leave the box empty to publish now."))
        return moment
