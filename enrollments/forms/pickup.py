"""Pickup form: the people who may collect a child, leaving alone, the emergency contact."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enrollments.families.pickup import MOST_PERSONS
from enrollments.forms.fields import number_field, plain_name, text_box, yes_no


class PersonForm(forms.Form):
    """Form for one adult who may collect; an empty row is ignored."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=text_box())
    relation = forms.CharField(
        label=_("Relationship to the child"),
        max_length=60,
        widget=text_box(),
        help_text=_("For example, grandmother."),
    )
    phone = number_field(label=_("Phone"))

    def clean_name(self):
        return plain_name(self.cleaned_data["name"])

    def clean_relation(self):
        return plain_name(self.cleaned_data["relation"])


class Persons(forms.BaseFormSet):
    """Formset of pick-up persons: at most six, without duplicates."""

    def clean(self):
        numbers = [
            (form.cleaned_data["name"], str(form.cleaned_data["phone"]))
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("name") and not form.cleaned_data.get("DELETE")
        ]
        if len(set(numbers)) < len(numbers):
            raise ValidationError(_("The same person is in the list twice."), code="twice")


PersonFormSet = forms.formset_factory(
    PersonForm,
    formset=Persons,
    extra=1,
    can_delete=True,
    max_num=MOST_PERSONS,
    validate_max=True,
    absolute_max=MOST_PERSONS + 4,
)


class CollectionForm(forms.Form):
    """Form for going home alone and the emergency contact."""

    may_go_alone = yes_no(_("May go home alone"))
    emergency_name = forms.CharField(label=_("Name"), max_length=150, required=False, widget=text_box())
    emergency_relation = forms.CharField(
        label=_("Relationship to the child"), max_length=60, required=False, widget=text_box()
    )
    emergency_phone = number_field(label=_("Second phone"), required=False)

    def clean_emergency_name(self):
        value = self.cleaned_data["emergency_name"]
        return plain_name(value) if value else ""

    def clean_emergency_relation(self):
        value = self.cleaned_data["emergency_relation"]
        return plain_name(value) if value else ""

    def clean(self):
        told = super().clean()
        if (
            told.get("emergency_name")
            and not told.get("emergency_phone")
            and "emergency_phone" not in self.errors
        ):
            self.add_error("emergency_phone", _("Enter this person's phone number."))
        if (
            told.get("emergency_phone")
            and not told.get("emergency_name")
            and "emergency_name" not in self.errors
        ):
            self.add_error("emergency_name", _("Enter whose number this is."))
        return told
