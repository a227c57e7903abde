"""Form to invite a colleague to a role."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from enrollments.forms.fields import plain_name, text_box
from enrollments.permissions import ROLES, role_label
from home.contact.addresses import AddressField


class TeamInviteForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, widget=text_box())
    email = AddressField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language of the email"), choices=settings.LANGUAGES, widget=forms.RadioSelect, initial="fr"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, role_label(role)) for role in ROLES]

    def clean_name(self):
        return plain_name(self.cleaned_data["name"])
