"""The child's file, a screen for each question: what is written, who collects, its safety, who else answers for it."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from enrollments.families.pickup import MOST_PERSONS
from enrollments.families.safety_notes import PARTS
from enrollments.forms.children import ChildForm, plain_name
from enrollments.models import Child, Guardianship

NUMBER_HELP = _("For example 06 12 34 56 78.")
NUMBER_FAULT = {"invalid": _("Write a telephone number as 06 12 34 56 78 or +212 6 12 34 56 78.")}


def number_field(**kwargs) -> PhoneNumberField:
    """A telephone number as people here write it: 06…, +212…, 00212…, in any digits."""
    kwargs = {"region": "MA", "help_text": NUMBER_HELP, "error_messages": NUMBER_FAULT} | kwargs
    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "dir": "ltr", "autocomplete": "off"})
    return PhoneNumberField(widget=widget, max_length=40, **kwargs)


def text_box(**attrs):
    return forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"} | attrs)


def yes_no(label, **kwargs):
    """A yes or a no, as two radio buttons; the answer is a truth value."""
    choices = [("yes", _("Yes")), ("no", _("No"))]
    return forms.TypedChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, coerce=lambda word: word == "yes", **kwargs
    )


def as_word(truth: bool) -> str:
    return "yes" if truth else "no"


class ChildFileForm(ChildForm):
    """All that is written of a child besides who collects it: nothing but the names and the birth date must be filled in."""

    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"), choices=Child.Language.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    has_laptop = yes_no(_("Brings an own laptop"), required=False, empty_value=False)

    class Meta(ChildForm.Meta):
        fields = ["first_name", "last_name", "birth_date", "first_name_ar", "last_name_ar"]
        widgets = ChildForm.Meta.widgets | {
            "first_name_ar": text_box(dir="rtl", lang="ar"),
            "last_name_ar": text_box(dir="rtl", lang="ar"),
        }

    def __init__(self, *args, instance, **kwargs):
        kwargs["initial"] = {"languages": instance.languages, "has_laptop": as_word(instance.has_laptop)} | (
            kwargs.get("initial") or {}
        )
        super().__init__(*args, instance=instance, **kwargs)
        self.fields["first_name_ar"].help_text = _("As it stands on papers; for the certificate.")

    def _arabic(self, name):
        value = self.cleaned_data[name]
        return plain_name(value) if value else ""

    def clean_first_name_ar(self):
        return self._arabic("first_name_ar")

    def clean_last_name_ar(self):
        return self._arabic("last_name_ar")


class PersonForm(forms.Form):
    """One adult who may collect; a row left empty is no row."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=text_box())
    relation = forms.CharField(
        label=_("Who this is for the child"), max_length=60, widget=text_box(), help_text=_("For example: grandmother.")
    )
    phone = number_field(label=_("Telephone"))

    def clean_name(self):
        return plain_name(self.cleaned_data["name"])

    def clean_relation(self):
        return plain_name(self.cleaned_data["relation"])


class Persons(forms.BaseFormSet):
    """The list as a whole: at most six, each once."""

    def clean(self):
        numbers = [
            (form.cleaned_data["name"], str(form.cleaned_data["phone"]))
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("name") and not form.cleaned_data.get("DELETE")
        ]
        if len(set(numbers)) < len(numbers):
            raise ValidationError(_("The same person stands twice in the list."), code="twice")


PersonFormSet = forms.formset_factory(
    PersonForm, formset=Persons, extra=1, can_delete=True, max_num=MOST_PERSONS, validate_max=True, absolute_max=MOST_PERSONS + 4
)


class CollectionForm(forms.Form):
    """Alone or not, and whom to call when no guardian answers."""

    may_go_alone = yes_no(_("May go home alone"))
    emergency_name = forms.CharField(label=_("Name"), max_length=150, required=False, widget=text_box())
    emergency_relation = forms.CharField(label=_("Who this is for the child"), max_length=60, required=False, widget=text_box())
    emergency_phone = number_field(label=_("Second telephone"), required=False)

    def clean_emergency_name(self):
        value = self.cleaned_data["emergency_name"]
        return plain_name(value) if value else ""

    def clean_emergency_relation(self):
        value = self.cleaned_data["emergency_relation"]
        return plain_name(value) if value else ""

    def clean(self):
        told = super().clean()
        if told.get("emergency_name") and not told.get("emergency_phone") and "emergency_phone" not in self.errors:
            self.add_error("emergency_phone", _("Write the telephone number of this person."))
        if told.get("emergency_phone") and not told.get("emergency_name") and "emergency_name" not in self.errors:
            self.add_error("emergency_name", _("Write whose number this is."))
        return told


class SpeakForm(forms.Form):
    speak_first = yes_no(_("Speak with me before the first class about my child's safety"))


class NoteForm(forms.Form):
    """The safety note in its four parts; all of them empty erases it."""

    may_happen = forms.CharField(label=_("What may happen"), help_text=_("For example: what it looks like, how often."))
    what_to_do = forms.CharField(label=_("What to do"), help_text=_("Step by step, as you would tell a neighbour."))
    medicine = forms.CharField(label=_("What the child carries, and where"))
    whom_to_call = forms.CharField(label=_("Whom to call, and when"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in PARTS:
            self.fields[name].required = False
            self.fields[name].max_length = 1000
            self.fields[name].validators.append(MaxLengthValidator(1000))
            self.fields[name].widget = forms.Textarea(attrs={"rows": 3, "dir": "auto", "autocomplete": "off"})


class ChildrenField(forms.ModelMultipleChoiceField):
    """Django asks the database for whatever number was typed; one longer than any key is no choice."""

    def _check_values(self, value):
        if any(len(str(key)) > 18 for key in value):
            raise ValidationError(_("Choose among your own children."), code="invalid_choice")
        return super()._check_values(value)


class InviteForm(forms.Form):
    """Another adult of one's children: which of them, who this is, with what rights."""

    children = ChildrenField(
        label=_("For which children"), queryset=Child.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one child.")},
    )  # fmt: skip
    relation = forms.ChoiceField(
        label=_("Who this is for the child"), choices=Guardianship.Relation.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Say who this is for the child.")},
    )  # fmt: skip
    rights = forms.ChoiceField(
        label=_("What this person may do"), choices=Guardianship.Rights.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Say what this person may do.")},
    )  # fmt: skip
    email = forms.EmailField(
        label=_("Their e-mail address"), required=False, max_length=254,
        help_text=_("With an address, the link works only for the account with this address."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args, children, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["children"].queryset = children
        self.fields["children"].label_from_instance = lambda child: child.first_name
