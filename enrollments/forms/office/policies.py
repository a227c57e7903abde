"""The texts a manager writes, and answers signed on paper."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enrollments.forms.fields import BirthDateField, yes_no
from enrollments.models import Guardianship
from home.language.dates import is_plain
from home.language.table import LANGUAGES


class PaperForm(forms.Form):
    """Form for a consent signed on paper: who, for which policy, the answer, the date."""

    guardian = forms.ModelChoiceField(
        label=_("Who signed"), queryset=None, widget=forms.RadioSelect, empty_label=None,
        error_messages={"required": _("Enter who signed."), "invalid_choice": _("Enter who signed.")},
    )  # fmt: skip
    version = forms.ModelChoiceField(
        label=_("Which text"), queryset=None, widget=forms.RadioSelect, empty_label=None,
        error_messages={"required": _("Choose which text."), "invalid_choice": _("Choose which text.")},
    )  # fmt: skip
    answer = yes_no(_("What the paper says"), error_messages={"required": _("Answer yes or no.")})
    by_child = yes_no(_("This is the child's own answer"), required=False, empty_value=False)
    signed_on = BirthDateField(label=_("Date on the paper"), help_text=_("For example, 27 3 2026."))

    def __init__(self, *args, child, versions, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["guardian"].queryset = Guardianship.objects.filter(child=child).select_related("guardian")
        self.fields["guardian"].label_from_instance = lambda tie: (
            f"{tie.guardian.name} ({tie.get_rights_display()})"
        )
        self.fields["version"].queryset = versions
        self.fields["version"].label_from_instance = lambda version: version.text().title

    def clean_signed_on(self):
        day = self.cleaned_data["signed_on"]
        if day > self.today or day.year < self.today.year - 20:
            raise ValidationError(_("Enter the date the paper was signed: today or earlier."), code="date")
        return day

    def clean(self):
        told = super().clean()
        tie = told.get("guardian")
        if tie and told.get("answer") and tie.rights != Guardianship.Rights.FULL:
            self.add_error(
                "answer", _("A guardian who is only kept informed can say no, but cannot say yes.")
            )
        return told


class PolicyForm(forms.Form):
    """Form for a policy version in three languages."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = {
            "fr": (_("Title (French)"), _("Text (French)")),
            "ar": (_("Title (Arabic)"), _("Text (Arabic)")),
            "en": (_("Title (English)"), _("Text (English)")),
        }
        for code, (title, body) in names.items():
            way = LANGUAGES[code].attrs
            self.fields[f"title_{code}"] = forms.CharField(
                label=title, max_length=150, widget=forms.TextInput(attrs=way)
            )
            self.fields[f"body_{code}"] = forms.CharField(
                label=body, max_length=20_000, widget=forms.Textarea(attrs=way | {"rows": 12})
            )

    def clean(self):
        told = super().clean()
        for name, text in list(told.items()):
            if not is_plain(text.replace("\r", "").replace("\n", " ")):
                self.add_error(name, _("Enter plain text, without hidden characters."))
        return told

    def texts(self) -> dict[str, dict[str, str]]:
        told = self.cleaned_data
        return {
            code: {"title": told[f"title_{code}"], "body": told[f"body_{code}"].replace("\r", "")}
            for code in ("fr", "ar", "en")
        }
