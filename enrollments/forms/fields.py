"""Fields that several forms share: a day, a moment, a birth date in three boxes, a phone number,
yes or no.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enrollments.models import Guardianship
from home.language.dates import is_plain
from home.language.invisible import visible
from home.language.typed_dates import read_day
from home.language.typed_phones import NumberField

YOUNGEST, OLDEST = 3, 18  # today; the programme itself is for 7 to 14 (domain §3)


class DateBoxes(forms.MultiWidget):
    """Day, month and year as three number boxes, faster on a phone than a calendar."""

    use_fieldset = True

    def __init__(self, attrs=None):
        box = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}
        super().__init__(
            {"day": forms.TextInput(box), "month": forms.TextInput(box), "year": forms.TextInput(box)}, attrs
        )

    def decompress(self, value):
        return [value.day, value.month, value.year] if value else [None, None, None]


class BirthDateField(forms.MultiValueField):
    """Date of birth typed in three boxes, in any script's digits. Invalid dates get a clear error."""

    def __init__(self, **kwargs):
        boxes = [forms.CharField(max_length=4, required=False) for _box in range(3)]
        super().__init__(boxes, widget=DateBoxes(), require_all_fields=False, **kwargs)

    def compress(self, parts):
        parts = [(part or "").strip() for part in (parts or [])]
        if not any(parts):
            if self.required:
                raise ValidationError(_("Enter the date of birth: day, month and year."), code="required")
            return None
        if not all(part.isdecimal() for part in parts):
            raise ValidationError(
                _("Enter the day, month and year in numbers, for example 27 3 2017."), code="invalid"
            )
        return read_day("/".join(parts))

    def clean(self, value):
        return self.compress(value if isinstance(value, (list, tuple)) else [])


def plain_name(value: str) -> str:
    """Return a name on one line, without URLs, control or invisible characters, with spaces collapsed."""
    value = " ".join(visible(value).split())
    if not is_plain(value) or any(mark in value for mark in ("://", "<", ">", "@")):
        raise ValidationError(
            _("Enter a name using letters, spaces, hyphens and apostrophes."), code="not_a_name"
        )
    if not any(character.isalpha() for character in value):
        raise ValidationError(
            _("Enter a name using letters, spaces, hyphens and apostrophes."), code="not_a_name"
        )
    return value


NUMBER_HELP = _("For example, 06 12 34 56 78.")


NUMBER_FAULT = {"invalid": _("Enter a phone number, like 06 12 34 56 78 or +212 6 12 34 56 78.")}


def number_field(**kwargs) -> NumberField:
    """Return a field for a phone number as typed in Morocco: 06…, +212…, 00212…, in any script's digits;
    other countries' with their code.
    """
    box = {"type": "tel", "inputmode": "tel", "dir": "ltr", "autocomplete": "off"}
    facts = {"region": "MA", "help_text": NUMBER_HELP, "error_messages": NUMBER_FAULT, "max_length": 40}
    return NumberField(**{"widget": forms.TextInput(attrs=box)} | facts | kwargs)


def text_box(**attrs):
    return forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"} | attrs)


def relation_field(label, choices=Guardianship.Relation.choices) -> forms.ChoiceField:
    """Return a field for what a guardian is to the child: asked, never assumed."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )


def yes_no(label, **kwargs):
    """Return a yes/no field as two radio buttons, with a boolean value."""
    choices = [("yes", _("Yes")), ("no", _("No"))]
    return forms.TypedChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, coerce=lambda word: word == "yes", **kwargs
    )


def as_word(truth: bool) -> str:
    return "yes" if truth else "no"
