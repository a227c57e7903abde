"""The account page of the CMS: preferences and portrait.

Wagtail's own demands a first and a last name, which accounts here do not have: it could never be saved.
Name, phone and language of emails are on the person's account page, outside the CMS.
"""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.admin.views.account import (
    AccountView,
    AvatarSettingsPanel,
    BaseSettingsPanel,
    NameEmailSettingsPanel,
)

from home.files.fields import PhotoField

LONGEST = 400  # pixels of the longer side


class PortraitForm(AvatarPreferencesForm):
    avatar = PhotoField(
        label=_("Profile picture"), required=False, longest=LONGEST, widget=forms.ClearableFileInput
    )

    class Meta(AvatarPreferencesForm.Meta):
        pass

    def clean_avatar(self) -> Any:
        """Return the photo the field has written, the one that was there, or False to remove it."""
        return self.cleaned_data["avatar"]


class PortraitPanel(AvatarSettingsPanel):
    form_class = PortraitForm
    template_name = (
        "wagtailadmin/account/settings_panels/base.html"  # Wagtail's for portraits shows no errors
    )


class CMSAccountView(AccountView):
    """Wagtail's page without the panel of the name, and with our judge of portraits."""

    def get_panels(self) -> list[BaseSettingsPanel]:
        panels = [panel for panel in super().get_panels() if not isinstance(panel, NameEmailSettingsPanel)]
        return [
            PortraitPanel(panel.request, panel.user, panel.profile)
            if isinstance(panel, AvatarSettingsPanel)
            else panel
            for panel in panels
        ]

    def get_menu_items(self) -> list[dict[str, Any]]:
        own = {
            "url": reverse("account_details"),
            "label": _("Name, phone and language"),
            "help_text": _("Your account outside the CMS."),
        }
        return [*super().get_menu_items(), own]
