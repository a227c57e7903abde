"""What a visitor fills in on the contact page."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from home.contact.addresses import AddressField
from home.language.dates import is_plain


class ContactForm(forms.Form):
    """Name, email, message, and a honeypot field."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    email = AddressField(
        label=_("Your email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    message = forms.CharField(
        label=_("Your message"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"})
    )
    website = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )

    def clean_name(self):
        name = self.cleaned_data["name"]
        if not is_plain(name):
            raise ValidationError(_("Enter the name on one line."))
        return name

    @property
    def is_from_a_machine(self) -> bool:
        return bool(self.cleaned_data.get("website"))
