"""Forms to register a family at the front desk: the guardian, then a child."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from enrollments.forms.children import ChildForm
from enrollments.forms.fields import BirthDateField, number_field, plain_name, relation_field, text_box
from enrollments.models import Barring, Child, Guardianship
from home.contact.addresses import AddressField
from home.language.choices import InAlphabet


class ContactForm(forms.Form):
    """Form for a person's name and contact details."""

    name = forms.CharField(label=_("Guardian's name"), max_length=150, widget=text_box())
    phone = number_field(label=_("Mobile phone"))
    language = forms.ChoiceField(
        label=_("Language of messages and calls"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        initial="fr",
    )

    def clean_name(self):
        return plain_name(self.cleaned_data["name"])


class FamilyForm(ContactForm):
    """Form for a guardian at the front desk or on the phone; no address is required."""

    email = AddressField(
        label=_("Email address"),
        required=False,
        max_length=254,
        help_text=_("If they have none, a printed card opens the account."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    field_order = ["name", "phone", "email", "language"]


class GuardianForm(FamilyForm):
    """Form for a further guardian, named by an existing one."""

    relation = relation_field(_("Relationship to the child"))
    rights = forms.ChoiceField(
        label=_("What this person may do"),
        choices=Guardianship.Rights.choices,
        widget=forms.RadioSelect,
        initial="informed",
    )
    field_order = ["name", "phone", "email", "language", "relation", "rights"]


class DeskChildForm(ChildForm):
    """Form for a child of the guardian whose file is open."""

    relation = relation_field(_("The guardian is"))

    class Meta(ChildForm.Meta):
        model = Child


class BirthDateForm(ChildForm):
    """Form to correct the date of birth, based on a document seen."""

    class Meta:
        model = Child
        fields = ["birth_date"]

    clean_first_name = clean_last_name = None


class BarredForm(forms.Form):
    """Form for a pick-up ban: who, and on which document."""

    guardian = forms.ModelChoiceField(
        label=_("A guardian with an account"),
        queryset=Guardianship.objects.none(),
        required=False,
        empty_label=_("none of these"),
    )
    name = forms.CharField(label=_("Name as it appears on the document"), max_length=150, widget=text_box())
    paper = forms.ChoiceField(
        label=_("Document you have seen"), choices=Barring.Paper.choices, widget=forms.RadioSelect
    )
    seen_on = BirthDateField(label=_("Date you saw it"), help_text=_("For example, 27 3 2026."))

    def __init__(self, *args, child, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["guardian"].iterator = InAlphabet
        self.fields["guardian"].queryset = Guardianship.objects.filter(child=child).select_related("guardian")
        self.fields["guardian"].label_from_instance = lambda tie: tie.guardian.name

    def clean_name(self):
        return plain_name(self.cleaned_data["name"])

    def clean_seen_on(self):
        seen_on = self.cleaned_data["seen_on"]
        if seen_on > self.today:
            raise forms.ValidationError(_("This date is in the future."), code="future")
        return seen_on
