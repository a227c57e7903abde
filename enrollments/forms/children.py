"""A child in three fields: first name, family name, date of birth in three boxes."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.ages import age_on
from enrollments.models import Child
from home.language.dates import is_plain

YOUNGEST, OLDEST = 3, 18  # today; the programme itself is for 7 to 14 (domain §3)


class DateBoxes(forms.MultiWidget):
    """Day, month, year: three number boxes, quicker on a phone than any calendar."""

    use_fieldset = True

    def __init__(self, attrs=None):
        box = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}
        super().__init__({"day": forms.TextInput(box), "month": forms.TextInput(box), "year": forms.TextInput(box)}, attrs)

    def decompress(self, value):
        return [value.day, value.month, value.year] if value else [None, None, None]


class BirthDateField(forms.MultiValueField):
    """A date of birth typed in three boxes, in any digits; refused with a clear sentence when it is no such day."""

    def __init__(self, **kwargs):
        boxes = [forms.CharField(max_length=4, required=False) for _box in range(3)]
        super().__init__(boxes, widget=DateBoxes(), require_all_fields=False, **kwargs)

    def compress(self, parts):
        parts = [(part or "").strip() for part in (parts or [])]
        if not any(parts):
            if self.required:
                raise ValidationError(_("Write the date of birth: day, month, year."), code="required")
            return None
        if not all(part.isdecimal() for part in parts):
            raise ValidationError(_("Write the day, the month and the year in figures, for example 27 3 2017."), code="invalid")
        day, month, year = parts
        no_such_day = ValidationError(
            gettext("%(day)s/%(month)s/%(year)s is not a day of the calendar.")
            % {"day": day[:4], "month": month[:4], "year": year[:6]},
            code="no_such_day",
        )
        if max(map(len, parts)) > 4:
            raise no_such_day
        if len(year) < 4:
            raise ValidationError(_("Write the year with four figures, for example 2017."), code="short_year")
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            raise no_such_day from None

    def clean(self, value):
        return self.compress(value if isinstance(value, (list, tuple)) else [])


def plain_name(value: str) -> str:
    """A name on one line, without addresses or marks of a programme; spaces folded."""
    value = " ".join(value.split())
    if not is_plain(value) or any(mark in value for mark in ("://", "<", ">", "@")):
        raise ValidationError(_("Write a name: letters, spaces, hyphens, apostrophes."), code="not_a_name")
    if not any(character.isalpha() for character in value):
        raise ValidationError(_("Write a name: letters, spaces, hyphens, apostrophes."), code="not_a_name")
    return value


class ChildForm(forms.ModelForm):
    birth_date = BirthDateField(label=_("Date of birth"), help_text=_("For example 27 3 2017."))

    class Meta:
        model = Child
        fields = ["first_name", "last_name", "birth_date"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        }

    def __init__(self, *args, today, birth_date_is_fixed=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        if birth_date_is_fixed:
            del self.fields["birth_date"]

    def clean_first_name(self):
        return plain_name(self.cleaned_data["first_name"])

    def clean_last_name(self):
        return plain_name(self.cleaned_data["last_name"])

    def clean_birth_date(self):
        born, today = self.cleaned_data["birth_date"], self.today
        if born > today:
            raise ValidationError(_("This date is in the future."), code="future")
        age = age_on(born, today)
        if not YOUNGEST <= age <= OLDEST:
            raise ValidationError(
                _("That makes %(age)s years today: our courses are for children from 7 to 14. Please check the year."),
                code="out_of_range",
                params={"age": age},
            )
        return born
