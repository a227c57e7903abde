"""A child's file: names in both scripts, languages, own laptop; the wish to be called first."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollments.forms.children import ChildForm
from enrollments.forms.fields import as_word, plain_name, relation_field, text_box, yes_no
from enrollments.models import Child, Guardianship
from home.language.table import LANGUAGES


class NewChildForm(ChildForm):
    """Form for a child and what the guardian who adds it is to it."""

    relation = relation_field(
        _("You are"), [choice for choice in Guardianship.Relation.choices if choice[0] != "other"]
    )
    field_order = ["first_name", "last_name", "birth_date", "relation"]


class RelationForm(forms.Form):
    """Form to correct what a guardian is to the child."""

    relation = relation_field(_("Relationship to the child"))


class ChildFileForm(ChildForm):
    """Form for a child's details, without pick-up. Only the names and the birth date are required."""

    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"),
        choices=Child.Language.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    has_laptop = yes_no(_("Brings their own laptop"), required=False, empty_value=False)

    class Meta(ChildForm.Meta):
        fields = ["first_name", "last_name", "birth_date", "first_name_ar", "last_name_ar"]
        widgets = ChildForm.Meta.widgets | {
            "first_name_ar": text_box(**LANGUAGES["ar"].attrs),
            "last_name_ar": text_box(**LANGUAGES["ar"].attrs),
        }

    def __init__(self, *args, instance, **kwargs):
        kwargs["initial"] = {"languages": instance.languages, "has_laptop": as_word(instance.has_laptop)} | (
            kwargs.get("initial") or {}
        )
        super().__init__(*args, instance=instance, **kwargs)
        self.fields["first_name_ar"].help_text = _(
            "As it appears on official documents, for the certificate."
        )

    def _arabic(self, name):
        value = self.cleaned_data[name]
        return plain_name(value) if value else ""

    def clean_first_name_ar(self):
        return self._arabic("first_name_ar")

    def clean_last_name_ar(self):
        return self._arabic("last_name_ar")


class SpeakForm(forms.Form):
    speak_first = yes_no(_("Speak with me before the first class about my child's safety"))
