"""Lessons typed as rows of a form, or pasted from a spreadsheet."""

from collections import Counter
from collections.abc import Mapping

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from courses.models import Lesson
from courses.pages import pasted_lessons
from courses.pages.new_course import NewLesson
from home.language.lists import listed
from home.language.table import LANGUAGES

MOST = 60  # lessons of one form
BLANK = 3  # rows to type in
READ = 200  # rows of a form that are looked for


def words_box(code: str, **attrs) -> forms.TextInput:
    """Return a box for words in that language and its direction."""
    return forms.TextInput(attrs=LANGUAGES[code].attrs | attrs)


class LessonRowForm(forms.Form):
    """One lesson. Rows are ordered by `position`; an empty row is no lesson."""

    position = forms.IntegerField(
        label=gettext_lazy("Number"), required=False, widget=forms.NumberInput(attrs={"min": 1})
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), required=False, min_value=1, max_value=600,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        for field, required in (("title", "fr"), ("objective", "")):
            column = Lesson._meta.get_field(field)
            for code, language in LANGUAGES.items():
                self.fields[f"{field}_{code}"] = forms.CharField(
                    label=f"{capfirst(column.verbose_name)} {language.taught_in}",
                    required=code == required,
                    max_length=column.max_length,
                    widget=words_box(code),
                )
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)  # what was pasted and is too long stays whole
        self.order_fields(["position", *pasted_lessons.COLUMNS])

    @property
    def lesson(self) -> NewLesson:
        """Return the lesson of a valid row."""
        said = self.cleaned_data
        return NewLesson(
            titles={code: said[f"title_{code}"] for code in LANGUAGES},
            objectives={code: said[f"objective_{code}"] for code in LANGUAGES},
            minutes=said["minutes"],
        )


def typed_rows(data: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows of a form that hold a word, in the order of their numbers."""
    found = []
    for index in range(READ):
        row = {name: data.get(f"lessons-{index}-{name}", "").strip() for name in pasted_lessons.COLUMNS}
        if any(row.values()):
            position = data.get(f"lessons-{index}-position", "").strip()
            found.append((int(position) if position.isdecimal() and len(position) < 6 else READ, row))
    return [row for _position, row in sorted(found, key=lambda pair: pair[0])]


class LessonRows:
    """The rows of a form, with those that were pasted after them.

    forms     a form per row, then some blank ones
    pasted    what stays in the box: nothing once it has become rows
    faults    sentences about the rows together
    """

    def __init__(self, data: Mapping[str, str] | None = None, *, is_checked: bool = False):
        rows, self.pasted, self.faults = typed_rows(data or {}), (data or {}).get("pasted", ""), []
        added = pasted_lessons.read(self.pasted)
        if len(rows) + len(added) > MOST:
            self.faults.append(gettext("A course has at most %(most)s lessons.") % {"most": MOST})
        else:
            rows, self.pasted = [*rows, *added], ""
        self.filled = [self._form(index, row, is_checked) for index, row in enumerate(rows)]
        blank = [self._form(index, None, False) for index in range(len(rows), len(rows) + BLANK)]
        self.forms = [*self.filled, *blank]

    @staticmethod
    def _form(index: int, row: dict[str, str] | None, is_checked: bool) -> LessonRowForm:
        said = {"position": str(index + 1)} | (row or {})
        prefix = f"lessons-{index}"
        if is_checked:
            return LessonRowForm({f"{prefix}-{name}": value for name, value in said.items()}, prefix=prefix)
        return LessonRowForm(initial=said, prefix=prefix)

    def is_valid(self, length: int | None) -> bool:
        """Check every row, and the rows together. `length`: minutes of a class, if that is known."""
        valid = not [form for form in self.filled if not form.is_valid()]
        counted = Counter(
            form["title_fr"].value().casefold() for form in self.filled if form["title_fr"].value()
        )
        for title, count in counted.items():
            if count > 1:
                alike = [form for form in self.filled if form["title_fr"].value().casefold() == title]
                numbers = listed(str(self.filled.index(form) + 1) for form in alike)
                self.faults.append(
                    gettext("These lessons have the same French title: %(numbers)s.") % {"numbers": numbers}
                )
        for form in self.filled:
            minutes = form.cleaned_data.get("minutes") if form.is_valid() else None
            if length and minutes and minutes > length:
                form.add_error(
                    "minutes",
                    gettext("A class of this course lasts %(minutes)s minutes.") % {"minutes": length},
                )
                valid = False
        return valid and not self.faults

    @property
    def lessons(self) -> list[NewLesson]:
        """Return the lessons of valid rows, in order."""
        return [form.lesson for form in self.filled]
