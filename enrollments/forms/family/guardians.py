"""Inviting another guardian."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enrollments.models import Child, Guardianship
from home.contact.addresses import AddressField


class ChildrenField(forms.ModelMultipleChoiceField):
    """Choice of children that refuses numbers too long for a key, which Django would pass to the database."""

    def _check_values(self, value):
        if any(len(str(key)) > 18 for key in value):
            raise ValidationError(_("Choose from your own children."), code="invalid_choice")
        return super()._check_values(value)


class InviteForm(forms.Form):
    """Form to invite another adult: for which children, their relationship and rights."""

    children = ChildrenField(
        label=_("For which children"), queryset=Child.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one child.")},
    )  # fmt: skip
    relation = forms.ChoiceField(
        label=_("Relationship to the child"), choices=Guardianship.Relation.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Enter this person's relationship to the child.")},
    )  # fmt: skip
    rights = forms.ChoiceField(
        label=_("What this person may do"), choices=Guardianship.Rights.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Choose what this person may do.")},
    )  # fmt: skip
    email = AddressField(
        label=_("Their email address"),
        required=False,
        max_length=254,
        help_text=_("If you enter an address, the link only works for the account with this address."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )

    def __init__(self, *args, children, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["children"].queryset = children
        self.fields["children"].label_from_instance = lambda child: child.first_name
