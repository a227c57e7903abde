"""Account fields in the CMS: instructors only, by name.

Family accounts are never offered, found or shown there.
"""

from django import forms
from django.contrib.auth import get_user_model
from django.db import models
from wagtail.admin.forms.models import register_form_field_override

from courses.timetable.teaching import instructors
from home.language.alphabet import in_alphabet
from home.language.choices import InAlphabet
from home.language.lists import listed


def names(people) -> str:
    """Return the instructors' names for a cell: "Nadia, Omar"."""
    return listed(person.get_full_name() for person in in_alphabet(people, "name"))


class InstructorField(forms.ModelChoiceField):
    """Field for one instructor, by name."""

    iterator = InAlphabet

    def __init__(self, *args, **kwargs):
        kwargs["queryset"] = instructors()
        kwargs.pop("limit_choices_to", None)
        super().__init__(*args, **kwargs)

    def label_from_instance(self, person):
        return person.get_full_name()


class InstructorsField(forms.ModelMultipleChoiceField):
    """Field for several instructors, by name, one box each."""

    widget = forms.CheckboxSelectMultiple
    iterator = InAlphabet

    def __init__(self, *args, **kwargs):
        kwargs["queryset"] = instructors()
        kwargs.pop("limit_choices_to", None)
        super().__init__(*args, **kwargs)

    def label_from_instance(self, person):
        return person.get_full_name()


# Any CMS form field that points to an account gets this list.
register_form_field_override(models.ForeignKey, to=get_user_model(), override={"form_class": InstructorField})
